"""
Whether the database tells capital letters apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections


def check_collation(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """
    Warn of a MySQL or MariaDB database that takes "A.jpg" and "a.jpg" for one file, and one
    service's "x" for another's "X". Django runs it before migrations, when it can still be mended.

    :param databases: the aliases of those that may be asked.
    """
    return [
        Warning(
            f"The database {alias!r} has the collation {name}, which doesn't tell capital letters "
            "apart: of two files whose names differ by case alone, a Trove would keep one.",
            hint="ALTER DATABASE … COLLATE utf8mb4_bin, before the first migrate.",
            id="trove_server.W008",
        )
        for alias in databases or ()
        if connections[alias].vendor == "mysql" and (name := _collation_of(alias)).endswith("_ci")
    ]


def _collation_of(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE((SELECT collation_name FROM information_schema.columns WHERE "
            "table_schema = DATABASE() AND table_name = 'trove_server_item' AND "
            "column_name = 'service_id'), @@collation_database)"
        )
        return str(cursor.fetchone()[0])
