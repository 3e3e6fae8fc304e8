"""
Reset of a forgotten password, and change of a password.
"""

import logging
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from django.views.debug import ExceptionReporter
from django_tasks_db.models import DBTaskResult

from ...mailers import SMTP_BACKEND, set_mailer

pytestmark = pytest.mark.django_db(transaction=True)

RESET, SENT = "/identity/password/reset/", "/identity/password/reset/sent/"
CHANGE, LOGIN = "/identity/password/", "/identity/login"
NEW = {"new_password1": "a long pass-word", "new_password2": "a long pass-word"}
HERE, THERE = "203.0.114.7", "203.0.114.8"


@pytest.fixture(autouse=True)
def _by_email(settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "PASSWORD_RESET": "email", "NAME": "Attic"}


@pytest.fixture
def ada(make_person):
    return make_person("ada", email="Ada@site.example")


def request_link(email, address=HERE):
    response = Client(REMOTE_ADDR=address).post(RESET, {"email": email}, secure=True)
    wait_for_threads()
    return response


def wait_for_threads():
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join(20)


def find_link():
    return re.search(r"https://\S+", mail.outbox[-1].body)[0].removeprefix("https://trove.example")


def sign_in(password, name="ada"):
    form = {"username": name, "password": password}
    return Client().post(LOGIN, form, secure=True).status_code == 302


def test_login_page_links_to_the_reset():
    assert f'href="{RESET}"' in Client().get(LOGIN, secure=True).content.decode()
    assert Client().get(RESET, secure=True).status_code == 200


def test_user_sets_new_password_with_a_link_that_works_once(ada):
    assert request_link("ADA@site.example").url == SENT
    (message,) = mail.outbox
    assert message.to == ["Ada@site.example"]
    assert message.subject == "Set a new password for Attic"
    assert message.body.startswith("Hello ada,")
    link, browser = find_link(), Client()
    redirect = browser.get(link, secure=True)
    assert redirect.url == urlsplit(link).path
    assert "new_password1" in browser.get(redirect.url, secure=True).content.decode()
    done = browser.post(redirect.url, NEW, secure=True)
    assert done.url == LOGIN
    assert "Your password was changed" in browser.get(LOGIN, secure=True).content.decode()
    assert (sign_in("pass-word"), sign_in(NEW["new_password1"])) == (False, True)
    assert "invalid" in Client().get(link, secure=True).content.decode()


def test_new_password_is_validated(ada, settings):
    request_link("ada@site.example")
    browser = Client()
    path = browser.get(find_link(), secure=True).url
    page = browser.post(path, {**NEW, "new_password2": "another"}, secure=True)
    assert b"match" in page.content
    assert sign_in("pass-word")


@pytest.mark.parametrize("link", ["MQ/?token=x", "MQ/", "%00/?token=x", "x/?token=x-y"])
def test_invalid_link_is_explained(ada, link):
    page = Client().get(f"/identity/password/new/{link}", secure=True)
    assert page.status_code == 200
    assert b"This link is invalid" in page.content
    posted = Client().post(f"/identity/password/new/{link}", NEW, secure=True)
    assert b"This link is invalid" in posted.content
    assert sign_in("pass-word")


def test_link_is_invalid_after_the_address_changes(ada):
    request_link("ada@site.example")
    ada.email = "ada@other.example"
    ada.save()
    assert b"This link is invalid" in Client().get(find_link(), secure=True).content


def test_response_does_not_depend_on_whether_the_user_exists(ada):
    pages = []
    for address in ("ada@site.example", "nobody@site.example"):
        client = Client()
        pages.append(client.post(RESET, {"email": address}, secure=True, follow=True))
        wait_for_threads()
    known, unknown = pages
    assert known.redirect_chain == unknown.redirect_chain
    assert known.content == unknown.content
    assert len(mail.outbox) == 1


