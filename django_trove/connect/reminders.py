"""
Emails to users who must reconnect their Trove.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core import mail
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..core.mail import build_message, get_mailer
from ..core.users import get_email, is_active
from ..models import TroveAccount
from .emails import TEMPLATES

logger = logging.getLogger(__name__)


class MailError(Exception):
    """
    The mail server did not accept all messages.
    """


@dataclass(slots=True)
class ReminderReport:
    """
    :param without_address: the number of users without an email address.
    :param skipped: the number of accounts that need no reminder, or whose user is inactive.
    """

    mailed: int = 0
    without_address: int = 0
    skipped: int = 0

    def get_messages(self) -> Iterator[tuple[int, str]]:
        """
        Yield the level and the text of each message for the admin.
        """
        text = ngettext("%d user was emailed.", "%d users were emailed.", self.mailed)
        yield messages.SUCCESS if self.mailed else messages.INFO, text % self.mailed
        if self.without_address:
            text = ngettext(
                "%d user has no email address.",
                "%d users have no email address.",
                self.without_address,
            )
            yield messages.WARNING, text % self.without_address
        if self.skipped:
            text = ngettext(
                "%d account needs no reminder.", "%d accounts need no reminder.", self.skipped
            )
            yield messages.INFO, text % self.skipped


def send_reminders(accounts: QuerySet[TroveAccount], link: str) -> ReminderReport:
    """
    Email the users of those accounts that must be reconnected.

    :param link: the absolute URL of the account page.
    :raises MailError: if the mail server does not accept all messages.
    """
    report, outbox = ReminderReport(), []
    for account in accounts.select_related("user"):
        if not account.needs_reconnect or not is_active(account.user):
            report.skipped += 1
        elif message := _build_message(account, link):
            outbox.append(message)
        else:
            report.without_address += 1
    report.mailed = _send_messages(outbox)
    return report


def _send_messages(outbox: list[mail.EmailMessage]) -> int:
    try:
        return get_mailer().send_messages(outbox) or 0 if outbox else 0
    except OSError as error:  # the base class of smtplib's exceptions
        logger.warning("Sending reminders failed: %s", type(error).__name__)
        text = _("The mail server rejected the mail (%s). Some messages may have been sent.")
        raise MailError(text % type(error).__name__) from None


def _build_message(account: TroveAccount, link: str) -> mail.EmailMessage | None:
    """
    Return None if the user has no email address.
    """
    address = get_email(account.user)
    context = {"user": account.user, "reason": account.reason, "link": link}
    return build_message(TEMPLATES["needs_reconnect"], context, address) if address else None
