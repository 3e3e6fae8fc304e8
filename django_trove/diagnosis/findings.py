"""
Checks of the settings, the database, the cache and the Trove.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex

from django.core.checks import run_checks
from django.db import DatabaseError, InterfaceError
from django.db.models import Count

from ..backends.clients import check_credentials
from ..client import CallError, KeysRejected, TimedOut, TroveError, Unreachable
from ..conf import conf
from ..core.cache import SafeCache
from ..core.encryption import fingerprint
from ..models import TroveAccount

CACHE_TEST_KEY = "django_trove:health"
TROVE_CHECK_INTERVAL = 30  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """
    The result of one check.

    :param subject: "settings", "database", "cache", "accounts", "trove", "callback" or "session".
    :param ok: whether the check passed.
    :param message: the result and, if the check failed, what to do. For operators.
    """

    subject: str
    ok: bool
    message: str


def health_check() -> list[Finding]:
    """
    Check the database, the cache and the Trove. The result for the Trove is cached for 30 seconds.

    A site does not have to be taken offline if its Trove is unavailable: its pages show stale
    results.
    """
    return [check_database(), check_cache(), _check_trove_cached()]


def check_site_settings() -> Iterator[Finding]:
    """
    Yield the messages of `manage.py check` about this app, or one finding if there are none.
    """
    failed = [check for check in run_checks() if (check.id or "").startswith("django_trove.")]
    for check in failed:
        hint = f" {check.hint}" if check.hint else ""
        yield Finding("settings", False, f"{check.id}: {check.msg}{hint}")
    if not failed:
        yield Finding("settings", True, "The settings are valid (manage.py check).")


def check_cache() -> Finding:
    cache, key, value = SafeCache(conf.cache), f"{CACHE_TEST_KEY}:{token_hex(8)}", token_hex(8)
    cache.set(key, value, TROVE_CHECK_INTERVAL)
    stored = cache.get(key) == value
    cache.delete([key])
    if stored:
        return Finding("cache", True, f"The cache {conf.cache!r} stores values.")
    message = f"The cache {conf.cache!r} does not store values, so each page sends a request."
    return Finding("cache", False, message)


def check_accounts() -> Finding:
    """
    Count the accounts that were connected with an application key that the site no longer has.
    """
    counts = TroveAccount.objects.values_list("app_key").annotate(number=Count("pk")).order_by()
    number = sum(accounts for app_key, accounts in counts if not conf.has_app_key(app_key))
    if not number:
        return Finding("accounts", True, "All accounts belong to a configured application key.")
    message = (
        f"Accounts of another application key: {number}. Their users must reconnect. If this is "
        "not intended, correct APP_KEY, or make APP_SECRET a dictionary with both secrets."
    )
    return Finding("accounts", False, message)


def check_trove(callback: str = "") -> Finding:
    """
    Check that the Trove accepts the site's credentials.

    :param callback: the site's callback, to check that it is registered.
    """
    if not conf.backend.uses_oauth:
        name = conf.backend.__name__
        return Finding("trove", True, f"The Trove is in this project ({name}). It needs no key.")
    error = check_credentials(callback=callback or None)
    if error is None:
        accepted = "the key, the clock and the callback" if callback else "the key and the clock"
        return Finding("trove", True, f"The Trove at {conf.web_url} accepts {accepted}.")
    if isinstance(error, CallError) and error.status:
        message = f"The key is valid. {error.detail} Register exactly {callback} at the Trove."
        return Finding("trove", False, message)
    return Finding("trove", False, f"{type(error).__name__}: {error.detail}{_get_advice(error)}")


def _get_advice(error: TroveError) -> str:
    if isinstance(error, KeysRejected):
        return " Correct APP_KEY and APP_SECRET, or register the site at the Trove again."
    if isinstance(error, (TimedOut, Unreachable)):
        return f" Check that the Trove is running, and that its URL is {conf.web_url}."
    return ""


def _check_trove_cached() -> Finding:
    cache = SafeCache(conf.cache)
    key = f"{CACHE_TEST_KEY}:{fingerprint(conf.web_url + conf.app_key)}"
    result = cache.get(key)
    if result is None:
        finding = check_trove()
        result = (finding.ok, finding.message)
        cache.set(key, result, TROVE_CHECK_INTERVAL)
    ok, message = result
    return Finding("trove", ok, message)


def check_database() -> Finding:
    try:
        TroveAccount.objects.exists()
    except (DatabaseError, InterfaceError) as error:
        message = (
            f"The database raised {type(error).__name__}. Check that it is running, and run "
            "manage.py migrate."
        )
        return Finding("database", False, message)
    return Finding("database", True, "The database contains the app's tables.")
