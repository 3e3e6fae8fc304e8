"""
What is in an answer's body.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

from .errors import InvalidResponse
from .token import Token
from .transport import Response

__all__ = ["is_local_path", "parse_json", "parse_token"]

ONE_TIME_PATH = re.compile(r"/[^/\\\s][^\\\s]*")


def parse_token(answer: Response) -> tuple[Token, bool]:
    """
    Return a token endpoint's token, and whether it confirms the callback (RFC 5849, section 2.1).

    :raises UnreadableAnswer: if there is no token in it.
    """
    fields = parse_qs(answer.body.decode(errors="replace"))
    key, secret = fields.get("oauth_token", [""])[0], fields.get("oauth_token_secret", [""])[0]
    confirmed = fields.get("oauth_callback_confirmed") == ["true"]
    if not key or not secret:
        del fields, secret  # so that no traceback page finds them here
        raise InvalidResponse(f"{answer.path} gave no token.")
    return Token(key, secret), confirmed


def parse_json(answer: Response) -> Any:
    """
    Return the JSON of a content call's answer.

    :raises UnreadableAnswer: if it isn't JSON.
    """
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise InvalidResponse(f"The answer for {answer.path} is not JSON.") from None


def is_local_path(value: object) -> bool:
    """
    Return whether it is a path, and nothing that a browser takes for another host.
    """
    return isinstance(value, str) and ONE_TIME_PATH.fullmatch(value) is not None
