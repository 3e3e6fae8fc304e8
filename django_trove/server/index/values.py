"""
Ids and tags as the index stores and compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

MAX_ID = 2**63 - 1


def parse_ids(written: Iterable[str]) -> list[int]:
    """
    Return the ids among these texts that a row can have.
    """
    plain = [text for text in written if text.isascii() and text.isdigit() and len(text) < 20]
    return [int(text) for text in plain if int(text) <= MAX_ID]


MAX_TAG_LENGTH = 200
"""Characters of a normalised tag; a longer one is shown and can't be searched for."""


def normalize_tag(tag: str) -> str:
    """
    Return the form in which tags are compared: without regard to case, surrounding space, and
    how accents are composed (protocol, "Query").
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()
