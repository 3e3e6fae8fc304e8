"""
The credentials that a fake service has issued, in a file, so that it accepts them after a restart.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from .oauth1 import Token
from .oauth2 import Grant

CLASSES: dict[str, type[Any]] = {"access_tokens": Token, "grants": Grant}
"""The classes of the values, by table. Other values are strings or lists."""


class CredentialsFile:
    """
    A JSON file with tables of credentials. Only the user that runs the service can read it.
    """

    def __init__(self, path: Path, tables: Mapping[str, dict[str, Any]]) -> None:
        self.path = path
        self.tables = tables
        self._saved = ""
        self._lock = threading.Lock()

    def load(self) -> None:
        if not self.path.exists():
            return
        self._saved = self.path.read_text()
        for name, rows in json.loads(self._saved).items():
            kind = CLASSES.get(name)
            self.tables[name].update(
                {key: kind(**value) if kind else value for key, value in rows.items()}
            )

    def save(self) -> None:
        """
        Replace the file if the credentials have changed.
        """
        with self._lock:
            copies = {name: dict(table) for name, table in self.tables.items()}
            text = json.dumps(copies, default=_to_json)
            if text == self._saved:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(".part")
            with open(partial, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(text)
            partial.replace(self.path)
            self._saved = text


def _to_json(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(type(value).__name__)
