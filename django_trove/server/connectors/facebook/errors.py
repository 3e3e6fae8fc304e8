"""
Mapping of Facebook's errors to exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from ..messages import Message
from ..messages import Message as _
from ..values import as_int, as_text

PAUSE = 600  # seconds without requests after a rate limit error
RATE_LIMIT_CODES = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
REQUEST_CODES = frozenset({100, 803})  # invalid parameter, unknown object


class RequestRejected(ServiceFailed):
    """
    The error concerns this request only.
    """


class PermissionMissing(Revoked):
    """
    The user does not permit this list.
    """


class TooMuchData(RetryLater):
    """
    The response would be too large; the request is repeated with a smaller limit.
    """


def error_for(error: Mapping[str, Any], status: int) -> ServiceFailed:
    code, message = as_int(error.get("code"), -1), as_text(error.get("message"))
    if code in (102, 190):
        failure: ServiceFailed = Revoked(_revoked_reason(as_int(error.get("error_subcode"))))
    elif "reduce the amount of data" in message:
        failure = TooMuchData(_("%(service)s is unavailable.", service="Facebook"))
    elif code == 10 or 200 <= code < 300:
        failure = PermissionMissing(
            _("The permission for photos was revoked at Facebook. Reconnect the account.")
        )
    elif "appsecret_proof" in message or code in (101, 191):
        failure = Misconfigured(
            _("%(service)s rejected the keys of this Trove.", service="Facebook")
        )
    elif code in RATE_LIMIT_CODES:
        is_app_limit = code != 17  # the limit of one user
        failure = RetryLater(
            _("The rate limit of %(service)s is exceeded.", service="Facebook"),
            PAUSE,
            all_accounts=is_app_limit,
        )
    elif code == 368:
        failure = RetryLater(_("Facebook temporarily blocks this action for the account."), PAUSE)
    elif code in REQUEST_CODES and error.get("is_transient") is not True and status < 500:
        failure = RequestRejected(_("Facebook rejected the request."))
    else:
        failure = RetryLater(_("Facebook is unavailable (error %(code)s).", code=code))
    return failure


def _revoked_reason(subcode: int) -> Message:
    return {
        458: _("You revoked the authorization at Facebook. Reconnect the account."),
        460: _("Your password at Facebook was changed. Reconnect the account."),
        463: _("The authorization of about two months has expired. Reconnect the account."),
    }.get(
        subcode,
        _("%(service)s revoked the authorization. Reconnect the account.", service="Facebook"),
    )
