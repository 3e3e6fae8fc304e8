"""
Pictures that lie at a service and can't be shown from there, since their addresses expire or want a
key: fetched when somebody wants to see one, and kept for the next.
"""

from __future__ import annotations

from django.core.cache import BaseCache

from django_trove.client.content import SIZES

from ..accounts.registry import get_connector
from ..conf import conf
from ..connectors.base import Rendition, RetryLater, ServiceFailed
from ..models import Item
from .storage import delete_files, save_renditions

FAILURE_TTL = 60
"""How long a picture that can't be had isn't asked for again."""


def fetch_rendition(item: Item, size: str) -> Rendition | None:
    """
    Fetch a picture of an item, and keep it; an original is too large to keep.

    :param size: one for which the item has an empty file.
    :returns: None if the service has none any more.
    :raises ServiceFailed: if it can't be had now.
    """
    cache, failed = _get_cache(), f"trove_server.picture:{item.pk}:{size}"
    if cache.get(failed):
        raise RetryLater("The picture can't be had just now.", FAILURE_TTL)
    try:
        connector = get_connector(item.identity)
        rendition = connector.fetch_media(item.service_id, item.urls, size)
    except ServiceFailed:
        cache.set(failed, True, FAILURE_TTL)
        raise
    if rendition and size != SIZES[-1]:
        _save_rendition(item, size, rendition)
    return rendition


def _save_rendition(item: Item, size: str, rendition: Rendition) -> None:
    """
    Of two who fetched it at once, one keeps it.
    """
    kept = save_renditions({size: rendition})
    unchanged = Item.objects.filter(pk=item.pk, files=item.files)
    if not unchanged.update(files={**item.files, **kept}):
        delete_files([kept])


def _get_cache() -> BaseCache:
    return conf.cache
