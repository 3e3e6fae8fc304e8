"""
How a site comes to ask a fake Trove: by its settings, for as long as a test lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from ..conf import conf
from .fake import FakeTrove

CACHE = "fake_trove"


def settings_for(trove: FakeTrove) -> dict[str, Any]:
    """
    Return the settings under which a site asks this Trove and no other: nothing is given again
    without asking, so that what a test changes shows at once, and answers are kept, for when the
    Trove is down, in a cache of their own.
    """
    asked = {
        "URL": trove.url,
        "WEB_URL": trove.url,
        "API_URL": trove.url,
        "APP_KEY": "fake-key",
        "APP_SECRET": "fake-secret",
        "BACKEND": "",
        "SESSION": lambda: trove.session,
        "CACHE": CACHE,
        "CACHE_SECONDS": 0,
        "ERROR_CACHE_SECONDS": 0,
        "RETRIES": 0,
    }
    memory = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": trove.url,
    }
    return {"TROVE": {**conf.raw, **asked}, "CACHES": {**settings.CACHES, CACHE: memory}}


@contextmanager
def fake_trove(**changes: Any) -> Iterator[FakeTrove]:
    """
    Let the site ask a fake Trove in the body.

    :param changes: keys of `TROVE` that are to differ, such as `CACHE_SECONDS=60`.
    """
    trove = FakeTrove()
    wanted = settings_for(trove)
    wanted["TROVE"] |= changes
    with override_settings(**wanted), _end_session(trove):
        yield trove


@contextmanager
def use_fake_trove(trove: FakeTrove, change: Callable[[str, Any], None]) -> Iterator[FakeTrove]:
    """
    The same where somebody else takes the settings back in the end.

    :param change: sets a setting.
    """
    for name, value in settings_for(trove).items():
        change(name, value)
    with _end_session(trove):
        yield trove


@contextmanager
def _end_session(trove: FakeTrove) -> Iterator[None]:
    kept = caches[CACHE]
    try:
        yield
    finally:
        kept.clear()
        trove.session.close()
