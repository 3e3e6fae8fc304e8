"""
The provider's side of OAuth 1.0a (RFC 5849), as Flickr and SmugMug have it; signatures are checked
with oauthlib.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from oauthlib.oauth1.rfc5849 import signature

from .web import Request

__all__ = ["Leave", "Problem", "Provider"]

WINDOW = 600  # seconds that a time-stamp may be off


class Problem(Exception):
    """
    A request that isn't taken.

    :param name: as the problem reporting extension calls it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Leave:
    """
    A token of either kind.

    :param asked: the parameters with which people were sent to say yes.
    """

    secret: str
    callback: str = ""
    verifier: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)


class Provider:
    """
    Consumer keys, tokens and nonces of one stand-in.
    """

    def __init__(self, key: str, secret: str) -> None:
        self.key = key
        self.secret = secret
        self.requested: dict[str, Leave] = {}
        self.granted: dict[str, Leave] = {}
        self.nonces: set[tuple[str, str]] = set()

    def request_token(self, request: Request) -> dict[str, str]:
        """
        Section 2.1.
        """
        said = self._checked(request, "")
        if not said.get("oauth_callback"):
            raise Problem("parameter_absent")
        key, leave = _key(), Leave(secrets.token_hex(8), said["oauth_callback"])
        self.requested[key] = leave
        return {
            "oauth_callback_confirmed": "true",
            "oauth_token": key,
            "oauth_token_secret": leave.secret,
        }

    def allow(self, key: str, asked: Mapping[str, str]) -> str:
        """
        Section 2.2: a person says yes. Return where to send them.
        """
        leave = self.requested[key]
        leave.verifier = secrets.token_hex(8)
        leave.asked = dict(asked)
        came_back = urlencode({"oauth_token": key, "oauth_verifier": leave.verifier})
        joint = "&" if urlsplit(leave.callback).query else "?"
        return f"{leave.callback}{joint}{came_back}"

    def access_token(self, request: Request) -> dict[str, str]:
        """
        Section 2.3.
        """
        key = self.parameters(request).get("oauth_token", "")
        leave = self.requested.get(key)
        if leave is None or not leave.verifier:
            raise Problem("token_rejected")
        said = self._checked(request, leave.secret)
        if not secrets.compare_digest(said.get("oauth_verifier", ""), leave.verifier):
            raise Problem("verifier_invalid")
        del self.requested[key]
        key = _key()
        self.granted[key] = Leave(secrets.token_hex(8), asked=leave.asked)
        return {"oauth_token": key, "oauth_token_secret": self.granted[key].secret}

    def leave_of(self, request: Request) -> Leave | None:
        """
        Section 3: return whose leave a signed call comes with; None without a token.
        """
        key = self.parameters(request).get("oauth_token", "")
        leave = self.granted.get(key)
        if key and leave is None:
            raise Problem("token_rejected")
        self._checked(request, leave.secret if leave else "")
        return leave

    def parameters(self, request: Request) -> dict[str, str]:
        """
        Return what was signed, from the header, the query and the body.
        """
        return dict(_parameters(request, with_signature=True))

    def _checked(self, request: Request, token_secret: str) -> dict[str, str]:
        said = self.parameters(request)
        if said.get("oauth_consumer_key") != self.key:
            raise Problem("consumer_key_unknown")
        if abs(time.time() - int(said.get("oauth_timestamp", "0"))) > WINDOW:
            raise Problem("timestamp_refused")
        signed = SimpleNamespace(
            uri=request.url,
            http_method=request.method,
            params=_parameters(request, with_signature=False),
            signature=said.get("oauth_signature", ""),
        )
        if said.get("oauth_signature_method") != "HMAC-SHA1" or not signature.verify_hmac_sha1(
            signed, self.secret, token_secret
        ):
            raise Problem("signature_invalid")
        used = (said["oauth_timestamp"], said.get("oauth_nonce", ""))
        if used in self.nonces:
            raise Problem("nonce_used")
        self.nonces.add(used)
        return said


def _parameters(request: Request, *, with_signature: bool) -> list[tuple[str, str]]:
    authorization = request.headers.get("authorization")
    return signature.collect_parameters(
        uri_query=urlsplit(request.url).query,
        body=list(request.form.items()),
        headers={"Authorization": authorization} if authorization else {},
        exclude_oauth_signature=not with_signature,
    )


def _key() -> str:
    return f"7215{secrets.randbelow(10**13):013}-{secrets.token_hex(8)}"
