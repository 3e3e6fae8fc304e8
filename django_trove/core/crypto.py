"""
Keys, secrets and verifiers: letters and digits only, since old clients send them unescaped.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import get_random_string

KEY_LENGTH = 32
"""The number of characters of a random key: letters and digits, about 190 bits."""


def random_key() -> str:
    return get_random_string(KEY_LENGTH)


class DecryptionError(Exception):
    """
    No key opens this, or it was sealed for something else.
    """


class Ciphertext(str):
    """
    Ciphertext as it stands in the database.
    """

    PREFIX = "sealed:"


class RawCiphertext(Ciphertext):
    """
    Ciphertext that is handed over as it stands, while a fixture is written.
    """


def encrypt(text: str, belongs_to: str) -> str:
    """
    Seal a text.

    :param text: the secret.
    :param belongs_to: what it is for; opening takes the same.
    """
    payload = json.dumps([belongs_to, text]).encode()
    return Ciphertext.PREFIX + _get_fernet().encrypt(payload).decode()


def decrypt(sealed: str, belongs_to: str) -> str:
    """
    Open what `encrypt` made.

    :raises SealBroken: if no key opens it, or it belongs to something else.
    """
    try:
        payload = _get_fernet().decrypt(sealed.removeprefix(Ciphertext.PREFIX).encode())
    except InvalidToken:
        raise DecryptionError("No key in SECRET_KEY or SECRET_KEY_FALLBACKS opens it.") from None
    owner, text = json.loads(payload)
    if owner != belongs_to:
        raise DecryptionError("It was sealed for something else.")
    return str(text)


def _get_fernet() -> MultiFernet:
    return _build_fernet((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _build_fernet(secrets: tuple[str | bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive_key(secret)) for secret in secrets])


def _derive_key(secret: str | bytes) -> bytes:
    """
    `SECRET_KEY` is long and random, so one keyed hash separates this use of it from all others.
    """
    material = secret.encode() if isinstance(secret, str) else secret
    digest = hashlib.blake2b(material, digest_size=32, person=b"django-trove")
    return base64.urlsafe_b64encode(digest.digest())


def fingerprint(key: str) -> str:
    """
    Return what a token is known by where the token itself must not stand.

    :param key: the token's key: long and random, so its hash can't be turned back.
    """
    return hashlib.sha256(key.encode()).hexdigest()
