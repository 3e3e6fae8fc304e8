"""
The project's user model, whose fields may differ from Django's.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist

from ..client import CallError
from .database import write_alias


def is_active(user: Any) -> bool:
    """
    Return whether a user may sign in. `is_active` may be a property, so queries cannot filter by
    it.
    """
    return getattr(user, "pk", None) is not None and bool(getattr(user, "is_active", True))


def check_user(user: Any) -> None:
    """
    The primary key of another model could be the primary key of another user.
    """
    is_nobody = user is None or user == "" or getattr(user, "is_authenticated", None) is False
    if not is_nobody and not isinstance(user, get_user_model()):
        raise CallError(f"user must be a user of this site, not {type(user).__name__}.")


def is_same_user(first: Any, second: Any) -> bool:
    """
    Return whether two objects are the same saved user. Anonymous users never are.
    """
    key = getattr(first, "pk", None)
    return key is not None and key == getattr(second, "pk", None)


def get_email(user: Any) -> str:
    return str(getattr(user, user.get_email_field_name(), "") or "")


def get_email_field() -> Any:
    """
    Return the field of the user model for the email address; None if it has none.
    """
    model = get_user_model()
    try:
        return model._meta.get_field(model.get_email_field_name())
    except FieldDoesNotExist:
        return None


def users_in_primary() -> Any:
    """
    Return a queryset of all users. The default manager may exclude some, and a replica may lag.
    """
    model = get_user_model()
    return model._base_manager.using(write_alias(model))
