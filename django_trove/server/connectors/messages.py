"""
Texts for users, which pages translate. Connectors do not import Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Message(str):
    """
    A text in English, with the values that are inserted. The site translates the template when it
    displays the text. Mark the template for `makemessages` with the name `_`::

        from django_trove.server.connectors.messages import Message as _

        _("%(service)s is unavailable (status %(status)s).", service=title, status=503)

    A template must be a literal. Texts from a service must be values. A value can be a message.

    NUL and lone surrogates in values are replaced, because databases and pages cannot contain them.
    """

    template: str
    values: Mapping[str, str | int]

    def __new__(cls, template: str, /, **values: Any) -> Message:
        values = {name: _clean(value) for name, value in values.items()}
        message = super().__new__(cls, template % values if values else template)
        message.template, message.values = template, values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str | int]]:
        return (self.template,), dict(self.values)


NO_MESSAGE = Message("")


def as_message(text: str) -> Message:
    """
    Return a text as a message. A text that is not a message is not translated.
    """
    return text if isinstance(text, Message) else Message("%(text)s", text=text)


def join_messages(first: Message, *others: Message) -> Message:
    """
    Return several sentences as one message.
    """
    for other in others:
        first = Message("%(first)s %(second)s", first=first, second=other)
    return first


def _clean(value: Any) -> str | int:
    if isinstance(value, (int, Message)):
        return value
    return str(value).replace("\0", "?").encode(errors="replace").decode()
