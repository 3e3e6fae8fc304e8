"""
Helpers for management commands.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from .users import users_in_primary


def get_user(username: str) -> Any:
    """
    Return the user with this name.

    :raises CommandError: if no such user exists.
    """
    user = users_in_primary().filter(**{get_user_model().USERNAME_FIELD: username}).first()
    if user is None:
        raise CommandError(
            f"User {username} does not exist. Create users with manage.py createsuperuser or in "
            "the admin."
        )
    return user
