"""
Rows that are of no use any more, forgotten a few at a time while new ones are made.
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
    Now and then, delete some of the rows whose time has passed.

    :param column: the moment that their time is reckoned from.
    :param age: how long they are kept after it.
    """
    if secrets.randbelow(CLEANUP_INTERVAL) == 0:
        late = rows.filter(**{f"{column}__lt": timezone.now() - age}).values_list("pk", flat=True)
        rows.filter(pk__in=list(late[:MAX_ROWS])).delete()
