"""
Settings that replace the site's Trove with a fake one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import override_settings

from ..conf import conf
from ..core.cache import get_backend
from .fake import FakeTrove

CACHE = "fake_trove"


def settings_for(trove: FakeTrove) -> dict[str, Any]:
    """
    Return the settings for a fake Trove. Responses expire at once, so that a test sees each change,
    but remain in a cache of their own for stale-if-error.
    """
    trove_settings = {
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
    cache = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": trove.url,
    }
    return {"TROVE": {**conf.raw, **trove_settings}, "CACHES": {**settings.CACHES, CACHE: cache}}


@contextmanager
def fake_trove(**options: Any) -> Iterator[FakeTrove]:
    """
    Replace the site's Trove with a fake one in a `with` block or a decorated function.

    :param options: keys of `TROVE` to change, for example `CACHE_SECONDS=60`.
    """
    trove = FakeTrove()
    new_settings = settings_for(trove)
    new_settings["TROVE"] |= options
    with override_settings(**new_settings), _clean_up(trove):
        yield trove


@contextmanager
def use_fake_trove(
    trove: FakeTrove, set_setting: Callable[[str, Any], None]
) -> Iterator[FakeTrove]:
    """
    The same for pytest, whose fixture `settings` restores the settings.
    """
    for name, value in settings_for(trove).items():
        set_setting(name, value)
    with _clean_up(trove):
        yield trove


@contextmanager
def _clean_up(trove: FakeTrove) -> Iterator[None]:
    cache = get_backend(CACHE)
    try:
        yield
    finally:
        cache.clear()
        trove.session.close()
