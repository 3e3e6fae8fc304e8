"""
Pictures that lie at a service and can't be shown from there, since their addresses expire or want a
key: fetched when somebody wants to see one, and kept for the next.
"""

from __future__ import annotations

from django.core.cache import BaseCache

from django_trove.client.content import SIZES

from . import storage
from .conf import conf
from .connectors.base import Rendition, ServiceFailed, TryLater
from .models import Item
from .services import connector_of

__all__ = ["PAUSE_SECONDS", "fetched"]

PAUSE_SECONDS = 60
"""How long a picture that can't be had isn't asked for again."""


def fetched(item: Item, size: str) -> Rendition | None:
    """
    Fetch a picture of an item, and keep it; an original is too large to keep.

    :param size: one for which the item has an empty file.
    :returns: None if the service has none any more.
    :raises ServiceFailed: if it can't be had now.
    """
    cache, failed = _cache(), f"trove_server.picture:{item.pk}:{size}"
    if cache.get(failed):
        raise TryLater("The picture can't be had just now.", PAUSE_SECONDS)
    try:
        connector = connector_of(item.identity)
        rendition = connector.picture(item.service_id, item.urls, size)
    except ServiceFailed:
        cache.set(failed, True, PAUSE_SECONDS)
        raise
    if rendition and size != SIZES[-1]:
        _keep(item, size, rendition)
    return rendition


def _keep(item: Item, size: str, rendition: Rendition) -> None:
    """
    Of two who fetched it at once, one keeps it.
    """
    kept = storage.keep({size: rendition})
    unchanged = Item.objects.filter(pk=item.pk, files=item.files)
    if not unchanged.update(files={**item.files, **kept}):
        storage.discard([kept])


def _cache() -> BaseCache:
    return conf.cache
