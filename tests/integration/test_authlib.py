"""
An independent client, Authlib's OAuth 1, over HTTP between two processes.
"""

from __future__ import annotations

import json
import re

import pytest
import requests
from authlib.oauth1 import ClientAuth
from authlib.oauth1.rfc5849.util import escape

from demo.processes import TROVE, run_command

from .test_two_processes import ada  # noqa: F401

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Application:
    """
    Authlib signs, and requests sends. (Authlib's own session keeps the Content-Length of the
    unsigned body, so that the server waits for more data.)
    """

    def __init__(self, demo, keys, placement, method):
        self.base = f"{demo.trove_url}/v1/oauth"
        self.auth = ClientAuth(
            *keys, redirect_uri="oob", signature_type=placement, signature_method=method
        )

    def call(self, method, path, body=""):
        url, headers, body = self.auth.prepare(method, self.base + path, dict(FORM), body)
        return requests.request(method, url, headers=headers, data=body, timeout=20)

    def token(self, path):
        response = self.call("POST", path)
        assert response.status_code == 200, response.text
        data = dict(part.split("=", 1) for part in response.text.split("&"))
        self.auth.token, self.auth.token_secret = data["oauth_token"], data["oauth_token_secret"]
        return data


@pytest.fixture(scope="module")
def keys(demo):
    made = run_command(demo, TROVE, "trove_add_application", "Authlib", "--oob")
    return tuple(re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))


@pytest.mark.parametrize("placement", ["HEADER", "QUERY", "BODY"])
def test_authlib_completes_oauth_flow(demo, keys, ada, placement):  # noqa: F811
    """
    OAuth parameters in the header, query string or form, and a query with special characters.
    """
    application = Application(demo, keys, placement, "HMAC-SHA1")
    request_token = application.token("/request_token/?scope=photos")
    assert request_token["oauth_callback_confirmed"] == "true"
    url = f"{application.base}/authorize/?oauth_token={request_token['oauth_token']}"
    page = ada.submit(url, decision="allow", content_types="photos")
    data = re.search(r'id="auth_response"[^>]*>(.*?)</div>', page.text, re.S)[1]
    application.auth.verifier = re.sub(r"<[^>]+>", " ", data).split()[-1]
    application.auth.redirect_uri = None
    application.token("/access_token/")
    application.auth.verifier = None
    everything = application.call("GET", "/photos/").json()
    tag = everything["results"][0]["tags"][0]
    query = json.dumps({"tags-required": [tag.upper()], "attributes": {}})
    result = application.call("POST", "/photos/", f"query={escape(query)}").json()
    assert result["results"]
    assert all(tag in photo["tags"] for photo in result["results"])
    odd = json.dumps({"tags-required": ["snow & ice = ~ + % \u00e9"]})
    none = application.call("POST", "/photos/", f"query={escape(odd)}")
    assert (none.status_code, none.json()["count"]) == (200, 0)


def test_wrong_signature_is_rejected(demo, keys):
    application = Application(demo, (keys[0], keys[1] + "x"), "HEADER", "HMAC-SHA1")
    assert application.call("POST", "/request_token/?scope=photos").status_code == 401
