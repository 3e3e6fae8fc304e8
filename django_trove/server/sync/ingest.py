"""
Write a batch of a service's items to the index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)

from django_trove.client.content import Photo
from django_trove.core.database import atomic, get_connection, on_commit

from ..connectors.base import Batch, FoundItem, ItemFailure, KnownStamps
from ..connectors.messages import NO_MESSAGE, Message
from ..connectors.messages import Message as _
from ..index.batches import split_into_batches
from ..index.items import build_item
from ..index.write import assign_album, delete_items, write_items
from ..media.storage import StorageFailed, delete_files, save_renditions
from ..models import Identity, Item
from .lease import Lease

# Raised for values of a wrong type, and for those that the database rejects: too long, out of range
# or NUL.
INVALID_RECORD_ERRORS = (
    DataError,
    IntegrityError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
)


def known_stamps(identity: Identity) -> KnownStamps:
    """
    Return a function from item ids to the etags in the index.
    """

    def known(ids: Any) -> Mapping[str, str]:
        etags: dict[str, str] = {}
        for batch in split_into_batches(list(filter(is_valid_id, ids))):
            items = identity.items.filter(service_id__in=batch)
            etags.update(items.values_list("service_id", "etag"))
        return etags

    return known


def ingest_batch(lease: Lease, batch: Batch, owner_name: str, report: SyncReport) -> None:
    """
    Write a batch and the sync's cursor in one transaction. Records that cannot be written are
    skipped.

    :param owner_name: default for items without an owner.
    :raises LeaseLost: if another worker has the lease; nothing is written.
    """
    rows, failures = _build_rows(lease.identity, batch.items, owner_name)
    try:
        _write_batch(lease, batch, rows, failures, report)
    except INVALID_RECORD_ERRORS:
        rows, invalid = _find_valid_rows(lease, rows)
        _write_batch(lease, batch, rows, failures + invalid, report)


def _build_rows(
    identity: Identity, items: Sequence[FoundItem], owner_name: str
) -> tuple[list[Item], list[ItemFailure]]:
    """
    Return one row per id; the last of several items with the same id is used. Files are saved here,
    outside of the transaction.
    """
    rows, failures = [], []
    for item in {item.service_id: item for item in items}.values():
        try:
            rows.append(build_item(identity, item, _save_files(identity, item), owner_name))
        except INVALID_RECORD_ERRORS as error:
            failures.append(_build_failure(item.service_id, error))
        except StorageFailed:
            delete_files([row.files for row in rows])
            raise
    return rows, failures


def _save_files(identity: Identity, item: FoundItem) -> dict[str, dict[str, str]]:
    original = {"original": {"type": item.type}} if item.type else {}
    if item.proxied and isinstance(item.content, Photo):
        return {**{size: {} for size in item.content.urls}, **original}
    return {**save_renditions(identity.pk, item.renditions), **original}


def _write_batch(
    lease: Lease, batch: Batch, rows: list[Item], failures: list[ItemFailure], report: SyncReport
) -> None:
    """
    Replaced files are deleted on commit. Their names are read under the lock that `save_progress`
    takes.
    """
    identity, ids = lease.identity, [row.service_id for row in rows]
    albumless = {item.service_id for item in batch.items if not item.has_album}
    failures = [*batch.failures, *failures]
    try:
        with atomic(Item):
            lease.save_progress(batch, len(failures), batch.doubt or _find_emptied(identity, batch))
            existing = identity.items.filter(service_id__in=ids)
            old_files = list(existing.values_list("files", flat=True)) if rows else []
            if rows:
                _preserve_albums(existing, [row for row in rows if row.service_id in albumless])
                write_items(identity, rows)
                on_commit(partial(delete_files, old_files), Item)
            unchanged = _mark_seen(identity, batch)
            removed = _delete_by_id(identity, batch.deleted)
            for album, album_items in batch.albums.items():
                assign_album(identity, album, batch.album_titles.get(album, ""), album_items)
    except (OperationalError, InterfaceError, *INVALID_RECORD_ERRORS):
        raise  # the transaction may be committed, or the rows are written again
    except Exception:
        delete_files([row.files for row in rows])
        raise
    report.failures += failures
    report.skipped += batch.skipped
    report.changed += len(old_files)
    report.added += len(rows) - len(old_files)
    report.unchanged += unchanged
    report.removed += removed


def _find_valid_rows(lease: Lease, rows: list[Item]) -> tuple[list[Item], list[ItemFailure]]:
    """
    Separate valid rows from invalid ones by writing each in a transaction that is rolled back.
    """
    valid, failures = [], []
    for row in rows:
        try:
            with atomic(Item):
                write_items(lease.identity, [row])
                get_connection(Item).set_rollback(True)
            row.pk = None
            valid.append(row)
        except INVALID_RECORD_ERRORS as error:
            delete_files([row.files])
            failures.append(_build_failure(row.service_id, error))
    return valid, failures


def _mark_seen(identity: Identity, batch: Batch) -> int:
    """
    Set the sync number of a batch's items and of those that cannot be listed now.

    :returns: the number of unchanged items.
    """
    unmarked = identity.items.exclude(sync_number=identity.sync_number)
    seen = sum(
        unmarked.filter(service_id__in=ids).update(sync_number=identity.sync_number)
        for ids in split_into_batches(list(filter(is_valid_id, batch.seen)))
    )
    return seen + sum(
        unmarked.filter(service_id__startswith=prefix).update(sync_number=identity.sync_number)
        for prefix in filter(is_valid_id, batch.unlisted)
    )


def _find_emptied(identity: Identity, batch: Batch) -> Message:
    """
    Return the reason for a doubt if a folder is empty now, but has indexed items.
    """
    for prefix in filter(is_valid_id, batch.emptied):
        if identity.items.filter(service_id__startswith=prefix).exists():
            name = prefix or identity.name
            return _("The folder %(name)s is empty. Its disk may not be mounted.", name=name)
    return NO_MESSAGE


def _preserve_albums(existing: Any, rows: list[Item]) -> None:
    """
    Keep the indexed album of items whose records have no album.
    """
    columns = existing.values_list("service_id", "album_id", "album_title") if rows else ()
    known = {service_id: album for service_id, *album in columns}
    for row in rows:
        album = known.get(row.service_id, (row.album_id, row.album_title))
        row.album_id, row.album_title = album


def _delete_by_id(identity: Identity, ids: Sequence[str]) -> int:
    removed = 0
    for batch in split_into_batches(ids):
        items = list(identity.items.filter(service_id__in=batch).only("pk"))
        delete_items(identity, items)
        removed += len(items)
    return removed


def _build_failure(name: object, error: Exception) -> ItemFailure:
    """
    The database's message may contain the record, so the reason is only the exception's class.
    """
    printable = str(name)[:200].encode("ascii", "backslashreplace").decode()
    return ItemFailure(
        name=printable, reason=_("The record is invalid (%(error)s).", error=type(error).__name__)
    )


def is_valid_id(service_id: str) -> bool:
    """
    Return whether the database can compare a value with an id. A file name may contain bytes that
    are not UTF-8, and JSON may contain NUL.
    """
    try:
        service_id.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in service_id


@dataclass(slots=True)
class SyncReport:
    """
    The result of a sync.

    :param failures: unreadable items.
    :param skipped: items that are not imported, but are readable.
    :param complete: false if the sync stopped early and the next one resumes it.
    :param kept: number of items that were not found, but were kept.
    :param kept_reason: why they were kept.
    :param unpermitted: the wanted content types that the service does not permit.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[ItemFailure] = field(default_factory=list)
    skipped: list[ItemFailure] = field(default_factory=list)
    complete: bool = True
    kept: int = 0
    kept_reason: Message = NO_MESSAGE
    unpermitted: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        counts = (self.added, self.changed, self.removed, self.unchanged, len(self.failures))
        return sum(counts)
