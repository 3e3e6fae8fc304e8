"""
What a person takes away: one account with its items, or their whole Trove.
"""

from __future__ import annotations

from typing import Any

from .models import Identity, RequestToken

__all__ = ["delete_trove", "remove_identity"]


def remove_identity(identity: Identity) -> None:
    """
    Remove an account and everything that came from it.
    """
    identity.delete()


def delete_trove(user: Any) -> None:
    """
    Remove everything that a person has here: accounts, items and tags, and every permission that
    they gave. The user stays.
    """
    RequestToken.objects.filter(user=user).delete()
    user.trove_access_tokens.revoke()
    for identity in Identity.objects.of(user):
        remove_identity(identity)
