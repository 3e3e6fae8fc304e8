"""
Pictures proxied from a service, because their URLs expire or require a key. They are fetched on the
first request and then served from the storage.
"""

from __future__ import annotations

from django_trove.client.content import SIZES

from ..accounts.registry import get_connector
from ..conf import conf
from ..connectors.base import Rendition, RetryLater, ServiceFailed
from ..models import Item
from .storage import StorageFailed, delete_files, save_renditions

FAILURE_TTL = 60  # seconds


def fetch_rendition(item: Item, size: str) -> Rendition | None:
    """
    Fetch a picture of an item, and save it unless it is an original.

    :param size: a size with an empty entry in `Item.files`.
    :returns: None if the service does not have the picture any more.
    :raises ServiceFailed: if it cannot be fetched now.
    """
    cache, failure_key = conf.cache, f"trove_server.picture:{item.pk}:{size}"
    if cache.get(failure_key):
        raise RetryLater("The picture cannot be fetched now.", FAILURE_TTL)
    try:
        connector = get_connector(item.identity)
        rendition = connector.fetch_media(item.service_id, item.urls, size)
    except ServiceFailed:
        cache.set(failure_key, True, FAILURE_TTL)
        raise
    if rendition and size != SIZES[-1]:
        _save_rendition(item, size, rendition)
    return rendition


def _save_rendition(item: Item, size: str, rendition: Rendition) -> None:
    """
    Of concurrent fetches, only the first one's file is kept.
    """
    try:
        files = save_renditions({size: rendition})
    except StorageFailed:  # the picture can be served without being stored
        return
    unchanged = Item.objects.filter(pk=item.pk, files=item.files)
    if not unchanged.update(files={**item.files, **files}):
        delete_files([files])
