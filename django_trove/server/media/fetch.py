"""
Pictures proxied from a service, because their URLs expire or require a key. They are fetched on the
first request and then served from the storage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from django_trove.client.values import SIZES

from ..accounts.registry import get_connector, get_connector_class
from ..conf import conf
from ..connectors.base import Rendition
from ..connectors.entered import EnteredService
from ..connectors.errors import (
    IncompleteResponse,
    NoResponse,
    RangeIgnored,
    RetryLater,
    Revoked,
    ServiceFailed,
)
from ..connectors.http import limit_wait
from ..connectors.messages import Message as _
from ..connectors.picture.memory import limit_memory
from ..models import Identity, Item
from .storage import StorageFailed, delete_files, save_renditions

FAILURE_TTL = 60  # seconds
MAX_INCOMPLETE = 3  # incomplete pictures of an account within `FAILURE_TTL`
ORIGINAL = SIZES[-1]


def fetch_rendition(item: Item, size: str) -> Rendition | None:
    """
    Fetch a picture of an item, and save it and the sizes that are created together with it, except
    the original.

    :param size: a size with an empty entry in `Item.files`.
    :returns: None if the service does not have the picture any more.
    :raises ServiceFailed: if it cannot be fetched now.
    """
    with cache_failures(item, size):
        connector = get_connector(item.identity)
        with limit_wait(), limit_memory(conf.image_memory):
            renditions = connector.fetch_sizes(item.service_id, item.urls, size)
    stored = {name: each for name, each in renditions.items() if name != ORIGINAL}
    if stored:
        _save_renditions(item, stored)
    return renditions.get(size)


@contextmanager
def cache_failures(item: Item, size: str) -> Iterator[None]:
    """
    Do not request a picture that failed, or any from a host that did not respond, again within
    `FAILURE_TTL`. An incomplete picture may occupy a worker until the time limit of the page: after
    `MAX_INCOMPLETE` of them, no pictures of the account are requested either.

    :raises RetryLater: after a failure.
    """
    picture, host, account = _failure_key(item, size), _host_key(item, size), _account_key(item)
    if any(conf.cache.get_many([picture, host, account])):
        raise RetryLater(_("The picture cannot be fetched now."), FAILURE_TTL)
    try:
        yield
    except RangeIgnored:  # other parts can be read
        raise
    except NoResponse:
        conf.cache.set(host, True, FAILURE_TTL)
        raise
    except ServiceFailed as error:
        conf.cache.set(picture, True, FAILURE_TTL)
        is_incomplete = isinstance(error, IncompleteResponse)
        if is_incomplete and _count_incomplete(account) >= MAX_INCOMPLETE:
            conf.cache.set(account, True, FAILURE_TTL)
        if isinstance(error, Revoked):  # a sync reports that the user must reconnect
            Identity.objects.filter(pk=item.identity_id).make_due()
        raise


def record_failure(item: Item, size: str) -> None:
    conf.cache.set(_failure_key(item, size), True, FAILURE_TTL)


def _failure_key(item: Item, size: str) -> str:
    return f"trove_server.picture:{item.pk}:{size}"


def _host_key(item: Item, size: str) -> str:
    """
    Return a cache key of the host of a picture: if it does not respond, no further pictures are
    requested.

    The hosts of a service such as Facebook are the same for all accounts, and so is an outage. For
    an address entered by a user, the key also contains the account: one path may hang although the
    host, such as an S3 endpoint, serves other accounts.
    """
    host = urlsplit(item.urls.get(size, "")).netloc
    connector = get_connector_class(item.identity)
    if connector and issubclass(connector, EnteredService):
        host = f"{item.identity_id} {host}"
    digest = hashlib.blake2s(host.encode(errors="replace"), digest_size=16).hexdigest()
    return f"trove_server.picture_host:{item.identity.service}:{digest}"


def _account_key(item: Item) -> str:
    return f"trove_server.picture_account:{item.identity_id}"


def _count_incomplete(account: str) -> int:
    return conf.cache.increment(f"{account}:incomplete", 1, FAILURE_TTL)


def _save_renditions(item: Item, renditions: Mapping[str, Rendition]) -> None:
    """
    Of concurrent fetches, only the first one's file is kept, and none if a sync has changed the
    item.
    """
    try:
        files = save_renditions(item.identity_id, renditions)
    except StorageFailed:  # the picture can be served without being stored
        return
    unchanged = Item.objects.filter(pk=item.pk, etag=item.etag, files=item.files)
    if not unchanged.update(files={**item.files, **files}):
        delete_files([files])
