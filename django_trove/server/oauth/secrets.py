"""
Secrets, opened with the same effort whether they are there or not.
"""

from __future__ import annotations

import logging
from typing import Any

from django_trove.core.encryption import DecryptionError, encrypt

from ...core.encryption import random_key

DUMMY_ROW = "dummy"

logger = logging.getLogger(__name__)


def decrypt_or_dummy(row: Any, name: str = "secret") -> str:
    """
    Open a row's secret. For an unknown row, one that has none, or one that no key opens, return
    a fresh one that fits nothing, after as much work.
    """
    try:
        secret = getattr(row, name, None)
        if secret is not None:
            return str(secret)
    except DecryptionError:
        logger.exception("The %s of %s %s doesn't open.", name, type(row).__name__, row.pk)
    stranger = random_key()
    encrypt(stranger, DUMMY_ROW)
    return stranger
