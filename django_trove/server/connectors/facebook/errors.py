"""
What Facebook's errors mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..base import Misconfigured, RetryLater, Revoked, ServiceFailed
from ..values import as_int, as_text

PAUSE = 600
"""Seconds that Facebook is left alone when it was asked too often."""


class RequestRejected(ServiceFailed):
    """
    The question's own fault.
    """


class TooMuchData(RetryLater):
    """
    Facebook wants to be asked for less at once.
    """


def error_for(error: Mapping[str, Any], status: int) -> ServiceFailed:
    """
    Tell from an error object who has to do something about it.
    """
    code, message = as_int(error.get("code"), -1), as_text(error.get("message"))
    passing = code in (1, 2, 17) or error.get("is_transient") is True or status >= 500
    if code in (102, 190):
        failure: ServiceFailed = Revoked(_revoked_reason(as_int(error.get("error_subcode"))))
    elif "reduce the amount of data" in message:
        failure = TooMuchData("Facebook can't answer just now.")
    elif code == 10 or 200 <= code < 300:
        failure = Revoked("Facebook doesn't let this Trove see your photos any more.")
    elif "appsecret_proof" in message or code in (101, 191):
        failure = Misconfigured("Facebook doesn't take this Trove's keys.")
    elif code in (4, 32, 613, 80001):
        failure = RetryLater("Facebook was asked too often.", PAUSE, all_accounts=True)
    elif passing:
        failure = RetryLater("Facebook can't answer just now.")
    else:
        failure = RequestRejected("Facebook didn't take the question.")
    return failure


def _revoked_reason(subcode: int) -> str:
    return {
        458: "You took this Trove's leave back at Facebook.",
        460: "Your password at Facebook was changed, which ends every leave.",
        463: "Facebook lets a Trove in for about two months, and these are over.",
    }.get(subcode, "Facebook doesn't let this Trove in any more.")
