"""
Is all well between this site and its Trove: for a health check, and for `manage.py trove_doctor`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex

from django.core.checks import run_checks
from django.db import DatabaseError, InterfaceError
from django.db.models import Count

from ..backends.remote import check_credentials
from ..client import CallError
from ..conf import conf
from ..core.cache import SafeCache
from ..core.encryption import fingerprint
from ..models import TroveAccount

CACHE_TEST_KEY = "django_trove:health"
TROVE_CHECK_INTERVAL = 30  # that what the Trove said is said again: whoever watches asks often


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that was looked at.

    :param subject: "settings", "database", "cache", "accounts", "trove", "callback" or "session".
    :param message: how it is and what to do, for who runs the site.
    """

    subject: str
    ok: bool
    message: str


def health_check() -> list[Finding]:
    """
    Look at the database, the cache and the Trove, without a person. The Trove is asked every half
    minute at most, for what the site's keys alone sign.

    A Trove that is down is no reason to take the site down: its pages show the last good answers.
    """
    return [_check_database(), check_cache(), _check_trove_cached()]


def check_site_settings() -> Iterator[Finding]:
    """
    Yield what `manage.py check` says of this app, one thing at least.
    """
    found = [one for one in run_checks() if (one.id or "").startswith("django_trove.")]
    for message in found:
        hint = f" {message.hint}" if message.hint else ""
        yield Finding("settings", False, f"{message.id}: {message.msg}{hint}")
    if not found:
        yield Finding("settings", True, "The settings make sense (manage.py check).")


def check_cache() -> Finding:
    """
    Keep something in the cache, and look whether it is there.
    """
    keeper, name, word = SafeCache(conf.cache), f"{CACHE_TEST_KEY}:{token_hex(8)}", token_hex(8)
    keeper.set(name, word, TROVE_CHECK_INTERVAL)
    kept = keeper.get(name) == word
    keeper.delete([name])
    words = "keeps what it is given." if kept else "keeps nothing: each page asks the Trove."
    return Finding("cache", kept, f"The cache {conf.cache!r} {words}")


def check_accounts() -> Finding:
    """
    Look for accounts that were connected with a key of which this site has no secret.
    """
    kept = TroveAccount.objects.values_list("app_key").annotate(number=Count("pk")).order_by()
    number = sum(accounts for key, accounts in kept if not conf.has_app_key(key))
    if not number:
        return Finding("accounts", True, "Every account was connected with a key that holds.")
    words = (
        f"Accounts of another key: {number}. Their users have to connect again. "
        "If that isn't meant, look at APP_KEY, or give APP_SECRET as a dict with both secrets."
    )
    return Finding("accounts", False, words)


def check_trove(callback: str = "") -> Finding:
    """
    Ask the Trove whether it knows the site's keys.

    :param callback: this site's, to ask for that as well.
    """
    if not conf.backend.uses_oauth:
        words = f"The Trove is in this project ({conf.backend}): no keys, no callback."
        return Finding("trove", True, words)
    fault = check_credentials(callback=callback or None)
    if fault is None:
        taken = "the keys, the clock and the callback" if callback else "the keys and the clock"
        return Finding("trove", True, f"The Trove at {conf.web_url} is there, takes {taken}.")
    if isinstance(fault, CallError) and fault.status:
        words = f"The Trove knows the keys. {fault.detail} Register exactly {callback} there."
        return Finding("trove", False, words)
    return Finding("trove", False, f"{type(fault).__name__}: {fault.detail}")


def _check_trove_cached() -> Finding:
    keeper, name = (
        SafeCache(conf.cache),
        f"{CACHE_TEST_KEY}:{fingerprint(conf.web_url + conf.app_key)}",
    )
    said = keeper.get(name)
    if said is None:
        finding = check_trove()
        said = (finding.ok, finding.message)
        keeper.set(name, said, TROVE_CHECK_INTERVAL)
    well, words = said
    return Finding("trove", well, words)


def _check_database() -> Finding:
    try:
        TroveAccount.objects.exists()
    except (DatabaseError, InterfaceError) as error:
        return Finding("database", False, f"The database: {type(error).__name__}.")
    return Finding("database", True, "The database answers, and has the app's tables.")
