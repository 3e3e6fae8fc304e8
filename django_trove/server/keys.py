"""
Keys, secrets and verifiers: letters and digits only, since old clients send them unescaped.
"""

from __future__ import annotations

import secrets
import string

__all__ = ["KEY_LENGTH", "random_key"]

KEY_LENGTH = 32
"""Characters: 190 bits."""

ALPHABET = string.ascii_letters + string.digits


def random_key() -> str:
    """
    Return a key that nobody can guess.
    """
    return "".join(secrets.choice(ALPHABET) for _ in range(KEY_LENGTH))
