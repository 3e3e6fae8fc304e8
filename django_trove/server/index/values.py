"""
Ids and tags as the index stores and compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

MAX_ID = 2**63 - 1


def parse_ids(texts: Iterable[str]) -> list[int]:
    """
    Return the valid row ids among these strings.
    """
    decimal = [text for text in texts if text.isascii() and text.isdigit() and len(text) < 20]
    return [int(text) for text in decimal if int(text) <= MAX_ID]


MAX_TAG_LENGTH = 200  # longer tags are displayed but not searchable
MAX_COMPOSED = 5  # more characters than NFC composes to one


def normalize_tag(tag: str) -> str:
    """
    Return a tag as it is compared: case-folded, in NFC and without surrounding space (protocol,
    section 4.4). The end of a text that is too long for a tag in any spelling is ignored: the time
    grows with the square of the number of successive combining characters.
    """
    text = tag.strip()[: MAX_TAG_LENGTH * MAX_COMPOSED]
    return normalize("NFC", normalize("NFC", text).casefold()).strip()
