"""
Emails about the connection (`TROVE["EMAILS"]`).
"""

from __future__ import annotations

import logging
import socket
import time

import pytest
from django.conf import settings as project
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from django_trove.backends.remote import disconnect
from django_trove.client import TroveError
from django_trove.connect.emails import EVENTS
from django_trove.core import mail as core_mail
from django_trove.core.database import atomic
from django_trove.models import TroveAccount
from django_trove.services import Trove

from ...mailers import mail_server, set_mailer

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT, CONNECT = reverse("django_trove:account"), reverse("django_trove:connect")
DISCONNECT = reverse("django_trove:disconnect")
LINK = f"http://testserver{ACCOUNT}"


@pytest.fixture(autouse=True)
def _all_emails(settings, fake_server):
    settings.TROVE = settings.TROVE | {"EMAILS": EVENTS}


@pytest.fixture
def user(user):
    setattr(user, user.get_email_field_name(), "ann@site.example")
    user.save()
    return user


def connect(browser, fake_server):
    callback = fake_server.allow(browser.post(CONNECT).url)
    return fake_server.follow_callback(browser, callback)


def test_no_emails_by_default(browser, fake_server, settings, mailoutbox):
    settings.TROVE = {name: value for name, value in settings.TROVE.items() if name != "EMAILS"}
    connect(browser, fake_server)
    assert TroveAccount.objects.exists()
    assert mailoutbox == []


def test_user_is_informed_of_each_connection(browser, fake_server, mailoutbox):
    for _ in range(2):
        connect(browser, fake_server)
    assert [message.subject for message in mailoutbox] == ["Your Trove is connected"] * 2
    message = mailoutbox[0]
    assert message.to == ["ann@site.example"]
    assert "The Trove of Ann at the Trove was connected to your account at testserver" in (
        message.body
    )
    assert f"\n{LINK}\n" in message.body


def test_user_is_informed_of_the_disconnection_once(account, browser, mailoutbox):
    for _ in range(2):
        browser.post(DISCONNECT)
    (message,) = mailoutbox
    assert message.subject == "Your Trove is no longer connected"
    assert f"\n{LINK}\n" in message.body


def test_user_is_informed_once_that_reconnecting_is_required(
    account, user, fake_server, mailoutbox, settings
):
    settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://site.example"}
    fake_server.revoke()
    for _ in range(3):
        with pytest.raises(TroveError):
            Trove(user).photos()
    (message,) = mailoutbox
    assert message.subject == "Reconnect your Trove"
    assert f"\nhttps://site.example{ACCOUNT}\n" in message.body


def test_without_a_request_or_base_url_there_is_no_link(account, user, fake_server, mailoutbox):
    Trove(user).disconnect()
    assert "://" not in mailoutbox[0].body


def test_emails_contain_no_secrets(account, user, browser, fake_server, mailoutbox):
    secrets = (account.token.key, account.token.secret, "app-secret", "verifier")
    connect(browser, fake_server)
    account = TroveAccount.objects.get()
    secrets += (account.token.key, account.token.secret)
    fake_server.revoke()
    with pytest.raises(TroveError):
        Trove(user).photos()
    browser.post(DISCONNECT)
    text = "".join(message.message().as_string() for message in mailoutbox)
    assert len(mailoutbox) == 3
    assert [secret for secret in secrets if secret in text] == []


def test_nothing_is_sent_after_a_rollback(account, user, mailoutbox):
    with atomic(TroveAccount):
        Trove(user).disconnect()
        transaction.set_rollback(True)
    assert mailoutbox == []
    Trove(user).disconnect()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_some_users_receive_no_email(account, user, mailoutbox, change):
    for name, value in change.items():
        setattr(user, name, value)
    user.save()
    account.refresh_from_db()
    disconnect(account)
    assert mailoutbox == []


def test_language_is_that_of_the_users_own_page(account, user, browser, mailoutbox):
    with translation.override("de"):
        browser.post(DISCONNECT)
    assert mailoutbox[0].body.startswith("Hallo")


def test_language_for_another_users_page_is_that_of_the_project(account, user, mailoutbox):
    assert project.LANGUAGE_CODE == "en-us"
    with translation.override("de"):
        Trove(user).disconnect()
    assert mailoutbox[0].body.startswith("Hello")


def test_templates_can_be_overridden(account, browser, mailoutbox, settings, tmp_path):
    folder = tmp_path / "django_trove" / "email"
    folder.mkdir(parents=True)
    (folder / "disconnected_subject.txt").write_text("Photos\nof {{ user.get_username }}\n")
    (folder / "disconnected_message.txt").write_text("Go: {{ link }}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    browser.post(DISCONNECT)
    assert (mailoutbox[0].subject, mailoutbox[0].body) == ("Photos of ann", f"Go: {LINK}")


def test_broken_template_does_not_fail_the_page(account, browser, mailoutbox, settings, tmp_path):
    folder = tmp_path / "django_trove" / "email"
    folder.mkdir(parents=True)
    (folder / "disconnected_message.txt").write_text("{% nonsense %}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    assert browser.post(DISCONNECT).status_code == 302
    assert mailoutbox == []


def test_a_real_mail_server_receives_the_email(account, browser, settings):
    with mail_server() as (port, mailbox):
        set_mailer(settings, port)
        browser.post(DISCONNECT)
        wait_until(lambda: mailbox.messages)
    assert mailbox.recipients == ["ann@site.example"]
    assert LINK in mailbox.messages[0].get_content()


def test_unavailable_mail_server_does_not_fail_the_page(account, browser, settings, caplog):
    set_mailer(settings, 1)
    assert browser.post(DISCONNECT).status_code == 302
    assert "An email could not be sent: ConnectionRefusedError" in caplog.text
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_hanging_mail_server_does_not_delay_the_page(
    account, browser, settings, monkeypatch, caplog
):
    """
    The server accepts connections, and sends nothing. Further emails are discarded while the
    maximum number waits.
    """
    monkeypatch.setattr(core_mail, "MAX_WAIT_SECONDS", 0.3)
    monkeypatch.setattr(core_mail, "TIMEOUT_SECONDS", 2)
    monkeypatch.setattr(core_mail, "_slots", core_mail.threading.BoundedSemaphore(1))
    with socket.create_server(("127.0.0.1", 0)) as server:
        set_mailer(settings, server.getsockname()[1])
        started = time.monotonic()
        assert browser.post(DISCONNECT).status_code == 302
        assert time.monotonic() - started < 1.5
        core_mail.send_in_background(core_mail.mail.EmailMessage("s", "b", None, ["a@b.example"]))
        assert "An email was discarded" in caplog.text
        wait_until(lambda: "An email could not be sent" in caplog.text)


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_disconnection_by_the_operator_informs_the_user(account, user, make_user, mailoutbox):
    operator = make_user("operator", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(operator)
    url = reverse("admin:django_trove_troveaccount_delete", args=[account.pk])
    client.post(url, {"post": "yes"})
    assert [message.to for message in mailoutbox] == [["ann@site.example"]]
