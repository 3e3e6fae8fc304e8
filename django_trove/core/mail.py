"""
Emails whose failure must not break a page.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core import mail
from django.db import connections
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

TIMEOUT_SECONDS = 10
"""The timeout of connections to a mail server, if the settings contain none."""

MAX_WAIT_SECONDS = 2.0
"""The maximum time that a page waits for a mail server."""

MAX_CONCURRENT = 10
"""The number of threads per process that may send emails at the same time."""

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
    Send a message in a thread, and wait for it for at most `MAX_WAIT_SECONDS`.
    """
    run_in_background(partial(send_message, message), MAX_WAIT_SECONDS)


def run_in_background(function: Callable[[], object], seconds: float) -> None:
    """
    Call a function that sends emails in a thread. It is not called if `MAX_CONCURRENT` threads are
    sending emails.

    :param seconds: the maximum time to wait until it returns.
    """
    if not _slots.acquire(blocking=False):
        logger.warning("An email was discarded, because the mail server does not respond.")
        return
    thread = threading.Thread(target=_run_in_thread, args=(function,), name="mail", daemon=True)
    thread.start()
    thread.join(seconds)


def _run_in_thread(function: Callable[[], object]) -> None:
    try:
        function()
    except Exception:
        logger.exception("An email could not be sent.")
    finally:
        connections.close_all()
        _slots.release()


def get_mailer() -> Any:
    mailers = getattr(mail, "mailers", None)  # Django 6.1
    mailer: Any = mailers["default"] if mailers else mail.get_connection()
    if getattr(mailer, "timeout", 0) is None:
        mailer.timeout = TIMEOUT_SECONDS
    return mailer
