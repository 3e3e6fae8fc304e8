"""
Deletion of expired rows, in small portions when new ones are created.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

CLEANUP_INTERVAL = 50
MAX_ROWS = 1000


def delete_expired(
    rows: QuerySet[Any], column: str = "expires", age: timedelta = timedelta(0)
) -> None:
    """
    Delete up to `MAX_ROWS` expired rows in one of `CLEANUP_INTERVAL` calls.

    :param column: name of the datetime column.
    :param age: how long rows are kept after that time.
    """
    if secrets.randbelow(CLEANUP_INTERVAL) == 0:
        expired = rows.filter(**{f"{column}__lt": timezone.now() - age}).values_list(
            "pk", flat=True
        )
        rows.filter(pk__in=list(expired[:MAX_ROWS])).delete()