def test_the_response_does_not_wait_for_the_mail_server(ada, settings):
    """
    The mail server accepts connections, and sends nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        set_mailer(settings, server.getsockname()[1])
        started = time.monotonic()
        assert Client().post(RESET, {"email": "ada@site.example"}, secure=True).url == SENT
        assert time.monotonic() - started < 2
        connection, _ = server.accept()
        connection.close()
    wait_for_threads()


def test_a_worker_sends_the_link(ada, settings):
    """
    The queue contains no token.
    """
    backend = {"BACKEND": "django_tasks_db.DatabaseBackend"}
    settings.TASKS = {"default": backend}
    request_link("ada@site.example")
    assert mail.outbox == []
    (result,) = DBTaskResult.objects.all()
    assert result.args_kwargs["args"] == ["ada@site.example", "https://trove.example", "en-us"]
    call_command("db_worker", batch=True, interval=0)
    assert find_link().startswith("/identity/password/new/")


@pytest.mark.parametrize(
    "address",
    ["ad\u0430@site.example", "ada@s\u0131te.example", "ada", "", "x" * 300 + "@site.example"],
)
def test_similar_or_invalid_address_is_sent_nothing(ada, address):
    request_link(address)
    assert mail.outbox == []


def test_user_without_password_or_inactive_is_sent_nothing(make_person):
    external = make_person("external", email="external@site.example")
    external.set_unusable_password()
    external.save()
    inactive = make_person("inactive", email="inactive@site.example")
    inactive.is_active = False
    inactive.save()
    for name in ("external", "inactive"):
        request_link(f"{name}@site.example")
    assert mail.outbox == []


def test_requests_are_limited_per_address_and_per_email(ada, settings):
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "RATE_LIMITS": {"password_reset_address": "3/d", "password_reset_email": "2/d"},
    }

    def attempt(email, address):
        return request_link(email, address).status_code

    hosts = (f"203.0.114.{number}" for number in range(10, 13))
    assert [attempt("ada@site.example", host) for host in hosts] == [302, 302, 429]
    statuses = [attempt(f"{name}@site.example", HERE) for name in "abcd"]
    assert statuses == [302, 302, 302, 429]
    assert len(mail.outbox) == 2


def test_without_email_the_page_names_the_command(settings, ada):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "PASSWORD_RESET": "operator"}
    for response in (Client().get(RESET, secure=True), request_link("ada@site.example")):
        assert response.status_code == 200
        assert b"changepassword" in response.content
        assert b'name="email"' not in response.content
    assert mail.outbox == []


def test_the_host_header_is_not_in_the_link(ada, settings):
    client = Client(headers={"host": "site.example"})
    client.post(RESET, {"email": "ada@site.example"}, secure=True)
    wait_for_threads()
    assert "https://trove.example/" in mail.outbox[0].body
    assert "site.example" not in mail.outbox[0].body


@pytest.mark.parametrize("backend", [SMTP_BACKEND, "missing.EmailBackend"])
def test_failing_mail_server_fails_no_page_and_logs_no_token(ada, settings, caplog, backend):
    set_mailer(settings, 1, backend)
    with caplog.at_level(logging.DEBUG):
        assert request_link("ada@site.example").status_code == 302
    assert "could not be sent" in caplog.text
    assert "token" not in caplog.text
    assert "ada@site" not in caplog.text


def test_error_report_of_a_link_contains_no_token(ada, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("broken")

    request_link("ada@site.example")
    link = find_link()
    monkeypatch.setattr("django.contrib.auth.views.PasswordResetConfirmView.get_user", fail)
    page = Client(raise_request_exception=False).get(link, secure=True)
    assert page.status_code == 500
    (record,) = (record for record in caplog.records if record.exc_info)
    report = ExceptionReporter(record.request, *record.exc_info, is_email=True)
    for text in (report.get_traceback_html(), report.get_traceback_text(), caplog.text):
        assert "broken" in text
        assert link.partition("=")[2] not in text


def test_email_has_the_language_of_the_page(ada):
    with translation.override("de"):
        request_link("ada@site.example")
    assert mail.outbox[0].body.startswith("Hallo ada")


def test_change_of_the_password(ada):
    browser, other = Client(), Client()
    for client in (browser, other):
        client.force_login(ada)
    form = {"old_password": "wrong", **NEW}
    assert (
        b"old password was entered incorrectly" in browser.post(CHANGE, form, secure=True).content
    )
    response = browser.post(CHANGE, {**form, "old_password": "pass-word"}, secure=True)
    assert response.url == "/identity/account/"
    assert "Your password was changed." in browser.get(response.url, secure=True).content.decode()
    assert other.get("/", secure=True).status_code == 302
    assert sign_in(NEW["new_password1"])


def test_guesses_of_the_old_password_count_as_attempts_to_sign_in(ada, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"sign_in": "2/d"}}
    browser = Client(REMOTE_ADDR=HERE)
    browser.force_login(ada)
    form = {"old_password": "wrong", **NEW}
    statuses = [browser.post(CHANGE, form, secure=True).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_visitor_cannot_change_a_password():
    assert Client().get(CHANGE, secure=True).url == f"{LOGIN}?next={CHANGE}"


def test_the_command_of_the_page_exists():
    with pytest.raises(Exception, match="does not exist"):
        call_command("changepassword", "nobody")
    assert not get_user_model().objects.exists()
