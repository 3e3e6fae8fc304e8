"""
Verification of the signatures of content requests, with oauthlib's functions (RFC 5849, section
3.4). Its endpoint classes, which token requests use, take several times as long.
"""

from __future__ import annotations

import hmac
import logging
from itertools import product
from types import SimpleNamespace
from typing import Any

from oauthlib.oauth1.rfc5849 import signature

from django_trove.client.logs import suppress_secret_logging
from django_trove.core.encryption import DecryptionError, encrypt, random_key

from ..models import AccessToken, Application
from .parameters import Parameters

DUMMY = "dummy"
SECRET_FIELDS = ("secret", "grace_secret")
VERIFIERS: dict[str, Any] = {
    "PLAINTEXT": signature.verify_plaintext,
    "HMAC-SHA1": signature.verify_hmac_sha1,
    "HMAC-SHA256": signature.verify_hmac_sha256,
    "HMAC-SHA512": signature.verify_hmac_sha512,
}

logger = logging.getLogger(__name__)


def verify_signature(
    token: AccessToken | None, method: str, urls: list[str], parameters: Parameters
) -> bool:
    """
    Return whether a request is signed with the secrets of a token and its application, for one of
    the URLs. The previous secret of the application is tried, too, if the current one does not
    match. For an unknown token, the same work is done with random secrets (timing oracle).

    :param urls: without the query string.
    """
    verify = VERIFIERS[parameters.oauth["signature_method"]]
    request = SimpleNamespace(
        http_method=method, params=parameters.signed, signature=parameters.oauth["signature"]
    )
    application = token.application if token else None
    token_secret = decrypt_or_dummy(token)
    with suppress_secret_logging():
        for url, field in product(urls, SECRET_FIELDS):
            request.uri = url
            if verify(request, decrypt_or_dummy(application, field), token_secret):
                return True
    return False


def matches_secret(application: Application | None, secret: str) -> bool:
    """
    Compare a secret with the current and the previous one of an application in constant time. For
    an unknown application, the same work is done with random secrets (timing oracle).
    """
    matches = [
        hmac.compare_digest(decrypt_or_dummy(application, field).encode(), secret.encode())
        for field in SECRET_FIELDS
    ]
    return application is not None and any(matches)


def decrypt_or_dummy(instance: Any, field: str = "secret") -> str:
    """
    Decrypt a secret. If it is missing or cannot be decrypted, return a random secret after the same
    amount of work, to avoid a timing oracle.
    """
    try:
        secret = getattr(instance, field, None)
        if secret is not None:
            return str(secret)
    except DecryptionError:
        name = type(instance).__name__
        logger.exception("The %s of %s %s cannot be decrypted.", field, name, instance.pk)
    dummy = random_key()
    encrypt(dummy, DUMMY)
    return dummy
