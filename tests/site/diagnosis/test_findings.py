from __future__ import annotations

import pytest
from django.db import OperationalError

from django_trove.diagnosis.findings import health_check
from django_trove.models import TroveAccount

from ..fake_cache_and_clock import DOWN

pytestmark = pytest.mark.django_db


def found():
    return {finding.subject: finding.ok for finding in health_check()}


def test_all_is_well(pretend):
    assert found() == {"database": True, "cache": True, "trove": True}


def test_the_trove_is_asked_now_and_then(pretend):
    assert found() == found()
    assert pretend.asked["/v1/oauth/request_token/"] == 1


def test_a_trove_that_is_down_is_told_with_what_it_said(pretend):
    pretend.fault = DOWN
    assert found() == {"database": True, "cache": True, "trove": False}
    assert "Unavailable" in health_check()[2].message


def test_so_are_keys_that_it_does_not_know(pretend, settings):
    settings.TROVE = settings.TROVE | {"APP_SECRET": "wrong"}
    assert health_check()[2].message.startswith("KeysRejected")
    assert "wrong" not in health_check()[2].message


def test_a_trove_that_minds_the_callback_has_taken_the_keys(pretend):
    pretend.fault = (400, {}, b"error=bad_request&detail=Unknown+callback.")
    assert found()["trove"] is True


def test_a_setting_that_is_missing_is_said_and_no_callback_is_asked_for(pretend, settings):
    settings.TROVE = settings.TROVE | {"APP_SECRET": ""}
    assert health_check()[2].message == (
        "CallError: app_key and app_secret are required. Register an application at the Trove."
    )


def test_each_site_of_a_project_hears_of_its_own_keys(pretend, settings):
    assert found()["trove"] is True
    settings.TROVE = settings.TROVE | {"APP_KEY": "of-another-site"}
    assert found()["trove"] is False


def test_a_database_that_is_away_is_told(pretend, monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr(type(TroveAccount.objects.all()), "exists", away)
    assert found() == {"database": False, "cache": True, "trove": True}


def test_without_a_cache_it_is_asked_each_time(pretend, settings):
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = settings.CACHES | {"none": dummy}
    settings.TROVE = settings.TROVE | {"CACHE": "none"}
    assert found() == {"database": True, "cache": False, "trove": True}


def test_a_trove_in_this_project_is_asked_nothing(settings):
    settings.TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}
    assert found()["trove"] is True
