"""
Emails whose failure must not break a page.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core import mail
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

TIMEOUT_SECONDS = 10
"""The timeout of connections to a mail server, if the settings contain none."""

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
        return bool(_get_mailer().send_messages([message]))
    except Exception as error:  # each backend raises exceptions of its own
        logger.warning("An email could not be sent: %s", type(error).__name__)
        return False


def _get_mailer() -> Any:
    mailers = getattr(mail, "mailers", None)  # Django 6.1
    mailer: Any = mailers["default"] if mailers else mail.get_connection()
    if getattr(mailer, "timeout", 0) is None:
        mailer.timeout = TIMEOUT_SECONDS
    return mailer
