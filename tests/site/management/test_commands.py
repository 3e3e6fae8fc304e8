"""
The management commands of the site app.
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
from django.db import connection
from django.test import RequestFactory

from django_trove.diagnosis.probe import SALT, probe
from django_trove.models import TroveAccount
from django_trove.services import Trove
from django_trove.testing import FakeTrove
from tests.client.fake_server import run_fake_server
from tests.ports import free_port


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
    def test_prints_one_line_per_photo(self, user, trove):
        assert "2007-03-04  flickr      Snow  [snow, night]" in run("trove_photos", user.username)

    def test_filters_equal_those_of_template_tags(self, user, trove):
        assert "Snow" not in run("trove_photos", user.username, "--tags", "sea")
        assert run("trove_photos", user.username, "--since", "2020-01-01") == ""

    def test_json_equals_endpoint(self, user, trove):
        data = json.loads(run("trove_photos", user.username, "--format", "json"))
        assert {photo["title"] for photo in data} == {"Snow", "=SUM(A1)"}

    def test_csv_has_no_formulas(self, user, trove):
        rows = list(csv.DictReader(io.StringIO(run("trove_photos", user.username, format="csv"))))
        assert {row["title"] for row in rows} == {"Snow", "'=SUM(A1)"}
        assert {row["latitude"] for row in rows} == {"", "40.7"}

    def test_count_limits_output(self, user, trove):
        assert run("trove_photos", user.username, "--limit", "1").count("\n") == 1

    def test_errors_are_reported(self, user, trove):
        with pytest.raises(CommandError, match="since must be a date such as"):
            run("trove_photos", user.username, "--since", "soon")
        with pytest.raises(CommandError, match="User nobody does not exist"):
            run("trove_photos", "nobody")
        trove.down()
        with pytest.raises(CommandError):
            run("trove_photos", user.username)


class TestAccounts:
    def test_prints_health_and_no_token(self, user, trove):
        account = TroveAccount.objects.get()
        account.record_revoked("It was revoked.")
        output = run("trove_accounts")
        assert user.username in output
        assert "It was revoked." in output
        assert output.endswith("1 accounts.\n")
        assert account.key not in output

    def test_filter_by_health(self, user, trove):
        assert run("trove_accounts", "--state", "needs_reconnect") == "0 accounts.\n"


@pytest.mark.django_db(transaction=True)
class TestDoctor:
    """
    The tested site is a real server on the loopback interface.
    """

    @pytest.fixture(autouse=True)
    def _settings(self, settings, live_server):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
        self.site = live_server.url

    def test_all_findings_are_ok(self, trove):
        output = run("trove_doctor", "--site", self.site)
        assert "FAIL" not in output
        assert f"callback: {self.site}/trove/callback/" in output
        assert "accepts the key, the clock and the callback" in output
        assert f"The Trove redirects users to {self.site}/trove/callback/." in output
        assert "Sessions are stored" in output

    def test_site_that_requires_login_is_tested(self, user):
        word = signing.dumps("", salt=SALT)
        closed = LoginRequiredMiddleware(lambda request: None)
        request = RequestFactory().get(f"/trove/probe/{word}/")
        request.user = AnonymousUser()
        assert closed.process_view(request, probe, (), {"token": word}) is None

    def test_no_data_remains(self, trove, user):
        run("trove_doctor", "--site", self.site)
        assert not Session.objects.exists()

    def test_signed_token_has_no_secret(self, trove):
        output = run("trove_doctor", "--site", self.site)
        assert "signature base string: GET&https%3A%2F%2F" in output
        assert "fake-secret" not in output

    def test_trove_is_down(self, trove):
        trove.down()
        output = self._run_failing_doctor()
        assert "Unreachable" in output
        assert "Check that the Trove is running" in output

    def test_wrong_keys(self, trove):
        trove.reject_keys()
        output = self._run_failing_doctor()
        assert "KeysRejected" in output
        assert "Correct APP_KEY and APP_SECRET" in output

    def test_accounts_of_previous_key(self, trove, settings):
        TroveAccount.objects.update(app_key="the-one-before")
        output = self._run_failing_doctor()
        assert "Accounts of another application key: 1." in output
        assert "the-one-before" not in output
        both = {settings.TROVE["APP_KEY"]: settings.TROVE["APP_SECRET"], "the-one-before": "x"}
        settings.TROVE = settings.TROVE | {"APP_SECRET": both}
        assert "another application key:" not in run("trove_doctor", "--site", self.site)

    def test_missing_secret_does_not_report_accounts_of_other_keys(self, trove, settings):
        TroveAccount.objects.update(app_key=settings.TROVE["APP_KEY"])
        settings.TROVE = settings.TROVE | {"APP_SECRET": ""}
        output = self._run_failing_doctor()
        assert "E003" in output
        assert "another application key" not in output
        assert "Register exactly" not in output

    def test_invalid_probe_response(self, trove):
        with run_fake_server() as server:
            server.respond = lambda request: (200, {"Content-Type": "application/json"}, b"[]")
            self.site = server.url
            assert "No valid response from" in self._run_failing_doctor()

    def test_invalid_setting(self, trove, settings):
        settings.TROVE = settings.TROVE | {"CASH": "default"}
        assert "CASH" in self._run_failing_doctor()

    def test_dummy_cache(self, trove, settings):
        dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
        settings.CACHES = settings.CACHES | {"none": dummy}
        settings.TROVE = settings.TROVE | {"CACHE": "none"}
        assert "does not store values" in self._run_failing_doctor()

    def test_trove_is_checked_without_site_url(self, trove):
        self.site = ""
        with pytest.raises(CommandError, match="1 check failed"):
            call_command("trove_doctor", stdout=(out := io.StringIO()), no_color=True)
        assert "accepts the key and the clock" in out.getvalue()
        assert "Use --site" in out.getvalue()

    def test_missing_tables(self, trove):
        self.site = ""
        table, renamed = "django_trove_troveaccount", "of_a_later_migration"
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} RENAME TO {renamed}")
            try:
                assert "run manage.py migrate" in self._run_failing_doctor()
            finally:
                cursor.execute(f"ALTER TABLE {renamed} RENAME TO {table}")

    def test_site_is_not_running(self, trove):
        self.site = f"http://127.0.0.1:{free_port()}"
        assert "Start the site" in self._run_failing_doctor()

    def test_another_project_at_site_url(self, trove):
        word = signing.dumps("", salt="of another project")
        assert requests.get(f"{self.site}/trove/probe/{word}/", timeout=5).status_code == 404

    def test_callback_on_another_host(self, trove, settings):
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "http://elsewhere.example"}
        assert "to http://elsewhere.example/trove/callback/" in self._run_failing_doctor()

    def test_proxy_hides_https(self, trove, settings):
        secure = self.site.replace("http:", "https:")
        settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": secure}
        assert "SECURE_PROXY_SSL_HEADER" in self._run_failing_doctor()

    def test_lost_session(self, trove, settings):
        settings.SESSION_COOKIE_SECURE = True
        assert "Sessions are lost" in self._run_failing_doctor()

    def _run_failing_doctor(self) -> str:
        out = io.StringIO()
        with pytest.raises(CommandError, match="failed"):
            call_command("trove_doctor", site=self.site, stdout=out, no_color=True)
        return "\n".join(line for line in out.getvalue().splitlines() if line.startswith("FAIL"))


class TestMoveAccount:
    def test_account_works_for_the_other_user(self, account, make_user, fake_server):
        bob = make_user("bob")
        message = run("trove_move_account", "ann", "bob")
        assert message == "Moved the account of ann to bob.\n"
        account.refresh_from_db()
        assert account.user_id == bob.pk
        assert account.health == "connected"
        Trove(bob).photos()

    def test_changing_the_user_alone_is_not_sufficient(self, account, make_user):
        TroveAccount.objects.update(user=make_user("bob"))
        assert TroveAccount.objects.get().needs_reconnect

    def test_a_user_has_one_account(self, account, make_user, make_account):
        make_account("access-2", user=make_user("bob"))
        with pytest.raises(CommandError, match="has an account"):
            run("trove_move_account", "ann", "bob")
        account.refresh_from_db()
        assert account.health == "connected"

    def test_errors(self, make_user, user):
        make_user("bob")
        with pytest.raises(CommandError, match="ann has no account"):
            run("trove_move_account", "ann", "bob")
        with pytest.raises(CommandError, match="eve does not exist"):
            run("trove_move_account", "ann", "eve")
