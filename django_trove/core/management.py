"""
Helpers for management commands.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError


def get_user(username: str) -> Any:
    """
    Return the user with this natural key.

    :raises CommandError: if no such user exists.
    """
    model = get_user_model()
    try:
        return model._default_manager.get_by_natural_key(username)
    except model.DoesNotExist:
        raise CommandError(
            f"User {username} does not exist. Create users with manage.py createsuperuser or in "
            "the admin."
        ) from None
