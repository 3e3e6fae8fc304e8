"""
Deletion of files that no item references: of a killed process, a transaction that was rolled back,
or a storage that was unavailable.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from ..models import Item
from .storage import get_storage, storage_root

logger = logging.getLogger(__name__)


def find_unused_files(grace: timedelta) -> Iterator[str]:
    """
    Yield the names of unreferenced files, account by account.

    :param grace: the minimum age. It must be longer than a sync takes to write a batch, because
        files are saved before the items that reference them.
    :raises NotImplementedError: if the storage cannot list files.
    """
    cutoff = timezone.now() - grace
    for directory in _list(storage_root())[0]:
        # Listed before the references are read: a file that is saved in between is not in the list.
        names = set(_walk(f"{storage_root()}/{directory}"))
        for name in sorted(names - _referenced_names(directory)):
            if _is_older(name, cutoff):
                yield name


def delete_file(name: str) -> bool:
    try:
        get_storage().delete(name)
    except Exception:  # each storage raises exceptions of its own
        logger.warning("A thumbnail could not be deleted.", exc_info=True)
        return False
    return True


def _referenced_names(directory: str) -> set[str]:
    """
    Return the file names of an account's items.

    :param directory: the primary key of the account.
    """
    if not directory.isdecimal():
        return set()
    items = Item.objects.filter(identity_id=int(directory)).values_list("files", flat=True)
    return {
        file["name"]
        for files in items.iterator(chunk_size=2000)
        for file in files.values()
        if "name" in file
    }


def _walk(directory: str) -> Iterator[str]:
    directories, files = _list(directory)
    for name in files:
        yield f"{directory}/{name}"
    for name in directories:
        yield from _walk(f"{directory}/{name}")


def _list(directory: str) -> tuple[list[str], list[str]]:
    try:
        return get_storage().listdir(directory)
    except FileNotFoundError:
        return [], []


def _is_older(name: str, cutoff: datetime) -> bool:
    try:
        return get_storage().get_modified_time(name) < cutoff
    except Exception:  # each storage raises exceptions of its own, for example for a deleted file
        return False
