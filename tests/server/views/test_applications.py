"""
The user's own applications.
"""

import re

import pytest
from django.db import connection
from django.test import Client

from django_trove.server import signals
from django_trove.server.models import Application, RequestToken
from django_trove.server.views.applications import MAX_APPLICATIONS

from ..conftest import CALLBACK
from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

OWN_APPLICATIONS = "/applications/own/"
REGISTER = "/applications/own/register/"
FORM = {"name": "Slides", "contact": "ada@site.example", "callbacks": CALLBACK}


@pytest.fixture
def own(make_application, person):
    return make_application("Slides", owner=person)


@pytest.fixture
def bob(make_person):
    bob = Client()
    bob.force_login(make_person("bob"))
    return bob


def url_of(application, action=""):
    return f"{OWN_APPLICATIONS}{application.pk}/{action}"


def get_secret(page):
    return re.search(r'<code id="secret">(\w{32})</code>', page.content.decode())[1]


def test_an_application_is_registered_and_can_sign_at_once(browser, person):
    page = browser.post(REGISTER, FORM | {"allow_oob": "on"}, secure=True)
    application = Application.objects.get()
    assert (application.owner, application.name, application.contact) == (
        person,
        "Slides",
        "ada@site.example",
    )
    assert (application.callbacks, application.allow_oob) == ([CALLBACK], True)
    assert application.key in page.content.decode()
    assert get_secret(page) == application.secret
    response = Caller(application).get(
        "/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK
    )
    assert response.status_code == 200


def test_a_secret_is_shown_once_and_not_stored(browser):
    """
    Not in a cache, the session or another page.
    """
    page = browser.post(REGISTER, FORM, secure=True)
    secret, application = get_secret(page), Application.objects.get()
    assert page["Cache-Control"] == "no-store, private"
    assert secret not in str(dict(browser.session))
    for path in (OWN_APPLICATIONS, url_of(application), "/applications/"):
        assert secret not in browser.get(path, secure=True).content.decode()


def test_callbacks_are_one_per_line_without_duplicates(browser):
    other = "http://127.0.0.1/back"
    lines = f"\r\n {CALLBACK} \r\n\r\n{other}\r\n{CALLBACK}"
    browser.post(REGISTER, FORM | {"callbacks": lines}, secure=True)
    assert Application.objects.get().callbacks == [CALLBACK, other]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"name": " "}, "required"),
        ({"name": "x" * 101}, "at most 100"),
        (
            {"callbacks": f"{CALLBACK}\nhttp://site.example/"},
            "http://site.example/: Enter an https URL",
        ),
        ({"callbacks": "javascript:alert(1)"}, "Enter an absolute URL"),
        ({"callbacks": ""}, "Enter at least one callback"),
        ({"callbacks": f"{CALLBACK}?{'x' * 8000}"}, "at most 8000"),
    ],
)
def test_an_invalid_form_shows_the_error_and_the_entered_data(browser, form, error):
    page = browser.post(REGISTER, FORM | form, secure=True)
    assert page.status_code == 400
    assert error in page.content.decode()
    assert 'value="ada@site.example"' in page.content.decode()
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Slides", "flickr", "照片"])
def test_names_are_escaped(browser, own, name):
    page = browser.post(REGISTER, FORM | {"name": name}, secure=True)
    assert page.status_code == 200
    assert "<script" not in page.content.decode()
    assert "<script" not in browser.get(OWN_APPLICATIONS, secure=True).content.decode()


def test_a_user_has_at_most_twenty_applications(browser, make_application, person):
    for number in range(MAX_APPLICATIONS):
        make_application(f"Slides {number}", owner=person)
    page = browser.post(REGISTER, FORM, secure=True)
    assert (page.status_code, Application.objects.count()) == (400, MAX_APPLICATIONS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no row locks")
def test_concurrent_registrations_respect_the_limit(person, make_application, race):
    for number in range(MAX_APPLICATIONS - 1):
        make_application(f"Slides {number}", owner=person)

    def post():
        browser = Client()
        browser.force_login(person)
        return browser.post(REGISTER, FORM, secure=True).status_code

    assert sorted(race(post, times=4)) == [200, 400, 400, 400]
    assert Application.objects.count() == MAX_APPLICATIONS


@pytest.mark.parametrize(
    ("registration", "status"),
    [
        (("anyone", False), 200),
        (("staff", False), 403),
        (("staff", True), 200),
        (("nobody", True), 403),
        (("misspelled", True), 403),
    ],
)
def test_the_setting_restricts_registration(browser, person, settings, registration, status):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "REGISTRATION": registration[0]}
    person.is_staff = registration[1]
    person.save()
    assert (REGISTER.encode() in browser.get(OWN_APPLICATIONS, secure=True).content) is (
        status == 200
    )
    assert browser.get(REGISTER, secure=True).status_code == status
    assert browser.post(REGISTER, FORM, secure=True).status_code == status
    assert Application.objects.exists() is (status == 200)


