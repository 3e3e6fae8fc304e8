"""
The settings of a mail server, and a mail server on loopback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django import VERSION

from .ports import free_port

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def set_mailer(settings: Any, port: int, backend: str = SMTP_BACKEND) -> None:
    """
    Send emails to a port on loopback.
    """
    if VERSION >= (6, 1):
        options = {"host": "127.0.0.1", "port": port} if backend == SMTP_BACKEND else {}
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    else:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = backend, "127.0.0.1"
        settings.EMAIL_PORT = port


class Mailbox:
    """
    The messages that a mail server receives, and the addresses they are sent to.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=default)  # type: ignore[arg-type]
        self.messages.append(message)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[int, Mailbox]]:
    """
    Run a mail server. Yield its port and its mailbox.
    """
    port, mailbox = free_port(), Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port, mailbox
    finally:
        server.stop()
