"""
A token and its secret (RFC 5849, section 1.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True, slots=True)
class Token:
    """
    A request token or an access token, with its shared secret.

    :param key: the parameter `oauth_token`; in version 2, the access token.
    :param secret: the signing secret, which is never sent; in version 2, the refresh token.
    :param expires_at: in version 2, seconds since 1970.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    expires_at: float | None = field(default=None, repr=False)

    def to_string(self) -> str:
        """
        Return the form-encoded token, as the client of 2010 stores it.
        """
        values = {"oauth_token": self.key, "oauth_token_secret": self.secret}
        if self.expires_at is not None:
            values["expires_at"] = str(self.expires_at)
        return urlencode(values)

    @classmethod
    def from_string(cls, text: str) -> Self:
        """
        :raises ValueError: if the text is not a token of `to_string`.
        """
        values = dict(parse_qsl(text))
        key, secret = values.get("oauth_token", ""), values.get("oauth_token_secret", "")
        expires_at = values.get("expires_at")
        if not key or not secret:
            raise ValueError("The text is not a token, such as oauth_token=…&oauth_token_secret=….")
        return cls(key, secret, float(expires_at) if expires_at else None)
