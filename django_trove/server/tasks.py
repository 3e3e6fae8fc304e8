"""
Work that nobody waits for.
"""

from __future__ import annotations

from .models import Identity
from .sync import sync

__all__ = ["request_sync"]


def request_sync(identity: Identity) -> None:
    """
    Have an account's service looked at soon.
    """
    sync(identity)
