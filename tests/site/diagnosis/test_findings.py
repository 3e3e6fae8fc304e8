from __future__ import annotations

import pytest
from django.db import OperationalError

from django_trove.diagnosis.findings import health_check
from django_trove.models import TroveAccount

from ..fake_trove_server import DOWN

pytestmark = pytest.mark.django_db


def run_health_check():
    return {finding.subject: finding.ok for finding in health_check()}


def test_all_findings_are_ok(fake_server):
    assert run_health_check() == {"database": True, "cache": True, "trove": True}


def test_result_of_trove_call_is_cached(fake_server):
    assert run_health_check() == run_health_check()
    assert fake_server.request_counts["/v1/oauth/request_token/"] == 1


def test_unavailable_trove_is_reported_with_detail(fake_server):
    fake_server.error_response = DOWN
    assert run_health_check() == {"database": True, "cache": True, "trove": False}
    assert "Unavailable" in health_check()[2].message


def test_rejected_keys_are_reported(fake_server, settings):
    settings.TROVE = settings.TROVE | {"APP_SECRET": "wrong"}
    assert health_check()[2].message.startswith("KeysRejected")
    assert "wrong" not in health_check()[2].message


def test_rejected_callback_means_accepted_keys(fake_server):
    fake_server.error_response = (400, {}, b"error=bad_request&detail=Unknown+callback.")
    assert run_health_check()["trove"] is True


def test_missing_setting_is_reported_without_callback_advice(fake_server, settings):
    settings.TROVE = settings.TROVE | {"APP_SECRET": ""}
    assert health_check()[2].message == (
        "CallError: app_key and app_secret are required. Register an application at the Trove."
    )


def test_each_site_checks_its_own_keys(fake_server, settings):
    assert run_health_check()["trove"] is True
    settings.TROVE = settings.TROVE | {"APP_KEY": "of-another-site"}
    assert run_health_check()["trove"] is False


def test_unavailable_database_is_reported(fake_server, monkeypatch):
    def fail(*args):
        raise OperationalError

    monkeypatch.setattr(type(TroveAccount.objects.all()), "exists", fail)
    assert run_health_check() == {"database": False, "cache": True, "trove": True}


def test_without_cache_each_check_calls_trove(fake_server, settings):
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = settings.CACHES | {"none": dummy}
    settings.TROVE = settings.TROVE | {"CACHE": "none"}
    assert run_health_check() == {"database": True, "cache": False, "trove": True}


def test_local_trove_is_not_called(settings):
    settings.TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}
    assert run_health_check()["trove"] is True
