"""
From a service's pages to the index. What didn't change isn't written, and what is gone goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from . import indexing, signals, storage
from .connectors.base import Failure, Found, Page, ServiceFailed
from .connectors.registry import CONNECTORS
from .models import Identity
from .models.people import display_name
from .rows import item_row

__all__ = ["Report", "SyncFailed", "sync"]

BATCH = 500


class SyncFailed(Exception):
    """
    The service couldn't be read, and the index is as it was.
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
    Read an account's service, and make the index show what it shows. For what an application pushes
    there is nothing to do.

    :param on_page: is called with each page once it is in the index.
    :raises SyncFailed: if the service can't be read; the message says why.
    """
    if identity.is_pushed:
        return Report()
    known = dict(identity.items.values_list("service_id", "stamp"))
    report, gone = Report(), set(known)
    try:
        for page in _connector(identity).pages(known):
            _take_in(identity, page, known, report)
            gone.difference_update(page.seen)
            if on_page:
                on_page(page)
    except ServiceFailed as failed:
        raise SyncFailed(failed.reason) from failed
    report.removed = _remove(identity, sorted(gone))
    report.unchanged = len(known) - report.changed - report.removed
    identity.last_synced = timezone.now()
    Identity.objects.filter(pk=identity.pk).update(last_synced=identity.last_synced)
    signals.identity_synced.send(Identity, identity=identity, report=report)
    return report


def _connector(identity: Identity) -> Any:
    connector = CONNECTORS.get(identity.service)
    if connector is None:
        raise SyncFailed(f"This Trove doesn't know the service {identity.service} any more.")
    return connector(identity.settings)


def _take_in(identity: Identity, page: Page, known: dict[str, str], report: Report) -> None:
    """
    Write one page. The files go first, outside of the transaction, and the old ones last; which
    those are is read while nobody else writes.
    """
    report.failures += page.failures
    if not page.found:
        return
    owner_name = display_name(identity.user)
    rows = [item_row(identity, found, _files(found), owner_name) for found in page.found]
    ids = [row.service_id for row in rows]
    try:
        with transaction.atomic():
            _hold(identity)
            before = identity.items.filter(service_id__in=ids)
            old_files = list(before.values_list("files", flat=True))
            indexing.write(identity, rows)
            transaction.on_commit(partial(storage.discard, old_files))
    except (DatabaseError, SyncFailed):
        storage.discard([row.files for row in rows])
        raise
    changed = len(known.keys() & set(ids))
    report.changed += changed
    report.added += len(rows) - changed


def _hold(identity: Identity) -> None:
    """
    Keep other syncs of this account waiting until the transaction ends. It is an update, and comes
    first, so that they wait on SQLite too.
    """
    if not Identity.objects.filter(pk=identity.pk).update(last_synced=F("last_synced")):
        raise SyncFailed("It was removed while it was looked at.")


def _files(found: Found) -> dict[str, dict[str, str]]:
    if not found.renditions:
        return {}
    original = {"name": found.photo.id, "type": found.type}
    return {**storage.keep(found.renditions), "original": original}


def _remove(identity: Identity, gone: Sequence[str]) -> int:
    """
    Take items out of the index; their files follow (`storage.discard_of`).
    """
    for ids in _batches(gone):
        with transaction.atomic():
            _hold(identity)
            indexing.drop(identity, identity.items.filter(service_id__in=ids))
    return len(gone)


def _batches(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))
