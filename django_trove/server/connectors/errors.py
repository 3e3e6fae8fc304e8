"""
Errors of connectors.
"""

from __future__ import annotations

from .messages import Message, as_message


class ServiceFailed(Exception):
    """
    The service cannot be read now. Indexed items are kept.

    :param reason: one sentence for the user; it should contain the remedy. Pages translate a
        `Message`, and display other strings as they are.
    """

    def __init__(self, reason: Message) -> None:
        self.reason = as_message(reason)
        super().__init__(self.reason)


class RetryLater(ServiceFailed):
    """
    The service is unavailable or limits the rate of requests.

    :param seconds: value of `Retry-After`, if any.
    :param all_accounts: whether the limit applies to all accounts, not only to this one.
    """

    def __init__(
        self, reason: Message, seconds: float | None = None, *, all_accounts: bool = False
    ) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.all_accounts = all_accounts


class NoResponse(RetryLater):
    """
    The service did not respond.
    """


class IncompleteResponse(RetryLater):
    """
    The service responded, but did not send the complete body in time.
    """


class RangeIgnored(ServiceFailed):
    """
    The service does not support range requests.
    """


class Revoked(ServiceFailed):
    """
    The authorization was revoked or has expired; the user must reconnect the account.
    """


class Misconfigured(ServiceFailed):
    """
    The keys or settings of this Trove are wrong; its operator must correct them.
    """


def concerns_account(error: ServiceFailed) -> bool:
    """
    Return whether an error affects all requests of the account, such as a revoked token or a rate
    limit.
    """
    if isinstance(error, RetryLater):
        return error.all_accounts
    return isinstance(error, (Revoked, Misconfigured))


class AddressRefused(ServiceFailed):
    """
    The address is invalid, or this Trove does not connect to it.
    """


class TlsFailed(NoResponse):
    """
    The server supports https, but no secure connection is possible, for example because its
    certificate is not trusted.
    """
