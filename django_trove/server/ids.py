"""
Ids of rows, as they are written on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["parse_ids"]

MAX_ID = 2**63 - 1


def parse_ids(written: Iterable[str]) -> list[int]:
    """
    Return the ids among these texts that a row can have.
    """
    plain = [text for text in written if text.isascii() and text.isdigit() and len(text) < 20]
    return [int(text) for text in plain if int(text) <= MAX_ID]
