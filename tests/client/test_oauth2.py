"""
Responses of token endpoints of OAuth 2.
"""

from __future__ import annotations

import json
import time

import pytest

from django_trove.client import InvalidResponse
from django_trove.client.oauth2 import DEFAULT_LIFETIME, parse_bearer_token
from django_trove.client.responses import Response
from django_trove.client.token import Token
from django_trove.models import to_moment


def parse(**changes):
    fields = {"access_token": "a", "refresh_token": "b", "token_type": "Bearer", **changes}
    return parse_bearer_token(Response("/oauth2/", 200, {}, json.dumps(fields).encode()))


@pytest.mark.parametrize(
    "lifetime", [10**400, 10**18, 2**63, -(2**63), 1e308, float("inf"), float("-inf"), float("nan")]
)
def test_extreme_lifetime(lifetime):
    token = parse(expires_in=lifetime)
    assert to_moment(token.expires_at)
    assert token.expires_at > time.time()
    assert Token.from_string(token.to_string()) == token


@pytest.mark.parametrize("lifetime", [None, "3600", True, 0, -1, [], float("nan")])
def test_invalid_lifetime(lifetime):
    difference = parse(expires_in=lifetime).expires_at - time.time()
    assert DEFAULT_LIFETIME - 60 < difference <= DEFAULT_LIFETIME


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("value", ["\ud800", "é", "a\r\nSet-Cookie: b", "\0", 1, ["a"]])
def test_invalid_token(name, value):
    with pytest.raises(InvalidResponse):
        parse(**{name: value})
