"""
From a service's pages to the index. What didn't change isn't written, and what is gone goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction

from . import indexing, signals, storage
from .connectors.base import Failure, Found, Page, ServiceFailed
from .connectors.registry import CONNECTORS
from .leasing import Lease, LeaseLost, lease_of
from .models import Identity
from .models.people import display_name
from .rows import item_row

__all__ = ["Report", "SyncBusy", "SyncFailed", "sync"]

BATCH = 500


class SyncFailed(Exception):
    """
    The service couldn't be read, and the index is as it was.
    """


class SyncBusy(SyncFailed):
    """
    Another worker is looking at the service, or the account was removed.
    """


@dataclass(slots=True)
class Report:
    """
    What a sync did.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)


def sync(identity: Identity, on_page: Callable[[Page], Any] | None = None) -> Report:
    """
    Read an account's service, and make the index show what it shows.

    :param on_page: is called with each page once it is in the index.
    :raises SyncBusy: if another worker does so now.
    :raises SyncFailed: if the service can't be read; the message says why.
    """
    try:
        with lease_of(identity) as lease:
            report = _look(lease, on_page)
    except LeaseLost as lost:
        raise SyncBusy(str(lost)) from None
    signals.identity_synced.send(Identity, identity=identity, report=report)
    return report


def _look(lease: Lease, on_page: Callable[[Page], Any] | None) -> Report:
    identity, report = lease.identity, Report()
    known = dict(identity.items.values_list("service_id", "stamp"))
    gone = set(known)
    try:
        for page in _connector(identity).pages(known):
            _take_in(lease, page, known, report)
            gone.difference_update(page.seen)
            if on_page:
                on_page(page)
    except ServiceFailed as failed:
        lease.fail(failed.reason)
        raise SyncFailed(failed.reason) from failed
    report.removed = _remove(lease, sorted(gone))
    if report.changed or report.removed:
        indexing.sweep_tags(identity.user_id)
    report.unchanged = len(known) - report.changed - report.removed
    lease.succeed()
    return report


def _connector(identity: Identity) -> Any:
    connector = CONNECTORS.get(identity.service)
    if connector is None:
        raise SyncFailed(f"This Trove doesn't know the service {identity.service} any more.")
    return connector(identity.settings)


def _take_in(lease: Lease, page: Page, known: dict[str, str], report: Report) -> None:
    """
    Write one page. The files go first, outside of the transaction, and the old ones last; which
    those are is read while nobody else writes.
    """
    identity = lease.identity
    report.failures += page.failures
    if not page.found:
        lease.renew(len(page.seen), len(page.failures), page.total)
        return
    owner_name = display_name(identity.user)
    rows = [item_row(identity, found, _files(found), owner_name) for found in page.found]
    ids = [row.service_id for row in rows]
    try:
        with transaction.atomic():
            lease.renew(len(page.seen), len(page.failures), page.total)
            before = identity.items.filter(service_id__in=ids)
            old_files = list(before.values_list("files", flat=True))
            indexing.write(identity, rows)
            transaction.on_commit(partial(storage.discard, old_files))
    except (DatabaseError, LeaseLost):
        storage.discard([row.files for row in rows])
        raise
    changed = len(known.keys() & set(ids))
    report.changed += changed
    report.added += len(rows) - changed


def _files(found: Found) -> dict[str, dict[str, str]]:
    if not found.renditions:
        return {}
    original = {"name": found.photo.id, "type": found.type}
    return {**storage.keep(found.renditions), "original": original}


def _remove(lease: Lease, gone: Sequence[str]) -> int:
    """
    Take items out of the index; their files follow (`storage.discard_of`).
    """
    for ids in _batches(gone):
        with transaction.atomic():
            lease.renew(0, 0, None)
            indexing.drop(lease.identity, lease.identity.items.filter(service_id__in=ids))
    return len(gone)


def _batches(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))
