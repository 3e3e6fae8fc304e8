"""
Storage of thumbnails, under unguessable names in a Django storage.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction

from ...core.encryption import random_key
from ..conf import conf
from ..connectors.base import Rendition
from ..connectors.errors import ServiceFailed
from ..connectors.messages import Message as _

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/png": ".png",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/webm": ".webm",
}

STORAGE_MESSAGE = _(
    "This Trove cannot store thumbnails now. The sync will resume. The server log has the details."
)

logger = logging.getLogger(__name__)


class StorageFailed(ServiceFailed):
    """
    The storage is full, read-only or unavailable.
    """


def get_storage() -> Storage:
    return storages[conf.storage]


def save_renditions(
    identity_id: int, renditions: Mapping[str, Rendition]
) -> dict[str, dict[str, str]]:
    """
    Save the sizes of an account's item. Sizes that share one rendition share one file.

    :returns: the name and the type of each file, as in `Item.files`.
    :raises StorageFailed: if they cannot be saved.
    """
    saved: dict[int, dict[str, str]] = {}
    try:
        for rendition in renditions.values():
            if id(rendition) not in saved:
                name = _new_name(identity_id, rendition)
                saved[id(rendition)] = file = {"name": name, "type": rendition.type}
                file["name"] = _save(name, rendition)
    except Exception as error:  # each storage raises exceptions of its own
        delete_files([{str(key): file for key, file in saved.items()}])
        logger.exception("The storage of thumbnails failed.")
        raise StorageFailed(STORAGE_MESSAGE) from error
    return {size: saved[id(rendition)] for size, rendition in renditions.items()}


def _save(name: str, rendition: Rendition) -> str:
    if rendition.path is None:
        return get_storage().save(name, ContentFile(rendition.content))
    with rendition.path.open("rb") as content:
        return get_storage().save(name, File(content))


def storage_root() -> str:
    """
    Return the directory of this Trove's files: several Troves may share a storage.
    """
    return f"trove/{conf.installation_id}"


def _new_name(identity_id: int, rendition: Rendition) -> str:
    key, suffix = random_key(), SUFFIXES.get(rendition.type, "")
    return f"{storage_root()}/{identity_id}/{key[:2]}/{key}{suffix}"


def delete_files(files: Iterable[Mapping[str, Any]]) -> None:
    """
    Delete the files of items, except those of the connector. A file that cannot be deleted is
    logged.

    :param files: values of `Item.files`.
    """
    for item in files:
        names = (file.get("name") for file in item.values())
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
