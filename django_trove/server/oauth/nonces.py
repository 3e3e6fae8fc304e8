"""
Replay protection (RFC 5849, section 3.3).

oauthlib validates the nonce before the signature. To record no nonce of an invalid request, the
validator only stores its digest, and `record_nonce` is called after all other checks.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

from django_trove.core.database import atomic

from ..conf import conf
from ..errors import APIError
from ..models import Nonce
from ..models.tokens import delete_expired

PREFIX = "trove_server:nonce:"

logger = logging.getLogger(__name__)


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
        with _fail_closed():
            return bool(conf.cache.add(PREFIX + digest, True, seconds))
    delete_expired(Nonce.objects.all())
    try:
        with atomic(Nonce):
            Nonce.objects.create(digest=digest, expires=timezone.now() + timedelta(seconds=seconds))
    except IntegrityError:
        return False
    return True


@contextmanager
def _fail_closed() -> Iterator[None]:
    """
    Reject requests while the cache is unavailable, because a replay would not be detected.
    """
    try:
        yield
    except Exception:  # Each cache backend has its own exceptions.
        logger.exception("The cache for nonces is unavailable.")
        raise APIError(503, "unavailable", "This Trove cannot verify requests now.") from None
