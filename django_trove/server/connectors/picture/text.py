"""
Texts in metadata.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_LENGTH = 10_000


def clean_text(value: Any) -> str:
    """
    Return a string without control characters. Bytes are decoded as UTF-8 or else Latin-1. Strings
    that Pillow decoded as Latin-1 are decoded again in the same way.
    """
    if isinstance(value, str):
        with suppress(UnicodeError):
            value = value.encode("latin-1").decode()
    elif isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = value.decode("latin-1")
    return CONTROL.sub("", value).strip()[:MAX_LENGTH] if isinstance(value, str) else ""
