"""
System checks that both apps register.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db, db
from django.core.checks import CheckMessage, Error, Warning
from django.db import router
from django.utils.functional import Promise
from django.utils.module_loading import import_string

TEXT: tuple[type, ...] = (str, Promise)
OPTIONAL_TEXT: tuple[type, ...] = (*TEXT, type(None))
LIST: tuple[type, ...] = (list, tuple, set, frozenset)


def check_types(
    setting: str, values: Mapping[str, Any], types: Mapping[str, tuple[type, ...]], id: str
) -> Iterator[CheckMessage]:
    """
    Report values whose type is wrong. With them, the other checks would raise an exception.

    :param values: the values of the dictionary, by key.
    :param types: the valid types by key.
    """
    for key, valid in types.items():
        if key in values and not isinstance(values[key], valid):
            names = [kind.__name__ for kind in valid if kind not in (Promise, type(None))]
            yield Error(
                f"{setting}[{key!r}] must be of type {' or '.join(names)}, not "
                f"{type(values[key]).__name__}.",
                hint="docs/settings.md describes the setting.",
                id=id,
            )


def has_middleware(path: str) -> bool:
    """
    Return whether MIDDLEWARE contains the class or a subclass.
    """
    expected = import_string(path)
    installed = (import_string(name) for name in settings.MIDDLEWARE)
    return any(isinstance(item, type) and issubclass(item, expected) for item in installed)


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
