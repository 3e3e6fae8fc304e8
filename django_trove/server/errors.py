from __future__ import annotations


class APIError(Exception):
    """
    An error response of the API (protocol, section 6).

    :param status: HTTP status code.
    :param code: a code of section 6.2.
    :param detail: a sentence for developers. It must not contain values of the request.
    :param seconds: value of `Retry-After`, if not 0.
    """

    def __init__(self, status: int, code: str, detail: str, seconds: int = 0) -> None:
        super().__init__(detail)
        self.seconds = seconds
        self.status = status
        self.code = code
        self.detail = detail


class IdentityDeleting(Exception):
    """
    The account is being removed. It can be added again afterwards.
    """
