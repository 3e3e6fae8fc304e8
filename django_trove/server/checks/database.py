"""
System check for the collation of MySQL and MariaDB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections


def check_collation(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """
    Warn of a case-insensitive collation, with which "A.jpg" and "a.jpg" are the same file. Django
    runs this check before migrations, when the collation can still be changed.
    """
    return [
        Warning(
            f"The database {alias!r} has the case-insensitive collation {collation}.",
            hint="Run ALTER DATABASE … COLLATE utf8mb4_bin before the first migrate.",
            id="trove_server.W008",
        )
        for alias in databases or ()
        if connections[alias].vendor == "mysql"
        and (collation := _get_collation(alias)).endswith("_ci")
    ]


def _get_collation(alias: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE((SELECT collation_name FROM information_schema.columns WHERE "
            "table_schema = DATABASE() AND table_name = 'trove_server_item' AND "
            "column_name = 'service_id'), @@collation_database)"
        )
        return str(cursor.fetchone()[0])
