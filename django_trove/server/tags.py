"""
What makes two tags the same.
"""

from __future__ import annotations

from unicodedata import normalize

__all__ = ["MAX_TAG_LENGTH", "normalize_tag"]

MAX_TAG_LENGTH = 200
"""Characters of a normalised tag; a longer one is shown and can't be searched for."""


def normalize_tag(tag: str) -> str:
    """
    Return the form in which tags are compared: without regard to case, surrounding space, and
    how accents are composed (protocol, "Query").
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()
