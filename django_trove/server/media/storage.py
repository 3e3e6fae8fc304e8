"""
Storage of thumbnails, under unguessable names in a Django storage.
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
    return storages[conf.storage]


def save_renditions(renditions: Mapping[str, Rendition]) -> dict[str, dict[str, str]]:
    """
    Save an item's sizes. Sizes that share one rendition share one file.

    :returns: the name and the type of each file, as in `Item.files`.
    """
    saved: dict[int, dict[str, str]] = {}
    for rendition in renditions.values():
        if id(rendition) not in saved:
            key = random_key()
            name = f"trove/{key[:2]}/{key}{SUFFIXES[rendition.type]}"
            name = get_storage().save(name, ContentFile(rendition.content))
            saved[id(rendition)] = {"name": name, "type": rendition.type}
    return {size: saved[id(rendition)] for size, rendition in renditions.items()}


def delete_files(files: Iterable[Mapping[str, Any]]) -> None:
    """
    Delete the files of items, except originals. A file that cannot be deleted is logged.

    :param files: values of `Item.files`.
    """
    for item in files:
        names = (file.get("name") for size, file in item.items() if size != "original")
        for name in set(filter(None, names)):
            try:
                get_storage().delete(name)
            except OSError:
                logger.warning("A thumbnail could not be deleted.", exc_info=True)


def delete_item_files(instance: Any, using: str, **kwargs: Any) -> None:
    """
    Receiver of `post_delete`: delete an item's files on commit.
    """
    transaction.on_commit(partial(delete_files, [instance.files]), using=using)
