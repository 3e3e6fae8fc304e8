"""
The page "Your account".
"""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PATH = "/identity/account/"


@pytest.fixture
def ada(make_person):
    return make_person("ada", email="ada@site.example", first_name="Ada")


@pytest.fixture
def save(ada):
    client = Client(REMOTE_ADDR="203.0.114.7")
    client.force_login(ada)

    def save(**fields):
        form = {"first_name": "Ada", "last_name": "", "email": "ada@site.example", **fields}
        response = client.post(PATH, form, secure=True)
        ada.refresh_from_db()
        return response

    return save


def test_user_changes_the_name_without_password(save, ada):
    assert save(first_name="Augusta", last_name="King").url == PATH
    assert ada.get_full_name() == "Augusta King"


@pytest.mark.parametrize("password", ["", "wrong"])
def test_change_of_email_requires_the_password(save, ada, password):
    page = save(email="ada@other.example", current_password=password)
    assert b"This is not your current password." in page.content
    assert ada.email == "ada@site.example"


@pytest.mark.parametrize("email", ["ada@other.example", ""])
def test_user_changes_or_removes_the_email(save, ada, email):
    save(email=email, current_password="pass-word")
    assert ada.email == email


def test_user_without_password_needs_none(save, ada):
    ada.set_unusable_password()
    ada.save()
    client = Client()
    client.force_login(ada)
    page = client.get(PATH, secure=True).content.decode()
    assert "current_password" not in page
    assert "Change your password" not in page
    form = {"first_name": "", "last_name": "", "email": "ada@other.example"}
    client.post(PATH, form, secure=True)
    ada.refresh_from_db()
    assert ada.email == "ada@other.example"


def test_invalid_email_is_not_displayed_as_the_name(save):
    page = save(email="no address", current_password="pass-word", first_name="Mallory")
    assert b"Enter a valid email address." in page.content


def test_only_fields_of_the_form_are_changed(save, ada):
    save(username="root", is_staff="on", is_superuser="on", password="x")
    assert (ada.username, ada.is_staff, ada.check_password("pass-word")) == ("ada", False, True)


def test_guesses_of_the_password_are_limited(save, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"sign_in": "2/d"}}
    form = {"email": "ada@other.example", "current_password": "wrong"}
    assert [save(**form).status_code for _ in range(3)] == [200, 200, 429]


def test_visitor_is_sent_to_the_sign_in():
    assert Client().get(PATH, secure=True).url == f"/identity/login?next={PATH}"
