"""
A token and its secret (RFC 5849, section 1.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
