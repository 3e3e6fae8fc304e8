"""
The age of a user's sign-in to the site (`TROVE["MAX_LOGIN_AGE"]`).
"""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest

from ..conf import conf

SESSION_KEY = "django_trove.signed_in_at"


def record_sign_in(request: HttpRequest | None, **kwargs: Any) -> None:
    """
    Receiver of `user_logged_in`: store the time in the session.
    """
    if request is not None and hasattr(request, "session"):
        request.session[SESSION_KEY] = int(time.time())


def must_sign_in_again(request: HttpRequest) -> bool:
    """
    Return whether the sign-in is too old for connecting a Trove. The time of a sign-in before this
    app was installed is unknown, and one in the future is invalid.
    """
    maximum = conf.max_login_age
    if maximum is None:
        return False
    age = time.time() - request.session.get(SESSION_KEY, 0)
    return not -1 <= age <= maximum
