"""
One page of a service, into the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    transaction,
)

from ..connectors.base import Batch, FoundItem, ItemFailure, KnownStamps
from ..index.write import build_item, delete_items, write_items
from ..media.storage import delete_files, save_renditions
from ..models import Identity, Item
from .lease import Lease, LeaseLost

if TYPE_CHECKING:
    pass


BATCH = 500
INVALID_RECORD_ERRORS = (DataError, IntegrityError, ValueError, TypeError, ArithmeticError)
"""What a record raises that no index can hold: endless texts, dates in no calendar, NUL."""


def known_stamps(identity: Identity) -> KnownStamps:
    """
    Return the function that tells a connector what the index has.
    """

    def known(ids: Any) -> Mapping[str, str]:
        stamps: dict[str, str] = {}
        for batch in _split(list(ids)):
            there = identity.items.filter(service_id__in=batch)
            stamps.update(there.values_list("service_id", "etag"))
        return stamps

    return known


def ingest_batch(lease: Lease, page: Batch, owner_name: str, report: SyncReport) -> None:
    """
    Write one page, and with it where the look goes on. A record that can't be written is passed
    over.

    :param owner_name: for items whose service doesn't tell.
    :raises LeaseLost: if another worker has the account by now; then nothing is written.
    """
    rows, failures = _build_rows(lease.identity, page.items, owner_name)
    try:
        _write_batch(lease, page, rows, failures, report)
    except INVALID_RECORD_ERRORS:
        rows, unfit = _find_valid_rows(lease, rows)
        _write_batch(lease, page, rows, failures + unfit, report)


def delete_unseen_items(lease: Lease) -> int:
    """
    Take out of the index what a whole look didn't come upon.

    :returns: how many items that were.
    """
    identity, removed = lease.identity, 0
    unseen = identity.items.exclude(sync_number=identity.sync_number)
    while gone := list(unseen.only("pk")[:BATCH]):
        with transaction.atomic():
            lease.renew()
            delete_items(identity, gone)
        removed += len(gone)
    return removed


def _build_rows(
    identity: Identity, found: Sequence[FoundItem], owner_name: str
) -> tuple[list[Item], list[ItemFailure]]:
    """
    Return the rows of a page's items, each once: of two with one id, the later counts. Their files
    go to the storage first, outside of the transaction.
    """
    rows, failures = [], []
    for one in {one.photo.id: one for one in found}.values():
        try:
            rows.append(build_item(identity, one, _save_files(one), owner_name))
        except INVALID_RECORD_ERRORS as unfit:
            failures.append(_build_failure(one.photo.id, unfit))
    return rows, failures


def _save_files(found: FoundItem) -> dict[str, dict[str, str]]:
    if found.proxied:
        return {size: {} for size in found.photo.urls}
    original = {"original": {"name": found.photo.id, "type": found.type}} if found.type else {}
    return {**save_renditions(found.renditions), **original}


def _write_batch(
    lease: Lease, page: Batch, rows: list[Item], failures: list[ItemFailure], report: SyncReport
) -> None:
    """
    The old files go last; which those are is read while nobody else writes.
    """
    identity, ids = lease.identity, [row.service_id for row in rows]
    albumless = {one.photo.id for one in page.items if not one.has_album}
    failures = [*page.failures, *failures]
    try:
        with transaction.atomic():
            lease.save_progress(page, len(failures))
            there = identity.items.filter(service_id__in=ids)
            old_files = list(there.values_list("files", flat=True)) if rows else []
            if rows:
                _preserve_albums(there, [row for row in rows if row.service_id in albumless])
                write_items(identity, rows)
                transaction.on_commit(partial(delete_files, old_files))
            unchanged = _mark_seen(identity, page)
            removed = _delete_by_id(identity, page.deleted)
            _assign_albums(identity, page.albums)
    except (OperationalError, InterfaceError, LeaseLost):
        delete_files([row.files for row in rows])
        raise
    report.failures += failures
    report.changed += len(old_files)
    report.added += len(rows) - len(old_files)
    report.unchanged += unchanged
    report.removed += removed


def _find_valid_rows(lease: Lease, rows: list[Item]) -> tuple[list[Item], list[ItemFailure]]:
    """
    Find out which rows can't be written, by writing each and taking it back.
    """
    fit, failures = [], []
    for row in rows:
        try:
            with transaction.atomic():
                write_items(lease.identity, [row])
                transaction.set_rollback(True)
            row.pk = None
            fit.append(row)
        except INVALID_RECORD_ERRORS as unfit:
            delete_files([row.files])
            failures.append(_build_failure(row.service_id, unfit))
    return fit, failures


def _mark_seen(identity: Identity, page: Batch) -> int:
    """
    Note that a page's items were seen, and those that can't be listed now spared.

    :returns: how many there were that didn't change.
    """
    others = identity.items.exclude(sync_number=identity.sync_number)
    seen = sum(
        others.filter(service_id__in=batch).update(sync_number=identity.sync_number)
        for batch in _split(page.seen)
    )
    return seen + sum(
        others.filter(service_id__startswith=beginning).update(sync_number=identity.sync_number)
        for beginning in page.unlisted
    )


def _preserve_albums(there: Any, rows: list[Item]) -> None:
    """
    Let items whose records don't tell their album stay in the one that the index has.
    """
    known = dict(there.values_list("service_id", "album_id")) if rows else {}
    for row in rows:
        row.album_id = known.get(row.service_id, row.album_id)


def _assign_albums(identity: Identity, albums: Mapping[str, Sequence[str]]) -> None:
    for album, ids in albums.items():
        for batch in _split(ids):
            elsewhere = identity.items.filter(service_id__in=batch).exclude(album_id=album)
            elsewhere.update(album_id=album)


def _delete_by_id(identity: Identity, ids: Sequence[str]) -> int:
    gone = list(identity.items.filter(service_id__in=ids).only("pk")) if ids else []
    if gone:
        delete_items(identity, gone)
    return len(gone)


def _build_failure(name: object, unfit: Exception) -> ItemFailure:
    """
    What a database says of a record may hold the record; its kind says enough.
    """
    shown = str(name)[:200].encode("ascii", "backslashreplace").decode()
    return ItemFailure(name=shown, reason=f"The index can't hold it ({type(unfit).__name__}).")


def _split(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))


@dataclass(slots=True)
class SyncReport:
    """
    What a sync did.

    :param complete: whether the service was seen to its end; else the next sync goes on.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[ItemFailure] = field(default_factory=list)
    complete: bool = True
