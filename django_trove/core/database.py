"""
The database of a model, as the router returns it: transactions, and reads from the primary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
View = TypeVar("View", bound=Callable[..., Any])

_reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)


def write_alias(model: type[models.Model]) -> str:
    return router.db_for_write(model)


def get_connection(model: type[models.Model]) -> BaseDatabaseWrapper:
    """
    Return the connection to the database that a model is written to.
    """
    return connections[write_alias(model)]


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
