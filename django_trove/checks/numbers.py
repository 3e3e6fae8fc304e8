"""
System checks of the numbers in `TROVE`.
"""

from __future__ import annotations

from django.core.checks import Error

from ..conf import conf
from .project import Found

NUMBERS = (
    "CACHE_SECONDS",
    "ERROR_CACHE_SECONDS",
    "MAX_LOGIN_AGE",
    "RETRIES",
    "STALE_IF_ERROR_SECONDS",
)
OPTIONAL_NUMBERS = ("MAX_LOGIN_AGE",)


def check_limits() -> Found:
    pair = conf.timeout if isinstance(conf.timeout, tuple) else (conf.timeout,)
    limits = {
        "TIMEOUT": pair,
        "DEADLINE": (conf.deadline,),
        "PAGE_DEADLINE": (conf.page_deadline,),
    }
    for key, values in limits.items():
        if not all(isinstance(value, (int, float)) and value > 0 for value in values):
            yield Error(
                f"TROVE[{key!r}] must be a positive number of seconds.",
                hint="Pages would wait indefinitely for a Trove that does not respond. "
                "Omit the key to use the default.",
                id="django_trove.E005",
            )


def check_numbers() -> Found:
    for key in NUMBERS:
        value = conf.read(key, 0)
        if value is None and key in OPTIONAL_NUMBERS:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            yield Error(
                f"TROVE[{key!r}] must be a number that is not negative, not {value!r}.",
                hint="docs/settings.md describes the setting.",
                id="django_trove.E016",
            )
