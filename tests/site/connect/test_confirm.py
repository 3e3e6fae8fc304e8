"""
Whose Trove came back: asked before anything is kept.
"""

from __future__ import annotations

import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from django_trove.connect.grants import SESSION_KEY
from django_trove.models import TroveAccount

pytestmark = pytest.mark.django_db

ACCOUNT, CONNECT = reverse("django_trove:account"), reverse("django_trove:connect")
ADA = {"id": "7", "service": "flickr", "name": "ada"}


@pytest.fixture
def came(browser, pretend):
    """
    Go to the Trove and back; what the site says to the callback.
    """

    def go(next="", client=browser):
        return client.get(pretend.allow(client.post(CONNECT, {"next": next}).url))

    return go


@pytest.fixture
def ada(pretend):
    pretend.name, pretend.identities = "Ada Lovelace", [ADA]


def problem(response):
    return response.context["error"].code, response.status_code


def answered(browser, asked, answer):
    return browser.post(asked.url, {"answer": answer})


def text(response):
    return " ".join(response.content.decode().split())


class TestConfirmationPage:
    def test_shows_name_and_services(self, browser, came, ada):
        page = browser.get(came().url)
        assert "You authorized the Trove of <strong>Ada Lovelace</strong>." in text(page)
        assert "Accounts: Flickr" in text(page)
        assert page.headers["Cache-Control"].count("no-store") == 1

    def test_get_saves_nothing(self, browser, came):
        asked = came()
        for _ in range(2):
            assert browser.get(asked.url).status_code == 200
        browser.post(asked.url)
        browser.post(asked.url, {"answer": "perhaps"})
        assert not TroveAccount.objects.exists()

    def test_page_without_name(self, browser, came, pretend):
        pretend.faults["/v1/oauth/user/"] = (403, {}, b"")
        assert "did not return the name of its user" in text(browser.get(came().url))

    def test_name_is_escaped(self, browser, came, pretend):
        pretend.name = "<script>alert(1)</script>"
        assert "<script" not in text(browser.get(came().url))

    def test_confirmation_can_be_disabled(self, came, settings):
        settings.TROVE = settings.TROVE | {"CONFIRM_ACCOUNT": False}
        assert came("/gallery/").url == "/gallery/"
        assert TroveAccount.objects.exists()


class TestConfirm:
    def test_saves_account_and_redirects(self, browser, came, ada, user, heard):
        response = answered(browser, came("/gallery/"), "confirm")
        account = TroveAccount.objects.get()
        assert (response.url, account.user, account.name) == ("/gallery/", user, "Ada Lovelace")
        assert account.identities == [["flickr", "7"]]

    def test_works_once(self, browser, came):
        asked = came()
        answered(browser, asked, "confirm")
        TroveAccount.objects.all().delete()
        assert problem(answered(browser, asked, "confirm")) == ("used", 400)
        assert not TroveAccount.objects.exists()

    def test_requires_csrf_token(self, user, pretend):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(user)
        browser.get(ACCOUNT)
        token = browser.cookies["csrftoken"].value
        to_the_trove = browser.post(CONNECT, {"csrfmiddlewaretoken": token}).url
        asked = browser.get(pretend.allow(to_the_trove))
        assert answered(browser, asked, "confirm").status_code == 403
        assert not TroveAccount.objects.exists()

    def test_expires_after_ten_minutes(self, browser, came):
        asked = came()
        session = browser.session
        for waiting in session[SESSION_KEY].values():
            waiting["started"] = int(time.time()) - 601
        session.save()
        assert problem(browser.get(asked.url)) == ("expired", 400)
        assert problem(answered(browser, asked, "confirm")) == ("expired", 400)
        assert not TroveAccount.objects.exists()

    def test_unknown_in_another_browser(self, came, make_user):
        asked, other = came(), Client()
        other.force_login(make_user("bob"))
        assert problem(answered(other, asked, "confirm")) == ("unknown", 400)
        assert not TroveAccount.objects.exists()

    def test_unknown_to_another_user_of_the_browser(self, browser, came, make_user):
        """
        C14: even if the session is carried over, as some sign-in backends do.
        """
        asked = came("/private/")
        waiting = browser.session[SESSION_KEY]
        browser.force_login(make_user("bob"))
        session = browser.session
        session[SESSION_KEY] = waiting
        session.save()
        for response in (browser.get(asked.url), answered(browser, asked, "confirm")):
            assert problem(response) == ("other-user", 403)
            assert b"/private/" not in response.content
        assert not TroveAccount.objects.exists()

    def test_grant_connected_by_another_user_is_rejected(
        self, browser, came, make_account, make_user, pretend
    ):
        """
        C17
        """
        pretend.next_token = "same"
        grant = pretend.grant("same")
        asked = came()
        make_account(*grant, user=make_user("bob"))
        assert problem(answered(browser, asked, "confirm")) == ("in-use", 403)
        assert TroveAccount.objects.get().user.get_username() == "bob"


