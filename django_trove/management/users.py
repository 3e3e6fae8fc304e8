"""
Users, as commands are given them.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

__all__ = ["get_user"]


def get_user(name: str) -> Any:
    """
    Return a user by what they sign in with.

    :raises CommandError: if there is none.
    """
    model = get_user_model()
    try:
        return model._default_manager.get_by_natural_key(name)
    except model.DoesNotExist:
        raise CommandError(f"There is no user {name} on this site.") from None
