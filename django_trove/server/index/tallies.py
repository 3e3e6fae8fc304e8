"""
Addition to stored counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from django_trove.core.database import get_connection

from ..models import Identity
from .batches import split_into_batches


def add_to_tallies(
    model: type[models.Model],
    identity: Identity,
    keys: Sequence[str],
    sums: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """
    Add numbers to the tallies of an account, and create those that are missing. A model instance
    for each of thousands of tallies would take several times as long.

    :param keys: the columns of the unique constraint, except the account, and others that depend on
        them.
    :param sums: the columns that are added to. They must accept negative numbers: PostgreSQL checks
        constraints of a row before it is added to another one.
    :param rows: values of `keys` and numbers for `sums`.
    """
    connection = get_connection(model)
    field: Any = model._meta.get_field("owner")
    owner = field.get_db_prep_value(identity.user_id, connection)
    columns = ("owner_id", "identity_id", *keys, *sums)
    values = f"({', '.join(['%s'] * len(columns))})"
    head = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES"
    addition = _build_addition(model, sums)
    with connection.cursor() as cursor:
        for batch in split_into_batches(rows):
            parameters = [value for row in batch for value in (owner, identity.pk, *row)]
            cursor.execute(f"{head} {', '.join([values] * len(batch))} {addition}", parameters)


def _build_addition(model: type[models.Model], sums: Sequence[str]) -> str:
    table = model._meta.db_table
    if get_connection(model).vendor == "mysql":
        return "ON DUPLICATE KEY UPDATE " + ", ".join(f"{s} = {s} + VALUES({s})" for s in sums)
    (constraint,) = (
        each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)
    )
    fields: list[Any] = [model._meta.get_field(name) for name in constraint.fields]
    unique = (field.column for field in fields)
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return f"ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {added}"
