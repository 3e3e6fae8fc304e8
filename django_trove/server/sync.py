"""
From a service's pages to the index. What didn't change isn't written, and what is gone goes. Where
the look is, is kept with each page: whoever goes on with it, goes on there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from . import indexing, signals
from .connectors.base import (
    Failure,
    Misconfigured,
    Page,
    Revoked,
    ServiceFailed,
    TryLater,
)
from .leasing import Lease, LeaseLost, lease_of
from .models import Identity, ServicePause
from .models.people import display_name
from .services import connector_of
from .taking_in import known_of, remove_unseen, take_in

__all__ = ["Report", "SyncBusy", "SyncFailed", "sync"]

FAULT = "Its answer can't be read. The operator of this Trove finds the details in the log."
AWAY = "The database was away. The look goes on where it was."
OPERATORS_WAIT = 3600  # seconds until a service that this Trove can't ask is asked again

logger = logging.getLogger(__name__)


class SyncFailed(Exception):
    """
    The service couldn't be read to its end. What was taken in stays, and so does what the index
    had: nothing goes until the service was seen whole.
    """


class SyncBusy(SyncFailed):
    """
    Another worker is looking at the service, or the account can't be looked at any more.
    """


@dataclass(slots=True)
class Report:
    """
    What a sync did.

    :param complete: whether the service was seen to its end; else the next sync goes on.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    complete: bool = True


def sync(
    identity: Identity,
    on_page: Callable[[Page], Any] | None = None,
    *,
    seconds: float | None = None,
) -> Report:
    """
    Read an account's service, and make the index show what it shows. For what an application pushes
    there is nothing to do.

    :param on_page: is called with each page once it is in the index.
    :param seconds: when to stop, after the page that is at hand; the next sync goes on there.
    :raises SyncBusy: if another worker does so now, or the account is no more.
    :raises SyncFailed: if the service can't be read; the message says why.
    """
    if identity.is_pushed:
        return Report()
    try:
        _demand_no_pause(identity.service)
        with lease_of(identity) as lease:
            report = _tried(lease, on_page, seconds)
    except LeaseLost as lost:
        raise SyncBusy(str(lost)) from None
    except (OperationalError, InterfaceError):
        logger.warning("A look at identity %s broke off.", identity.pk, exc_info=True)
        close_old_connections()  # else one that broke would be used for ever
        raise SyncFailed(AWAY) from None
    if report.complete:
        signals.identity_synced.send(Identity, identity=identity, report=report)
    return report


def _demand_no_pause(service: str) -> None:
    pause = ServicePause.objects.running().filter(service=service).first()
    if pause:
        raise SyncFailed(f"{pause.reason} It is asked again from {pause.until:%H:%M} UTC on.")


def _tried(lease: Lease, on_page: Callable[[Page], Any] | None, seconds: float | None) -> Report:
    """
    Look, and note in the row why that failed, if it does.
    """
    try:
        return _look(lease, on_page, seconds)
    except Revoked as revoked:
        lease.end(revoked.reason)
        reason = revoked.reason
    except TryLater as later:
        if later.everybody:
            ServicePause.objects.begin(lease.identity.service, later.reason, later.seconds)
        lease.fail(later.reason, later.seconds or 0)
        reason = later.reason
    except Misconfigured as wrong:
        logger.error("%s can't be asked: %s", lease.identity.service, wrong.reason)
        lease.fail(wrong.reason, OPERATORS_WAIT)
        reason = wrong.reason
    except ServiceFailed as failed:
        lease.fail(failed.reason)
        reason = failed.reason
    signals.identity_failed.send_robust(Identity, identity=lease.identity, reason=reason)
    raise SyncFailed(reason)


def _look(lease: Lease, on_page: Callable[[Page], Any] | None, seconds: float | None) -> Report:
    identity, report = lease.identity, Report()
    end = None if seconds is None else time.monotonic() + seconds
    went_on, whole = identity.done > 0, False
    owner_name = display_name(identity.user)
    pages = _pages(identity)
    while page := _next(pages):
        take_in(lease, page, owner_name, report)
        whole = page.whole
        if on_page:
            on_page(page)
        if end is not None and time.monotonic() >= end:
            report.complete = False
            lease.pause()
            return report
    if whole:
        report.removed += remove_unseen(lease)
    if report.changed or report.removed or went_on:
        indexing.sweep_tags(identity.user_id)
    lease.succeed()
    return report


def _pages(identity: Identity) -> Any:
    return iter(connector_of(identity).pages(identity.cursor, known_of(identity)))


def _next(pages: Any) -> Page | None:
    """
    Return the next page. Whatever a connector stumbles over is a failure of its service.
    """
    try:
        page: Page | None = next(pages, None)
    except (ServiceFailed, OperationalError, InterfaceError):
        raise
    except Exception as fault:
        logger.exception("A connector stumbled over what its service said.")
        raise ServiceFailed(FAULT) from fault
    return page