class TestReject:
    def test_deletes_token_and_offers_restart(self, browser, came, pretend):
        asked = came()
        response = answered(browser, asked, "reject")
        assert problem(response) == ("not-my-account", 200)
        assert f'href="{pretend.url}"' in text(response)
        assert f'action="{CONNECT}"' in text(response)
        assert not TroveAccount.objects.exists()
        assert [each["secret"] for each in browser.session[SESSION_KEY].values()] == [""]
        assert problem(answered(browser, asked, "confirm")) == ("used", 400)

    def test_keeps_existing_account(self, browser, came, account, ada):
        before = TroveAccount.objects.values().get()
        answered(browser, came(), "not-my-account")
        assert TroveAccount.objects.values().get() == before


class TestReconnecting:
    def test_same_account_needs_no_confirmation(self, browser, came, ada):
        answered(browser, came(), "confirm")
        first = TroveAccount.objects.get()
        assert came("/gallery/").url == "/gallery/"
        again = TroveAccount.objects.get()
        assert (again.pk, again.fingerprint == first.fingerprint) == (first.pk, False)

    def test_same_account_with_new_service_needs_no_confirmation(self, browser, came, ada, pretend):
        answered(browser, came(), "confirm")
        pretend.identities = [ADA, ADA | {"service": "smugmug"}]
        assert came("/gallery/").url == "/gallery/"

    @pytest.mark.parametrize(
        "person",
        [
            ("Grace", [ADA]),
            ("Ada Lovelace", []),
            ("Ada Lovelace", [ADA | {"id": "8"}]),
            ("", [ADA]),
        ],
    )
    def test_other_account_needs_confirmation(self, browser, came, ada, pretend, person):
        answered(browser, came(), "confirm")
        before = TroveAccount.objects.values().get()
        pretend.name, pretend.identities = person
        asked = came("/gallery/")
        assert "The Trove of <strong>Ada Lovelace</strong> is currently connected" in text(
            browser.get(asked.url)
        )
        assert TroveAccount.objects.values().get() == before
        answered(browser, asked, "confirm")
        assert TroveAccount.objects.get().pk == before["id"]

    def test_foreign_keys_to_account_remain(self, browser, came, ada, pretend):
        """
        As any mending of an account that needs it: the row stays.
        """
        answered(browser, came(), "confirm")
        account = TroveAccount.objects.get()
        pretend.revoke()
        browser.get(ACCOUNT)
        account.refresh_from_db()
        assert account.needs_reconnect
        came()
        mended = TroveAccount.objects.get()
        assert (mended.pk, mended.health, mended.reason) == (account.pk, "connected", "")


def test_pending_grant_is_encrypted(browser, came, ada, pretend):
    """
    C6: nor does the address of its page.
    """
    pretend.next_token = "canary-access-key"
    pretend.grant("canary-access-key", "canary-access-secret")
    asked = came()
    waiting = str([session.get_decoded() for session in Session.objects.all()]) + asked.url
    for secret in ("canary", "Lovelace"):
        assert secret not in waiting


def test_two_pending_grants_are_independent(browser, came, ada, pretend):
    first = came("/one/")
    pretend.name = "Grace"
    second = came("/two/")
    assert "Ada" in text(browser.get(first.url))
    assert "Grace" in text(browser.get(second.url))
    assert answered(browser, second, "confirm").url == "/two/"
    assert answered(browser, first, "confirm").url == "/one/"
    assert TroveAccount.objects.get().name == "Ada Lovelace"
