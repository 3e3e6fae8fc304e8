"""
Rows that are of no use any more, forgotten a few at a time while new ones are made.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

__all__ = ["sweep"]

ONE_IN = 50
MOST = 1000


def sweep(rows: QuerySet[Any]) -> None:
    """
    Now and then, delete some of the rows whose `expires` has passed.
    """
    if secrets.randbelow(ONE_IN) == 0:
        late = rows.filter(expires__lt=timezone.now()).values_list("pk", flat=True)
        rows.filter(pk__in=list(late[:MOST])).delete()
