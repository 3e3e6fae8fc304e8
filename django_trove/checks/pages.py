"""
A system check of `TROVE["PAGES"]`.
"""

from __future__ import annotations

import difflib
from typing import Any

from django.core.checks import Warning
from django.urls import NoReverseMatch, reverse

from ..conf import conf
from .project import Found

ITEM = {"trove_id": "1"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "list": {},
    "photo": ITEM,
    "map": {},
    "map_json": {},
    "albums": {},
    "album": ITEM,
    "timeline": {},
    "on_this_day": {},
    "year": {"year": 2007},
    "month": {"year": 2007, "month": 3},
    "day": {"year": 2007, "month": 3, "day": 4},
}
"""Arguments of the URL pattern of each page in `django_trove.photo_urls`."""


def check_pages() -> Found:
    """
    Find pages without a URL. They have no links, and no error.
    """
    for page, name in conf.pages.items():
        if page not in ARGUMENTS:
            yield _unknown_page(page)
            continue
        try:
            reverse(name, kwargs=ARGUMENTS[page])
        except NoReverseMatch:
            names = ", ".join(ARGUMENTS[page]) or "no arguments"
            yield Warning(
                f"TROVE['PAGES'][{page!r}] is {name!r}, which is not the name of a URL pattern "
                f"with {names}.",
                hint="docs/views.md describes the names and arguments of the pages.",
                id="django_trove.W013",
            )


def _unknown_page(page: str) -> Warning:
    matches = difflib.get_close_matches(str(page), ARGUMENTS, n=1)
    hint = f"Did you mean {matches[0]}?" if matches else f"The pages are {', '.join(ARGUMENTS)}."
    return Warning(
        f"TROVE['PAGES'] contains the unknown page {page!r}.", hint=hint, id="django_trove.W014"
    )
