"""
What can go wrong between an application and a Trove.

TroveError
├── CallError (also ValueError)   the call itself is wrong; nothing was sent
│   └── QueryError                a query that makes no sense, here or to the Trove (400)
├── NotConnected                  the call needs an access token and there is none
├── Refused                       the person said no, to all or to this content type (403)
├── TokenRejected                 the token is unknown, expired or revoked (401): connect again
├── KeysRejected                  the Trove does not know these application keys
├── ClockWrong                    this machine's clock is too far from the Trove's
├── NotFound (also LookupError)   no such item, or not this person's
├── RateLimited                   too many calls (429); says how many seconds to wait
├── Unavailable                   no answer in time, or the Trove says that it can't (5xx)
│   └── Unreachable               no connection could be made
└── UnreadableAnswer              an answer that is not what the protocol says
    └── UnsafeAnswer              one that is dangerous to follow: a redirect, a downgrade
"""

from __future__ import annotations


class TroveError(Exception):
    """
    Anything that a caller of a Trove may want to catch.

    :param detail: one safe sentence: no token, no secret, no signed URL.
    :param status: the HTTP status of the answer, where there was one.
    """

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


class CallError(TroveError, ValueError):
    """
    The call itself is wrong, and nothing was sent.
    """


class QueryError(CallError):
    """
    The query makes no sense.

    :param field: the field that is to blame, in the protocol's spelling.
    """

    def __init__(self, detail: str = "", *, field: str = "", status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.field = field


class NotConnected(TroveError):
    """
    The call needs an access token and there is none.
    """


class AccessDenied(TroveError):
    """
    The person said no: to the connection, or to this content type.
    """


class TokenRejected(TroveError):
    """
    The token is unknown, expired or revoked: only connecting again helps.
    """


class KeysRejected(TroveError):
    """
    The Trove does not know these application keys.
    """


class ClockSkewed(TroveError):
    """
    This machine's clock is further from the Trove's than signatures allow.

    :param seconds: how far this clock is ahead of the Trove's; negative when it is behind.
    """

    def __init__(self, detail: str = "", *, seconds: float = 0, status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.seconds = seconds


class NotFound(TroveError, LookupError):
    """
    There is no such item, or it is not this person's.
    """


class RateLimited(TroveError):
    """
    The Trove wants fewer calls.

    :param retry_after: seconds to wait, as the Trove says; None where it doesn't.
    """

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after


class Unavailable(TroveError):
    """
    No answer came in time, or the Trove says that it can't give one now.

    :param retry_after: seconds to wait, where the Trove says so.
    """

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after


class Unreachable(Unavailable):
    """
    No connection could be made: whatever is asked, and for whom, there is no answer.
    """


class InvalidResponse(TroveError):
    """
    The answer is not what the protocol says.
    """


class UnsafeResponse(InvalidResponse):
    """
    The answer would be dangerous to follow: a redirect of a signed call, a downgrade to OAuth 1.0.
    """
