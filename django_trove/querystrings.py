"""
The part of an address that holds a form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

__all__ = ["build_query_string", "parse_pairs"]


def parse_pairs(data: Any) -> list[tuple[str, str]]:
    """
    Return the names and values of a form's data, be it a request's or a plain dictionary.
    """
    if isinstance(data, MultiValueDict):
        return [(name, value) for name, values in data.lists() for value in values]
    lists = {k: v if isinstance(v, list | tuple) else [v] for k, v in (data or {}).items()}
    return [(name, str(value)) for name, values in lists.items() for value in values]


def build_query_string(data: Any, values: Mapping[str, Sequence[str]]) -> str:
    """
    Return a link to this page with other values of some names; those that are empty are left out.

    :param data: of the page's form.
    :param values: by name.
    """
    pairs = [pair for pair in parse_pairs(data) if pair[0] not in values]
    pairs += [(name, value) for name, listed in values.items() for value in listed]
    return "?" + urlencode([pair for pair in pairs if pair[1]], errors="replace")
