"""
Facebook's word that a person wants their data deleted: a "signed request".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

__all__ = ["parse_deletion_request"]


def parse_deletion_request(signed_request: str, app_secret: str) -> str:
    """
    Read a signed request, `base64url(signature).base64url(JSON)`.

    :returns: the person's id, as this application knows it.
    :raises ValueError: if it isn't signed with the secret, or says nothing.
    """
    signature, _, payload = signed_request.partition(".")
    expected = hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_decode_base64url(signature), expected):
        raise ValueError("The signature is wrong.")
    said = json.loads(_decode_base64url(payload))
    if not isinstance(said, dict) or str(said.get("algorithm")).upper() != "HMAC-SHA256":
        raise ValueError("It is signed in an unknown way.")
    if not said.get("user_id"):
        raise ValueError("It says of nobody.")
    return str(said["user_id"])


def _decode_base64url(part: str) -> bytes:
    """
    :raises ValueError: if it is no base64url.
    """
    return base64.b64decode(part.encode() + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
