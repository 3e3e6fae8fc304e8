"""
The page on which users confirm the account before it is saved.
"""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from django_trove.core import oauth_state
from django_trove.models import TroveAccount

pytestmark = pytest.mark.django_db

ACCOUNT, CONNECT = reverse("django_trove:account"), reverse("django_trove:connect")
ADA = {"id": "7", "service": "flickr", "name": "ada"}


@pytest.fixture
def handle_callback(browser, fake_server):
    """
    Authorize the site and return its response to the callback.
    """

    def go(next="", client=browser):
        return client.get(fake_server.allow(client.post(CONNECT, {"next": next}).url))

    return go


@pytest.fixture
def ada(fake_server):
    fake_server.name, fake_server.identities = "Ada Lovelace", [ADA]


def get_error(response):
    return response.context["error"].code, response.status_code


def submit_answer(browser, confirmation, answer):
    return browser.post(confirmation.url, {"answer": answer})


def get_text(response):
    return " ".join(response.content.decode().split())


class TestConfirmationPage:
    def test_shows_name_and_services(self, browser, handle_callback, ada):
        page = browser.get(handle_callback().url)
        assert "You authorized the Trove of <strong>Ada Lovelace</strong>." in get_text(page)
        assert "Accounts: Flickr" in get_text(page)
        assert page.headers["Cache-Control"].count("no-store") == 1

    def test_get_saves_nothing(self, browser, handle_callback):
        confirmation = handle_callback()
        for _ in range(2):
            assert browser.get(confirmation.url).status_code == 200
        browser.post(confirmation.url)
        browser.post(confirmation.url, {"answer": "perhaps"})
        assert not TroveAccount.objects.exists()

    def test_page_without_name(self, browser, handle_callback, fake_server):
        fake_server.path_errors["/v1/oauth/user/"] = (403, {}, b"")
        assert "did not return the name of its user" in get_text(browser.get(handle_callback().url))

    def test_name_is_escaped(self, browser, handle_callback, fake_server):
        fake_server.name = "<script>alert(1)</script>"
        assert "<script" not in get_text(browser.get(handle_callback().url))

    def test_confirmation_can_be_disabled(self, handle_callback, settings):
        settings.TROVE = settings.TROVE | {"CONFIRM_ACCOUNT": False}
        assert handle_callback("/gallery/").url == "/gallery/"
        assert TroveAccount.objects.exists()


class TestConfirm:
    def test_saves_account_and_redirects(self, browser, handle_callback, ada, user, sent_signals):
        response = submit_answer(browser, handle_callback("/gallery/"), "confirm")
        account = TroveAccount.objects.get()
        assert (response.url, account.user, account.name) == ("/gallery/", user, "Ada Lovelace")
        assert account.identities == [["flickr", "7"]]

    def test_works_once(self, browser, handle_callback):
        confirmation = handle_callback()
        submit_answer(browser, confirmation, "confirm")
        TroveAccount.objects.all().delete()
        assert get_error(submit_answer(browser, confirmation, "confirm")) == ("used", 400)
        assert not TroveAccount.objects.exists()

    def test_requires_csrf_token(self, user, fake_server):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(user)
        browser.get(ACCOUNT)
        token = browser.cookies["csrftoken"].value
        authorize_url = browser.post(CONNECT, {"csrfmiddlewaretoken": token}).url
        confirmation = browser.get(fake_server.allow(authorize_url))
        assert submit_answer(browser, confirmation, "confirm").status_code == 403
        assert not TroveAccount.objects.exists()

    def test_expires_after_ten_minutes(self, browser, handle_callback, move_clock):
        confirmation = handle_callback()
        move_clock(oauth_state, 601)
        assert get_error(browser.get(confirmation.url)) == ("expired", 400)
        assert get_error(submit_answer(browser, confirmation, "confirm")) == ("expired", 400)
        assert not TroveAccount.objects.exists()

    def test_unknown_in_another_browser(self, handle_callback, make_user):
        confirmation, other = handle_callback(), Client()
        other.force_login(make_user("bob"))
        assert get_error(submit_answer(other, confirmation, "confirm")) == ("unknown", 400)
        assert not TroveAccount.objects.exists()

    def test_unknown_to_another_user_of_the_browser(self, browser, handle_callback, make_user):
        confirmation = handle_callback("/private/")
        browser.force_login(make_user("bob"))
        for response in (
            browser.get(confirmation.url),
            submit_answer(browser, confirmation, "confirm"),
        ):
            assert get_error(response) == ("other-user", 403)
            assert b"/private/" not in response.content
        assert not TroveAccount.objects.exists()

    def test_grant_connected_by_another_user_is_rejected(
        self, browser, handle_callback, make_account, make_user, fake_server
    ):
        fake_server.next_token = "same"
        grant = fake_server.grant("same")
        confirmation = handle_callback()
        make_account(*grant, user=make_user("bob"))
        assert get_error(submit_answer(browser, confirmation, "confirm")) == ("in-use", 403)
        assert TroveAccount.objects.get().user.get_username() == "bob"


