"""
One page of a service, into the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    transaction,
)

from . import indexing, storage
from .connectors.base import Failure, Found, Known, Page
from .leasing import Lease, LeaseLost
from .models import Identity, Item
from .rows import item_row

if TYPE_CHECKING:
    from .sync import Report

__all__ = ["known_of", "remove_unseen", "take_in"]

BATCH = 500
UNFIT = (DataError, IntegrityError, ValueError, TypeError, ArithmeticError)
"""What a record raises that no index can hold: endless texts, dates in no calendar, NUL."""


def known_of(identity: Identity) -> Known:
    """
    Return the function that tells a connector what the index has.
    """

    def known(ids: Any) -> Mapping[str, str]:
        stamps: dict[str, str] = {}
        for batch in _batches(list(ids)):
            there = identity.items.filter(service_id__in=batch)
            stamps.update(there.values_list("service_id", "stamp"))
        return stamps

    return known


def take_in(lease: Lease, page: Page, owner_name: str, report: Report) -> None:
    """
    Write one page, and with it where the look goes on. A record that can't be written is passed
    over.

    :param owner_name: for items whose service doesn't tell.
    :raises LeaseLost: if another worker has the account by now; then nothing is written.
    """
    rows, failures = _rows(lease.identity, page.found, owner_name)
    try:
        _write(lease, page, rows, failures, report)
    except UNFIT:
        rows, unfit = _fit(lease, rows)
        _write(lease, page, rows, failures + unfit, report)


def remove_unseen(lease: Lease) -> int:
    """
    Take out of the index what a whole look didn't come upon.

    :returns: how many items that were.
    """
    identity, removed = lease.identity, 0
    unseen = identity.items.exclude(round=identity.round)
    while gone := list(unseen.only("pk")[:BATCH]):
        with transaction.atomic():
            lease.renew()
            indexing.drop(identity, gone)
        removed += len(gone)
    return removed


def _rows(
    identity: Identity, found: Sequence[Found], owner_name: str
) -> tuple[list[Item], list[Failure]]:
    """
    Return the rows of a page's items, each once: of two with one id, the later counts. Their files
    go to the storage first, outside of the transaction.
    """
    rows, failures = [], []
    for one in {one.photo.id: one for one in found}.values():
        try:
            rows.append(item_row(identity, one, _files(one), owner_name))
        except UNFIT as unfit:
            failures.append(_failure(one.photo.id, unfit))
    return rows, failures


def _files(found: Found) -> dict[str, dict[str, str]]:
    if found.via_us:
        return {size: {} for size in found.photo.urls}
    original = {"original": {"name": found.photo.id, "type": found.type}} if found.type else {}
    return {**storage.keep(found.renditions), **original}


def _write(
    lease: Lease, page: Page, rows: list[Item], failures: list[Failure], report: Report
) -> None:
    """
    The old files go last; which those are is read while nobody else writes.
    """
    identity, ids = lease.identity, [row.service_id for row in rows]
    albumless = {one.photo.id for one in page.found if not one.knows_album}
    failures = [*page.failures, *failures]
    try:
        with transaction.atomic():
            lease.keep(page, len(failures))
            there = identity.items.filter(service_id__in=ids)
            old_files = list(there.values_list("files", flat=True)) if rows else []
            if rows:
                _keep_albums(there, [row for row in rows if row.service_id in albumless])
                indexing.write(identity, rows)
                transaction.on_commit(partial(storage.discard, old_files))
            unchanged = _mark(identity, page)
            removed = _drop(identity, page.gone)
            _put_into_albums(identity, page.albums)
    except (OperationalError, InterfaceError, LeaseLost):
        storage.discard([row.files for row in rows])
        raise
    report.failures += failures
    report.changed += len(old_files)
    report.added += len(rows) - len(old_files)
    report.unchanged += unchanged
    report.removed += removed


def _fit(lease: Lease, rows: list[Item]) -> tuple[list[Item], list[Failure]]:
    """
    Find out which rows can't be written, by writing each and taking it back.
    """
    fit, failures = [], []
    for row in rows:
        try:
            with transaction.atomic():
                indexing.write(lease.identity, [row])
                transaction.set_rollback(True)
            row.pk = None
            fit.append(row)
        except UNFIT as unfit:
            storage.discard([row.files])
            failures.append(_failure(row.service_id, unfit))
    return fit, failures


def _mark(identity: Identity, page: Page) -> int:
    """
    Note that a page's items were seen, and those that can't be listed now spared.

    :returns: how many there were that didn't change.
    """
    others = identity.items.exclude(round=identity.round)
    seen = sum(
        others.filter(service_id__in=batch).update(round=identity.round)
        for batch in _batches(page.seen)
    )
    return seen + sum(
        others.filter(service_id__startswith=beginning).update(round=identity.round)
        for beginning in page.hidden
    )


def _keep_albums(there: Any, rows: list[Item]) -> None:
    """
    Let items whose records don't tell their album stay in the one that the index has.
    """
    known = dict(there.values_list("service_id", "album_id")) if rows else {}
    for row in rows:
        row.album_id = known.get(row.service_id, row.album_id)


def _put_into_albums(identity: Identity, albums: Mapping[str, Sequence[str]]) -> None:
    for album, ids in albums.items():
        for batch in _batches(ids):
            elsewhere = identity.items.filter(service_id__in=batch).exclude(album_id=album)
            elsewhere.update(album_id=album)


def _drop(identity: Identity, ids: Sequence[str]) -> int:
    gone = list(identity.items.filter(service_id__in=ids).only("pk")) if ids else []
    if gone:
        indexing.drop(identity, gone)
    return len(gone)


def _failure(name: object, unfit: Exception) -> Failure:
    """
    What a database says of a record may hold the record; its kind says enough.
    """
    shown = str(name)[:200].encode("ascii", "backslashreplace").decode()
    return Failure(name=shown, reason=f"The index can't hold it ({type(unfit).__name__}).")


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))
