"""
Requests that were answered already (RFC 5849, section 3.3).

oauthlib asks about a nonce before it looks at the signature. So that a bad request burns nothing
and fills nothing, it gets no answer then, and the nonce is spent once everything else holds.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..conf import conf
from ..errors import APIError
from ..models import Nonce
from ..models.expired import delete_expired

PREFIX = "trove_server:nonce:"

logger = logging.getLogger(__name__)


def nonce_digest(client_key: str, token: str, timestamp: str, nonce: str) -> str:
    """
    Return what a request is remembered by: it has one length, whatever was sent.
    """
    parts = (f"{len(part)}:{part}" for part in (client_key, token, timestamp, nonce))
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def record_nonce(key: str) -> bool:
    """
    Remember a request. Of two who try at once, one succeeds.

    It is kept for twice the window, since a time-stamp may be ahead of our clock by one.

    :raises Refusal: 503 if it can't be kept now.
    """
    seconds = 2 * conf.timestamp_window
    if conf.nonce_store != "database":
        with _fail_closed():
            return bool(conf.cache.add(PREFIX + key, True, seconds))
    delete_expired(Nonce.objects.all())
    try:
        with transaction.atomic():
            Nonce.objects.create(digest=key, expires=timezone.now() + timedelta(seconds=seconds))
    except IntegrityError:
        return False
    return True


@contextmanager
def _fail_closed() -> Iterator[None]:
    """
    Refuse to answer while the cache is down: without it a replay would go unseen.
    """
    try:
        yield
    except Exception:  # each cache raises its own
        logger.exception("The cache that remembers nonces gives no answer.")
        raise APIError(503, "unavailable", "This Trove can't check requests just now.") from None
