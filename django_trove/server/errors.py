from __future__ import annotations


class APIError(Exception):
    """
    A request that is not answered.

    :param status: of the answer.
    :param code: what went wrong, for programs.
    :param detail: the same for people; no value that was sent is in it.
    :param seconds: when to come again, where that helps.
    """

    def __init__(self, status: int, code: str, detail: str, seconds: int = 0) -> None:
        super().__init__(detail)
        self.seconds = seconds
        self.status = status
        self.code = code
        self.detail = detail


class IdentityDeleting(Exception):
    """
    The account is on its way out, and can be added again when it is gone.
    """
