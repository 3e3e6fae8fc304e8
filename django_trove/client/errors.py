"""
The exceptions of the client.

TroveError
├── CallError (also ValueError)   the call is invalid
│   └── QueryError                the query is invalid (400)
├── NotConnected                  the call requires an access token
├── AccessDenied                  the user did not authorize the site (403)
│   ├── NotGranted                the user did not authorize the content type
│   └── SignUpClosed              the Trove does not accept new users
├── TokenRejected                 the token is unknown, expired or revoked (401)
├── KeysRejected                  the application key or secret is wrong
├── WrongHost                     a base URL is not that of the Trove
├── ClockSkewed                   the local clock differs too much from the Trove's
├── NotFound (also LookupError)   the item does not exist or belongs to another user
├── RateLimited                   too many requests (429)
├── Unavailable                   no complete response, or a server error (5xx)
│   ├── TimedOut                  no response in time
│   └── Unreachable               no connection could be made
└── InvalidResponse               the response does not conform to the protocol
    └── UnsafeResponse            the response must not be followed: a redirect, a downgrade
"""

from __future__ import annotations


class TroveError(Exception):
    """
    The base class.

    :param detail: the message. It never contains a token, a secret or a signed URL.
    :param status: the HTTP status, or None if there was no response.
    """

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


class CallError(TroveError, ValueError):
    """
    The call is invalid. If `status` is None, no request was sent.

    :param code: the error code of the response, or "".
    """

    def __init__(self, detail: str = "", *, code: str = "", status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.code = code


class QueryError(CallError):
    """
    The query is invalid.

    :param field: the name of the invalid field in the protocol.
    """

    def __init__(self, detail: str = "", *, field: str = "", status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.field = field


class NotConnected(TroveError):
    """
    The call requires an access token.
    """


class AccessDenied(TroveError):
    """
    The user did not authorize the application or the content type.

    :param code: the error code of the response, or "".
    """

    def __init__(self, detail: str = "", *, code: str = "", status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.code = code


class NotGranted(AccessDenied):
    """
    The user did not authorize the content type. They can connect again and authorize it.

    :param content_type: the name of the content type in the protocol.
    """

    def __init__(
        self, detail: str = "", *, content_type: str = "", status: int | None = None
    ) -> None:
        super().__init__(detail, code="not_granted", status=status)
        self.content_type = content_type


class SignUpClosed(AccessDenied):
    """
    The Trove does not accept new users.
    """


class TokenRejected(TroveError):
    """
    The token is unknown, expired or revoked. The user must reconnect.
    """


class KeysRejected(TroveError):
    """
    The application key or secret is wrong.
    """


class WrongHost(TroveError):
    """
    The Trove rejects signatures because a request was signed for another scheme or host: the base
    URL of the client, the URL in the settings of the Trove, or its proxy is not configured
    correctly. The access token may be valid.
    """


class ClockSkewed(TroveError):
    """
    The local clock differs from the Trove's by more than the timestamp window.

    :param seconds: local time minus the Trove's time.
    """

    def __init__(self, detail: str = "", *, seconds: float = 0, status: int | None = None) -> None:
        super().__init__(detail, status=status)
        self.seconds = seconds


class NotFound(TroveError, LookupError):
    """
    The item does not exist or belongs to another user.
    """


class RateLimited(TroveError):
    """
    The application has sent too many requests.

    :param retry_after: the `Retry-After` header in seconds, or None.
    """

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after


class Unavailable(TroveError):
    """
    There was no complete response, or a server error.

    :param retry_after: the `Retry-After` header in seconds, or None.
    """

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after


class TimedOut(Unavailable):
    """
    There was no response in time. The request is not retried, because the server may be overloaded.
    """


class Unreachable(Unavailable):
    """
    No connection could be made.
    """


class InvalidResponse(TroveError):
    """
    The response does not conform to the protocol.
    """


class UnsafeResponse(InvalidResponse):
    """
    The response must not be followed: a redirect of a signed call, or a downgrade to OAuth Core
    1.0.
    """
