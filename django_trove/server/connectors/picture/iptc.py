"""
Metadata in IPTC IIM 4.2.
"""

from __future__ import annotations

from typing import Any

from PIL import IptcImagePlugin

from .fields import Metadata
from .text import clean_text

TITLE, KEYWORDS, DESCRIPTION = (2, 5), (2, 25), (2, 120)


def read_iptc(image: Any) -> Metadata:
    """
    Read the object name (2:05), the caption (2:120) and the keywords (2:25).
    """
    records = IptcImagePlugin.getiptcinfo(image) or {}
    return Metadata(
        title=_join_text(records.get(TITLE)),
        description=_join_text(records.get(DESCRIPTION)),
        tags=tuple(filter(None, map(clean_text, _as_list(records.get(KEYWORDS))))),
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _join_text(value: Any) -> str:
    return " ".join(filter(None, map(clean_text, _as_list(value))))
