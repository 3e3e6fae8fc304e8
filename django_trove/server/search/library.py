"""
The items of one kind of a user.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connections

from django_trove.core.database import read_alias

from ..models import Item
from .sql import Sql


class Library(NamedTuple):
    """
    The items of one kind of a user.

    :param using: the database.
    :param owner: the user's primary key as a parameter of a statement.
    """

    using: str
    owner: Any
    kind: int

    def condition(self, table: str) -> Sql:
        """
        Return the condition for the rows of this library in a table with its columns.
        """
        return Sql(f"{table}.owner_id = %s AND {table}.kind = %s", (self.owner, self.kind))


def get_library(user: Any, kind: int) -> Library:
    using = read_alias(Item)
    owner = Item._meta.get_field("owner").get_db_prep_value(user.pk, connections[using])
    return Library(using, owner, kind)
