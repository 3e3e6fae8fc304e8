"""
Where the sizes of pictures are kept: under names that nobody can guess, in a Django storage.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from ...core.encryption import random_key
from ..conf import conf
from ..connectors.base import Rendition

SUFFIXES = {"image/jpeg": ".jpg", "image/webp": ".webp", "image/png": ".png", "image/gif": ".gif"}

logger = logging.getLogger(__name__)


def get_storage() -> Storage:
    """
    Return the storage of the settings.
    """
    return storages[conf.storage]


def save_renditions(renditions: Mapping[str, Rendition]) -> dict[str, dict[str, str]]:
    """
    Keep an item's sizes. Those that are one and the same are kept once.

    :returns: the name and the type of each, as `Item.files` has them.
    """
    kept: dict[int, dict[str, str]] = {}
    for rendition in renditions.values():
        if id(rendition) not in kept:
            key = random_key()
            name = f"trove/{key[:2]}/{key}{SUFFIXES[rendition.type]}"
            name = get_storage().save(name, ContentFile(rendition.content))
            kept[id(rendition)] = {"name": name, "type": rendition.type}
    return {size: kept[id(rendition)] for size, rendition in renditions.items()}


def delete_files(files: Iterable[Mapping[str, Any]]) -> None:
    """
    Delete what `save_renditions` kept. A file that can't be deleted is reported and left behind.

    :param files: the `files` of items. Originals stay: they are the person's.
    """
    for item in files:
        kept = (file.get("name") for size, file in item.items() if size != "original")
        for name in set(filter(None, kept)):
            try:
                get_storage().delete(name)
            except OSError:
                logger.warning("A thumbnail could not be deleted.", exc_info=True)


def delete_item_files(instance: Any, using: str, **kwargs: Any) -> None:
    """
    Delete the files of an item that was deleted, in whatever way, once that is certain.
    """
    transaction.on_commit(partial(delete_files, [instance.files]), using=using)
