"""
What the people who run a site do from a shell.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import requests
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from django_trove.diagnosis.probe import SALT, probe
from django_trove.models import TroveAccount
from django_trove.testing import FakeTrove
from tests.client.fake_server import stand_in
from tests.processes import free_port


def run(*args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, no_color=True, **options)
    return out.getvalue()


@pytest.fixture
def trove(user: Any, fake_trove: FakeTrove) -> FakeTrove:
    fake_trove.connect(user)
    fake_trove.add_photo(title="Snow", tags=["snow", "night"], date="2007-03-04")
    fake_trove.add_photo(title="=SUM(A1)", tags=["sea"], location=(40.7, -73.95))
    return fake_trove


class TestPhotos:
    def test_a_line_for_each(self, user, trove):
        assert "2007-03-04  flickr      Snow  [snow, night]" in run("trove_photos", user.username)

    def test_the_filters_are_those_of_the_tags(self, user, trove):
        assert "Snow" not in run("trove_photos", user.username, "--tags", "sea")
        assert run("trove_photos", user.username, "--since", "2020-01-01") == ""

    def test_json_is_what_the_endpoint_gives(self, user, trove):
        found = json.loads(run("trove_photos", user.username, "--format", "json"))
        assert {photo["title"] for photo in found} == {"Snow", "=SUM(A1)"}

    def test_csv_holds_no_formula(self, user, trove):
        rows = list(csv.DictReader(io.StringIO(run("trove_photos", user.username, format="csv"))))
        assert {row["title"] for row in rows} == {"Snow", "'=SUM(A1)"}
        assert {row["latitude"] for row in rows} == {"", "40.7"}

    def test_no_more_than_asked_for(self, user, trove):
        assert run("trove_photos", user.username, "--limit", "1").count("\n") == 1

    def test_what_is_wrong_is_said(self, user, trove):
        with pytest.raises(CommandError, match="since must be a date such as"):
            run("trove_photos", user.username, "--since", "soon")
        with pytest.raises(CommandError, match="User nobody does not exist"):
            run("trove_photos", "nobody")
        trove.down()
        with pytest.raises(CommandError):
            run("trove_photos", user.username)


class TestAccounts:
    def test_each_with_how_it_fares_and_no_token(self, user, trove):
        account = TroveAccount.objects.get()
        account.record_revoked("It was revoked.")
        said = run("trove_accounts")
        assert user.username in said
        assert "It was revoked." in said
        assert said.endswith("1 accounts.\n")
        assert account.key not in said

    def test_those_in_one_state(self, user, trove):
        assert run("trove_accounts", "--state", "needs_reconnect") == "0 accounts.\n"


@pytest.mark.django_db(transaction=True)
class TestDoctor:
    """
    The site that is looked at is a real one, on loopback.
    """

    @pytest.fixture(autouse=True)
    def _settings(self, settings, live_server):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
        self.site = live_server.url

    def test_all_is_well(self, trove):
        said = run("trove_doctor", "--site", self.site)
        assert "FAIL" not in said
        assert f"callback: {self.site}/trove/callback/" in said
        assert "accepts the key, the clock and the callback" in said
        assert f"The Trove redirects users to {self.site}/trove/callback/." in said
        assert "Sessions are stored" in said

    def test_a_site_that_is_closed_to_visitors_is_looked_at_as_well(self, user):
        word = signing.dumps("", salt=SALT)
        closed = LoginRequiredMiddleware(lambda request: None)
        request = RequestFactory().get(f"/trove/probe/{word}/")
        request.user = AnonymousUser()
        assert closed.process_view(request, probe, (), {"token": word}) is None

    def test_nothing_is_left_behind(self, trove, user):
        run("trove_doctor", "--site", self.site)
        assert not Session.objects.exists()

    def test_what_is_signed_has_no_secret_in_it(self, trove):
        said = run("trove_doctor", "--site", self.site)
        assert "signature base string: GET&https%3A%2F%2F" in said
        assert "fake-secret" not in said

    def test_a_trove_that_is_down(self, trove):
        trove.down()
        assert "Unreachable" in self._wrong()

    def test_keys_that_are_wrong(self, trove):
        trove.reject_keys()
        assert "KeysRejected" in self._wrong()

    def test_accounts_of_a_key_that_is_another_by_now(self, trove, settings):
        TroveAccount.objects.update(app_key="the-one-before")
        said = self._wrong()
        assert "Accounts of another application key: 1." in said
        assert "the-one-before" not in said
        both = {settings.TROVE["APP_KEY"]: settings.TROVE["APP_SECRET"], "the-one-before": "x"}
        settings.TROVE = settings.TROVE | {"APP_SECRET": both}
        assert "another application key:" not in run("trove_doctor", "--site", self.site)

    def test_a_secret_that_is_missing_makes_no_account_another_key_s(self, trove, settings):
        TroveAccount.objects.update(app_key=settings.TROVE["APP_KEY"])
        settings.TROVE = settings.TROVE | {"APP_SECRET": ""}
        said = self._wrong()
        assert "E003" in said
        assert "another application key" not in said
        assert "Register exactly" not in said

    def test_what_answers_something_else_is_not_this_site(self, trove):
        with stand_in() as server:
            server.reply = lambda asked: (200, {"Content-Type": "application/json"}, b"[]")
            self.site = server.url
            assert "No valid response from" in self._wrong()

    def test_a_setting_that_is_wrong(self, trove, settings):
        settings.TROVE = settings.TROVE | {"CASH": "default"}
        assert "CASH" in self._wrong()

    def test_a_cache_that_keeps_nothing(self, trove, settings):
        dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
        settings.CACHES = settings.CACHES | {"none": dummy}
        settings.TROVE = settings.TROVE | {"CACHE": "none"}
        assert "does not store values" in self._wrong()

    def test_a_site_whose_address_nobody_knows(self, trove):
        self.site = ""
        assert "Use --site" in self._wrong()

    def test_a_site_that_is_not_running(self, trove):
        self.site = f"http://127.0.0.1:{free_port()}"
        assert "Start the site" in self._wrong()

    def test_another_project_at_that_address(self, trove):
        word = signing.dumps("", salt="of another project")
        assert requests.get(f"{self.site}/trove/probe/{word}/", timeout=5).status_code == 404

    def test_a_callback_that_comes_back_elsewhere(self, trove, settings):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "http://elsewhere.example"}
        assert "to http://elsewhere.example/trove/callback/" in self._wrong()

    def test_a_proxy_that_hides_that_it_is_https(self, trove, settings):
        secure = self.site.replace("http:", "https:")
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": secure}
        assert "SECURE_PROXY_SSL_HEADER" in self._wrong()

    def test_a_session_that_is_lost(self, trove, settings):
        settings.SESSION_COOKIE_SECURE = True
        assert "Sessions are lost" in self._wrong()

    def _wrong(self) -> str:
        out = io.StringIO()
        with pytest.raises(CommandError, match="failed"):
            call_command("trove_doctor", site=self.site, stdout=out, no_color=True)
        return "\n".join(line for line in out.getvalue().splitlines() if line.startswith("FAIL"))
