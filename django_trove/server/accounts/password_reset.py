"""
Emails with a link to set a new password.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlencode, urlsafe_base64_encode
from django.utils.translation import override
from django.views.decorators.debug import sensitive_variables

from django_trove.core.mail import build_message, send_message
from django_trove.core.users import get_email, get_email_field, is_active, users_in_primary

from ..conf import conf

TEMPLATE = "trove_server/email/password_reset"


def can_reset_password() -> bool:
    return conf.resets_passwords_by_email and get_email_field() is not None


@sensitive_variables()
def send_password_reset(address: str, origin: str, language: str) -> None:
    """
    Send a link to each user with an email address.

    :param origin: scheme and host of the link.
    """
    with override(language):
        for user in _find_users(address):
            context = {
                "name": user.get_username(),
                "trove_name": conf.name,
                "link": origin + _build_path(user),
            }
            send_message(build_message(TEMPLATE, context, get_email(user)))


def _find_users(address: str) -> Iterator[Any]:
    """
    Yield the users that may sign in with a password. Databases and mail servers compare characters
    differently, so the stored address must be the same for Python, too. With a binary collation of
    MySQL, `iexact` distinguishes case.
    """
    field = get_user_model().get_email_field_name()
    users = users_in_primary().annotate(lower_address=Lower(field))
    for user in users.filter(lower_address=address.lower()):
        is_same = _normalize(get_email(user)) == _normalize(address)
        if is_same and is_active(user) and user.has_usable_password():
            yield user


def _normalize(address: str) -> str:
    return unicodedata.normalize("NFKC", address).casefold()


def _build_path(user: Any) -> str:
    """
    The token is in the query string, because log records of errors contain the path.
    """
    pk = type(user)._meta.pk.value_to_string(user)
    path = reverse("trove_server:set_password", args=[urlsafe_base64_encode(force_bytes(pk))])
    return f"{path}?{urlencode({'token': default_token_generator.make_token(user)})}"
