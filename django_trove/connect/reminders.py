"""
Mail to people whose Trove has to be connected again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core import mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import TroveAccount

logger = logging.getLogger(__name__)
SUBJECT = "django_trove/email/reconnect_subject.txt"
MESSAGE = "django_trove/email/reconnect_message.txt"
Message = tuple[str, str, None, list[str]]
"""Subject, message, the site's own sender, and who gets it."""


class MailError(Exception):
    """
    The mail server takes no mail, or stopped taking it.
    """


@dataclass(slots=True)
class ReminderReport:
    """
    How many were written to, and how many weren't.

    :param without_address: whose user has no address.
    :param well: that don't have to be connected again, or whose user may no longer sign in.
    """

    mailed: int = 0
    without_address: int = 0
    well: int = 0

    def in_words(self) -> Iterator[tuple[int, str]]:
        """
        Yield the level and the text of each message to who asked for it.
        """
        said = ngettext("%d user was written to.", "%d users were written to.", self.mailed)
        yield messages.SUCCESS if self.mailed else messages.INFO, said % self.mailed
        if self.without_address:
            said = ngettext(
                "%d user has no address.", "%d users have no address.", self.without_address
            )
            yield messages.WARNING, said % self.without_address
        if self.well:
            said = ngettext("%d account doesn't need it.", "%d accounts don't need it.", self.well)
            yield messages.INFO, said % self.well


def send_reminders(accounts: QuerySet[TroveAccount], link: str) -> ReminderReport:
    """
    Write to the users of those accounts that have to be connected again.

    :param link: the full address of the page where they do that.
    :raises MailFailed: if the mail server takes none, or not all of them.
    """
    count, letters = ReminderReport(), []
    for account in accounts.select_related("user"):
        if not account.needs_reconnect or not account.user.is_active:
            count.well += 1
        elif letter := _build_message(account, link):
            letters.append(letter)
        else:
            count.without_address += 1
    count.mailed = _send_messages(letters)
    return count


def _send_messages(letters: list[Message]) -> int:
    try:
        return mail.send_mass_mail(letters) or 0
    except OSError as error:  # what smtplib raises, too
        logger.warning("Mail about connecting again failed: %s", type(error).__name__)
        words = _("The mail server didn't take the mail (%s). Some may have been sent.")
        raise MailError(words % type(error).__name__) from None


def _build_message(account: TroveAccount, link: str) -> Message | None:
    """
    Return the mail; None for a user without an address.
    """
    user = account.user
    address = getattr(user, user.get_email_field_name(), "")
    if not address:
        return None
    context = {"user": user, "reason": account.reason, "link": link}
    subject = " ".join(render_to_string(SUBJECT, context).split())
    return subject, render_to_string(MESSAGE, context), None, [address]
