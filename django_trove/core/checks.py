"""
System checks that both apps register.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db, db
from django.core.checks import CheckMessage, Warning
from django.db import router


def check_session_database(id: str) -> Iterator[CheckMessage]:
    """
    :param id: the id of the message, which begins with the label of the app.
    """
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    if not issubclass(store, db.SessionStore) or issubclass(store, cached_db.SessionStore):
        return
    model = store.get_model_class()
    if router.db_for_read(model) != router.db_for_write(model):
        yield Warning(
            "Sessions are read from a replica. While it lags, users appear signed out.",
            hint="Return the primary for sessions in your router, or store them in a cache.",
            id=id,
        )
