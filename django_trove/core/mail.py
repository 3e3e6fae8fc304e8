"""
Emails whose failure must not break a page.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from django.core import mail
from django.db import connections
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

TIMEOUT_SECONDS = 10
"""The timeout of connections to a mail server, if the settings contain none."""

PATIENCE = 2.0
"""Seconds that a page waits for a mail server."""

MAX_CONCURRENT = 10
"""The number of messages per process that may be sent in the background at the same time."""

_slots = threading.BoundedSemaphore(MAX_CONCURRENT)

logger = logging.getLogger(__name__)


@sensitive_variables()
def build_message(template: str, context: Mapping[str, Any], address: str) -> mail.EmailMessage:
    """
    :param template: the common part of the templates' names, such as "django_trove/email/reconnect"
        for "django_trove/email/reconnect_subject.txt" and "…_message.txt".
    """
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    body = render_to_string(f"{template}_message.txt", context)
    return mail.EmailMessage(subject, body, None, [address])


@sensitive_variables()
def send_message(message: mail.EmailMessage) -> bool:
    """
    Send a message. A failure is logged without its text, which may contain addresses or a link.

    :returns: whether the mail server accepted it.
    """
    try:
        return bool(get_mailer().send_messages([message]))
    except Exception as error:  # each backend raises exceptions of its own
        logger.warning("An email could not be sent: %s", type(error).__name__)
        return False


def send_in_background(message: mail.EmailMessage) -> None:
    """
    Send a message in a thread, so that a mail server that does not respond delays a page by no more
    than `PATIENCE`. If too many messages wait for it already, the message is discarded.
    """
    if not _slots.acquire(blocking=False):
        logger.warning("An email was discarded, because the mail server does not respond.")
        return
    thread = threading.Thread(target=_send_in_thread, args=(message,), name="mail", daemon=True)
    thread.start()
    thread.join(PATIENCE)


def _send_in_thread(message: mail.EmailMessage) -> None:
    try:
        send_message(message)
    finally:
        connections.close_all()  # an email backend may use the database
        _slots.release()


def get_mailer() -> Any:
    mailers = getattr(mail, "mailers", None)  # Django 6.1
    mailer: Any = mailers["default"] if mailers else mail.get_connection()
    if getattr(mailer, "timeout", 0) is None:
        mailer.timeout = TIMEOUT_SECONDS
    return mailer