class TestReject:
    def test_deletes_token_and_offers_restart(self, browser, handle_callback, fake_server):
        confirmation = handle_callback()
        response = submit_answer(browser, confirmation, "reject")
        assert get_error(response) == ("not-my-account", 200)
        assert f'href="{fake_server.url}"' in get_text(response)
        assert f'action="{CONNECT}"' in get_text(response)
        assert not TroveAccount.objects.exists()
        assert get_error(submit_answer(browser, confirmation, "confirm")) == ("used", 400)

    def test_keeps_existing_account(self, browser, handle_callback, account, ada):
        before = TroveAccount.objects.values().get()
        submit_answer(browser, handle_callback(), "not-my-account")
        assert TroveAccount.objects.values().get() == before


class TestReconnecting:
    def test_same_account_needs_no_confirmation(self, browser, handle_callback, ada):
        submit_answer(browser, handle_callback(), "confirm")
        first = TroveAccount.objects.get()
        assert handle_callback("/gallery/").url == "/gallery/"
        again = TroveAccount.objects.get()
        assert (again.pk, again.fingerprint == first.fingerprint) == (first.pk, False)

    def test_same_account_with_new_service_needs_no_confirmation(
        self, browser, handle_callback, ada, fake_server
    ):
        submit_answer(browser, handle_callback(), "confirm")
        fake_server.identities = [ADA, ADA | {"service": "smugmug"}]
        assert handle_callback("/gallery/").url == "/gallery/"

    @pytest.mark.parametrize(
        "person",
        [
            ("Grace", [ADA]),
            ("Ada Lovelace", []),
            ("Ada Lovelace", [ADA | {"id": "8"}]),
            ("", [ADA]),
        ],
    )
    def test_other_account_needs_confirmation(
        self, browser, handle_callback, ada, fake_server, person
    ):
        submit_answer(browser, handle_callback(), "confirm")
        before = TroveAccount.objects.values().get()
        fake_server.name, fake_server.identities = person
        confirmation = handle_callback("/gallery/")
        assert "The Trove of <strong>Ada Lovelace</strong> is currently connected" in get_text(
            browser.get(confirmation.url)
        )
        assert TroveAccount.objects.values().get() == before
        submit_answer(browser, confirmation, "confirm")
        assert TroveAccount.objects.get().pk == before["id"]

    def test_foreign_keys_to_account_remain(self, browser, handle_callback, ada, fake_server):
        """
        Reconnection updates the row.
        """
        submit_answer(browser, handle_callback(), "confirm")
        account = TroveAccount.objects.get()
        fake_server.revoke()
        browser.get(ACCOUNT)
        account.refresh_from_db()
        assert account.needs_reconnect
        handle_callback()
        found = TroveAccount.objects.get()
        assert (found.pk, found.health, found.reason) == (account.pk, "connected", "")


def test_pending_grant_is_encrypted(browser, handle_callback, ada, fake_server):
    """
    The URL of the page and the session have no data of the grant, either.
    """
    fake_server.next_token = "canary-access-key"
    fake_server.grant("canary-access-key", "canary-access-secret")
    confirmation = handle_callback()
    sessions = [session.get_decoded() for session in Session.objects.all()]
    stored = f"{sessions} {confirmation.url} {browser.cookies}"
    for secret in ("canary", "Lovelace"):
        assert secret not in stored


def test_two_pending_grants_are_independent(browser, handle_callback, ada, fake_server):
    first = handle_callback("/one/")
    fake_server.name = "Grace"
    second = handle_callback("/two/")
    assert "Ada" in get_text(browser.get(first.url))
    assert "Grace" in get_text(browser.get(second.url))
    assert submit_answer(browser, second, "confirm").url == "/two/"
    assert submit_answer(browser, first, "confirm").url == "/one/"
    assert TroveAccount.objects.get().name == "Ada Lovelace"
