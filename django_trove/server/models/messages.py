"""
The column of a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import models

from ..connectors.messages import NO_MESSAGE, Message, as_message


class MessageField(models.TextField):  # type: ignore[type-arg]
    """
    A message of a connector. It is stored as JSON, so that pages can translate it: an object with
    the template and the values. An empty message is stored as "".
    """

    def from_db_value(self, value: str | None, *args: Any) -> Message:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> str:
        return json.dumps(_encode(as_message(value))) if value else ""

    def to_python(self, value: Any) -> Message:
        """
        `loaddata` passes the JSON text of `dumpdata`.
        """
        if not value or isinstance(value, Message):
            return value or NO_MESSAGE
        try:
            return _decode(json.loads(value))
        except (ValueError, TypeError, KeyError):
            return as_message(value)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))


def _encode(message: Message) -> dict[str, Any]:
    values = {
        name: _encode(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return {"template": message.template, "values": values}


def _decode(data: Mapping[str, Any]) -> Message:
    values = {
        name: _decode(value) if isinstance(value, dict) else value
        for name, value in data["values"].items()
    }
    return Message(data["template"], **values)
