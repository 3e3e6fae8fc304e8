"""
Ids of rows, as they are written on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

from django_trove.client.query import as_utc

from ..models import UNDATED

MAX_ID = 2**63 - 1


def parse_ids(written: Iterable[str]) -> list[int]:
    """
    Return the ids among these texts that a row can have.
    """
    plain = [text for text in written if text.isascii() and text.isdigit() and len(text) < 20]
    return [int(text) for text in plain if int(text) <= MAX_ID]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def to_epoch_seconds(date: datetime | None) -> int:
    """
    Return the second in which a date lies; `UNDATED` for None.
    """
    return UNDATED if date is None else (as_utc(date) - EPOCH) // SECOND


def from_epoch_seconds(moment: int) -> datetime | None:
    """
    Return a moment's date; None for an undated one.
    """
    return None if moment == UNDATED else EPOCH + moment * SECOND


MAX_TAG_LENGTH = 200
"""Characters of a normalised tag; a longer one is shown and can't be searched for."""


def normalize_tag(tag: str) -> str:
    """
    Return the form in which tags are compared: without regard to case, surrounding space, and
    how accents are composed (protocol, "Query").
    """
    return normalize("NFC", normalize("NFC", tag).casefold()).strip()
