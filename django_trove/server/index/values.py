"""
Conversions between Python values and column values.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

from django_trove.client.query import as_utc

from ..models import UNDATED

MAX_ID = 2**63 - 1


def parse_ids(texts: Iterable[str]) -> list[int]:
    """
    Return the valid row ids among these strings.
    """
    decimal = [text for text in texts if text.isascii() and text.isdigit() and len(text) < 20]
    return [int(text) for text in decimal if int(text) <= MAX_ID]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def to_epoch_seconds(date: datetime | None) -> int:
    """
    Return whole seconds since 1970; `UNDATED` for None.
    """
    return UNDATED if date is None else (as_utc(date) - EPOCH) // SECOND


def from_epoch_seconds(seconds: int) -> datetime | None:
    return None if seconds == UNDATED else EPOCH + seconds * SECOND


MAX_TAG_LENGTH = 200  # longer tags are displayed but not searchable


def normalize_tag(tag: str) -> str:
    """
    Return a tag as it is compared: case-folded, in NFC and without surrounding space (protocol,
    section 4.4).
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()
