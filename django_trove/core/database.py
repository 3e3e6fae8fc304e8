"""
The database of a model, as the router returns it: transactions, reads from the primary, and
operations that survive a rollback.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

from django.db import DatabaseError, connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
View = TypeVar("View", bound=Callable[..., Any])

logger = logging.getLogger(__name__)

_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


def write_alias(model: type[models.Model]) -> str:
    return router.db_for_write(model)


def read_alias(model: type[models.Model]) -> str:
    """
    Return the database that `PrimaryManager` reads from.
    """
    return router.db_for_read(model) if _reads_replica.get() else write_alias(model)


def get_connection(model: type[models.Model]) -> BaseDatabaseWrapper:
    """
    Return the connection to the database that a model is written to.
    """
    return connections[write_alias(model)]


def database_address(model: type[models.Model]) -> str:
    options = get_connection(model).settings_dict
    return " ".join(str(options[key]) for key in ("ENGINE", "HOST", "PORT", "NAME"))


def atomic(model: type[models.Model]) -> transaction.Atomic:
    return transaction.atomic(using=write_alias(model))


def on_commit(callback: Callable[[], Any], model: type[models.Model]) -> None:
    transaction.on_commit(callback, using=write_alias(model))


def non_atomic_requests(view: View) -> View:
    """
    Decorator for views that `ATOMIC_REQUESTS` must not wrap in a transaction, on any database.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


class PrimaryManager(models.Manager[M]):
    """
    Reads from the database that the model is written to, since a replica may lag. A model must also
    set `Meta.base_manager_name`, for foreign keys and `refresh_from_db`.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        queryset = super().get_queryset()
        if self._db is None and not _reads_replica.get():
            queryset = queryset.using(write_alias(self.model))
        return queryset


@contextmanager
def replica_reads(allowed: bool = True) -> Iterator[None]:
    """
    Let the router choose the database of the reads in this block, which may be a replica.
    """
    token = _reads_replica.set(allowed)
    try:
        yield
    finally:
        _reads_replica.reset(token)


class _RequestState(threading.local):
    """
    :param unsaved: the operations of the current request whose transaction is not committed; None
        outside of a request.
    """

    unsaved: list[tuple[Callable[[], Any], type[models.Model]]] | None = None


_request_state = _RequestState()


def run_despite_rollback(operation: Callable[[], Any], model: type[models.Model]) -> None:
    """
    Run an operation, and repeat it at the end of the request if its transaction was rolled back. A
    second connection could wait for a lock of the transaction.

    :param operation: must be idempotent.
    """
    operation()
    unsaved = _request_state.unsaved
    if unsaved is not None and get_connection(model).in_atomic_block:
        entry = (operation, model)
        unsaved.append(entry)
        on_commit(partial(unsaved.remove, entry), model)


def start_request(**kwargs: Any) -> None:
    """
    Receiver of `request_started`.
    """
    _request_state.unsaved = []


def repeat_unsaved_operations(**kwargs: Any) -> None:
    """
    Receiver of `request_finished`.
    """
    unsaved, _request_state.unsaved = _request_state.unsaved or [], None
    for operation, model in unsaved:
        try:
            operation()
        except DatabaseError:
            logger.exception("The result of a request could not be saved.")
        connection = get_connection(model)
        if not connection.in_atomic_block:  # tests run in a transaction
            connection.close_if_unusable_or_obsolete()
