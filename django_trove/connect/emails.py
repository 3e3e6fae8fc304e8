"""
Emails to users about the connection to their Trove (`TROVE["EMAILS"]`): receivers of the signals,
which are sent after the transaction commits.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override

from ..conf import conf, current_request
from ..core.mail import build_message, send_in_background
from ..core.users import get_email, is_active, is_same_user
from ..models import TroveAccount

TEMPLATES = {
    "connected": "django_trove/email/connected",
    "disconnected": "django_trove/email/disconnected",
    "needs_reconnect": "django_trove/email/reconnect",
}
"""The templates of each event, as for `build_message`."""

EVENTS = tuple(TEMPLATES)


def email_connected(user: Any, account: TroveAccount, **kwargs: Any) -> None:
    """
    Receiver of `connected` and `reconnected`.
    """
    _send("connected", user, account)


def email_disconnected(user: Any, account: TroveAccount, **kwargs: Any) -> None:
    """
    Receiver of `disconnected`.
    """
    _send("disconnected", user, account)


def email_needs_reconnect(user: Any, account: TroveAccount, **kwargs: Any) -> None:
    """
    Receiver of `needs_reconnect`.
    """
    _send("needs_reconnect", user, account)


def _send(event: str, user: Any, account: TroveAccount) -> None:
    address = get_email(user)
    if event not in conf.emails or not address or not is_active(user):
        return
    request = current_request.get()
    with override(_get_language(user, request)):
        link = _get_account_url(request)
        context = {
            "user": user,
            "name": account.name,
            "reason": account.reason if event == "needs_reconnect" else "",
            "link": link,
            "site": urlsplit(link).hostname or "",
        }
        message = build_message(TEMPLATES[event], context, address)
    send_in_background(message)


def _get_language(user: Any, request: HttpRequest | None) -> str | None:
    """
    Return the language of the page, unless it is the page of another user.
    """
    is_own = is_same_user(user, getattr(request, "user", None))
    return get_language() if is_own else settings.LANGUAGE_CODE


def _get_account_url(request: HttpRequest | None) -> str:
    """
    Return the absolute URL of the account page; "" if the host is unknown.
    """
    path = reverse("django_trove:account")
    if conf.callback_base_url:
        return urljoin(conf.callback_base_url, path)
    return request.build_absolute_uri(path) if request else ""
