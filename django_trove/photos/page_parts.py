"""
Parts that a page contains once, regardless of the number of its template tags.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest

PARTS = ("notice", "connect", "account")
"""The notice about an unavailable Trove, the connect button, the link to the account page."""


def page_parts_context(request: HttpRequest | None) -> dict[str, Callable[[], bool]]:
    """
    Return a function for each part, such as `notice_shown`. A call marks the part as displayed, and
    returns whether it was displayed before: a template calls it once, before it displays the part.
    """
    return {f"{part}_shown": partial(_claim_part, request, part) for part in PARTS}


def _claim_part(request: HttpRequest | None, part: str) -> bool:
    if request is None:
        return False
    shown: set[str] = vars(request).setdefault("_trove_parts", set())
    if part in shown:
        return True
    shown.add(part)
    return False
