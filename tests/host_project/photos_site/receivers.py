"""
The signal receivers of a site.
"""

from __future__ import annotations

from typing import Any, assert_type

from django.contrib.auth.models import User
from django.dispatch import receiver

from django_trove.models import TroveAccount
from django_trove.signals import connected, disconnected, needs_reconnect, reconnected


@receiver([connected, reconnected])
def email_connected_user(
    sender: type[TroveAccount], user: User, account: TroveAccount, **kwargs: Any
) -> None:
    assert_type(account.name, str)
    user.email_user("Your Trove is connected", account.name)


@receiver([disconnected, needs_reconnect])
def email_disconnected_user(sender: type[TroveAccount], user: User, **kwargs: Any) -> None:
    user.email_user("Your Trove is not connected", "")


def count_accounts_to_reconnect() -> int:
    state = TroveAccount.State.NEEDS_RECONNECT
    return TroveAccount.objects.filter(state=state).count()