def test_editing_keeps_the_key_and_secret(browser, own):
    key, secret, slug = own.key, own.secret, own.slug
    assert CALLBACK in browser.get(url_of(own), secure=True).content.decode()
    changed = {"name": "Pictures", "contact": "", "callbacks": "https://new.example/"}
    assert browser.post(url_of(own), changed, secure=True).url == OWN_APPLICATIONS
    own.refresh_from_db()
    assert (own.name, own.callbacks) == ("Pictures", ["https://new.example/"])
    assert (own.key, own.secret, own.slug) == (key, secret, slug)


@pytest.mark.parametrize(
    ("change", "verified"),
    [({"callbacks": "https://new.example/"}, True), ({"name": "Your bank"}, False)],
)
def test_a_new_name_resets_the_verification(browser, make_application, person, change, verified):
    own = make_application("Slides", contact=FORM["contact"], owner=person, verified=True)
    browser.post(url_of(own), FORM | change, secure=True)
    own.refresh_from_db()
    assert own.verified is verified


def test_the_owner_cannot_change_fields_of_the_admin(browser, own):
    forged = FORM | {"verified": "on", "allow_oauth10": "on", "owner": "", "key": "x"}
    browser.post(url_of(own), forged, secure=True)
    Application.objects.filter(pk=own.pk).update(active=False)
    browser.post(url_of(own), forged | {"active": "on"}, secure=True)
    after = Application.objects.get()
    assert (after.verified, after.allow_oauth10, after.active) == (False, False, False)
    assert (after.owner_id, after.key) == (own.owner_id, own.key)


def test_a_new_secret_is_shown_once_and_the_old_one_remains_valid(browser, own):
    old = own.secret
    page = browser.post(url_of(own, "rotate-secret/"), secure=True)
    own.refresh_from_db()
    assert get_secret(page) == own.secret != old
    assert own.previous_secret == old
    assert page["Cache-Control"] == "no-store, private"
    assert own.secret not in browser.get(url_of(own), secure=True).content.decode()


def test_two_new_secrets_invalidate_a_disclosed_one(browser, own):
    for status in (200, 401):
        browser.post(url_of(own, "rotate-secret/"), secure=True)
        response = Caller(own).get("/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK)
        assert response.status_code == status


def test_all_tokens_of_one_application_are_revoked(
    browser, own, make_application, make_token, django_capture_on_commit_callbacks
):
    received = []

    def receiver(sender, **kwargs):
        received.append((kwargs["user"].username, kwargs["application"].name))

    signals.application_revoked.connect(receiver)
    token, second = make_token(to=own), make_token(to=own)
    other = make_token(to=make_application("Other"))
    Caller(own).get("/v1/oauth/request_token/?scope=photos", callback_uri=CALLBACK)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url_of(own, "revoke-all/"), secure=True).url == OWN_APPLICATIONS
    assert Caller(own, token).get("/v1/oauth/photos/").status_code == 401
    assert Caller(own, second).get("/v1/oauth/photos/").status_code == 401
    assert Caller(other.application, other).get("/v1/oauth/photos/").status_code == 200
    assert not RequestToken.objects.exists()
    assert received == [("ada", "Slides")]


@pytest.mark.parametrize("action", ["", "rotate-secret/", "revoke-all/"])
def test_another_users_application_is_not_found(bob, own, make_token, action):
    token, before = make_token(to=own), Application.objects.values().get(pk=own.pk)
    assert bob.post(url_of(own, action), FORM, secure=True).status_code == 404
    assert bob.get(url_of(own), secure=True).status_code == 404
    assert own.key not in bob.get(OWN_APPLICATIONS, secure=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Application.objects.values().get(pk=own.pk) == before


def test_an_application_without_an_owner_is_not_found(browser, make_application):
    assert browser.get(url_of(make_application()), secure=True).status_code == 404


@pytest.mark.parametrize("action", ["register/", "{}/", "{}/rotate-secret/", "{}/revoke-all/"])
def test_csrf_protection(person, own, make_token, action):
    token, before = make_token(to=own), Application.objects.values().get(pk=own.pk)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    form = FORM | {"name": "Forged"}
    assert (
        strict.post(OWN_APPLICATIONS + action.format(own.pk), form, secure=True).status_code == 403
    )
    token.refresh_from_db()
    assert token.revoked_at is None
    assert Application.objects.values().get(owner=person) == before


@pytest.mark.parametrize("action", ["rotate-secret/", "revoke-all/"])
def test_get_is_not_allowed(browser, own, action):
    assert browser.get(url_of(own, action), secure=True).status_code == 405


@pytest.mark.parametrize("action", ["", "register/", "1/"])
def test_sign_in_is_required(db, action):
    path = OWN_APPLICATIONS + action
    assert Client().get(path, secure=True).url == f"/identity/login?next={path}"
