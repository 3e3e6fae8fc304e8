"""
A token and its secret (RFC 5849, section 1.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """
    A request token or an access token, with its shared secret.

    :param key: the parameter `oauth_token`.
    :param secret: the signing secret. It is never sent.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
