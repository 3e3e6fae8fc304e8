"""
Translation of messages of connectors.
"""

from __future__ import annotations

from django.utils.translation import gettext

from .connectors.messages import Message


def translate_message(message: str) -> str:
    """
    Return a message in the active language. A text that is not a `Message` is not translated.
    """
    if not isinstance(message, Message):
        return message
    template = gettext(message.template) if message.template else ""
    if not message.values:
        return template
    return template % {
        name: translate_message(value) if isinstance(value, str) else value
        for name, value in message.values.items()
    }
