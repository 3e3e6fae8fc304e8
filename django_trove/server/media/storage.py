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
from ..connectors.base import Rendition, ServiceFailed

SUFFIXES = {"image/jpeg": ".jpg", "image/webp": ".webp", "image/png": ".png", "image/gif": ".gif"}

STORAGE_MESSAGE = (
    "This Trove cannot store thumbnails now. The sync will resume. The server log has the details."
)

logger = logging.getLogger(__name__)


class StorageFailed(ServiceFailed):
    """
    The storage is full, read-only or unavailable.
    """


def get_storage() -> Storage:
    return storages[conf.storage]


def save_renditions(renditions: Mapping[str, Rendition]) -> dict[str, dict[str, str]]:
    """
    Save an item's sizes. Sizes that share one rendition share one file.

    :returns: the name and the type of each file, as in `Item.files`.
    :raises StorageFailed: if they cannot be saved.
    """
    saved: dict[int, dict[str, str]] = {}
    try:
        for rendition in renditions.values():
            if id(rendition) not in saved:
                saved[id(rendition)] = file = {"name": _new_name(rendition), "type": rendition.type}
                file["name"] = get_storage().save(file["name"], ContentFile(rendition.content))
    except Exception as error:  # each storage raises exceptions of its own
        delete_files([{str(key): file for key, file in saved.items()}])
        logger.exception("The storage of thumbnails failed.")
        raise StorageFailed(STORAGE_MESSAGE) from error
    return {size: saved[id(rendition)] for size, rendition in renditions.items()}


def _new_name(rendition: Rendition) -> str:
    key = random_key()
    return f"trove/{key[:2]}/{key}{SUFFIXES[rendition.type]}"


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
            except Exception:  # each storage raises exceptions of its own
                logger.warning("A thumbnail could not be deleted.", exc_info=True)


def delete_item_files(instance: Any, using: str, **kwargs: Any) -> None:
    """
    Receiver of `post_delete`: delete an item's files on commit.
    """
    transaction.on_commit(partial(delete_files, [instance.files]), using=using)
