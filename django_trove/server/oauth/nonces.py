"""
Replay protection (RFC 5849, section 3.3).

oauthlib validates the nonce before the signature. To record no nonce of an invalid request, the
validator only stores its digest, and `record_nonce` is called after all other checks.
"""

from __future__ import annotations

import hashlib

from django_trove.core.cache import CacheUnavailable

from ..conf import conf
from ..errors import APIError
from ..models import Nonce
from ..models.tokens import delete_expired

PREFIX = "trove_server:nonce:"


def nonce_digest(client_key: str, token: str, timestamp: str, nonce: str) -> str:
    # The lengths make the concatenation unambiguous.
    parts = (f"{len(part)}:{part}" for part in (client_key, token, timestamp, nonce))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def record_nonce(digest: str) -> bool:
    """
    Record a nonce, and return False if it is already recorded. The operation is atomic.

    The lifetime is twice the window, because a timestamp may be one window ahead.
    """
    seconds = 2 * conf.timestamp_window
    if conf.nonce_store != "database":
        return _add_to_cache(digest, seconds)
    delete_expired(Nonce.objects)
    return Nonce.objects.record(digest, seconds)


def _add_to_cache(digest: str, seconds: int) -> bool:
    """
    Fail closed: while the cache is unavailable, a replay would not be detected.
    """
    try:
        return conf.cache.add_or_raise(PREFIX + digest, seconds)
    except CacheUnavailable:
        detail = "This Trove cannot verify requests now. Try again later."
        raise APIError(503, "unavailable", detail) from None
