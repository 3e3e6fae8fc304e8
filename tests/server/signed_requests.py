"""
An application as the tests play it: signed by oauthlib's client, sent to Django's test client.
"""

import re
from urllib.parse import parse_qsl, urlencode

from django.test import Client
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from oauthlib.oauth1 import Client as Signer

from django_trove.client.logs import suppress_secret_logging

BASE = "https://trove.example"
FORM = "application/x-www-form-urlencoded"


class Caller:
    """
    One application, with or without a token.
    """

    def __init__(self, application, token=None, *, secret=None, http=None, **signing):
        self.http = http or Client()
        self.signing = {"signature_method": SIGNATURE_HMAC_SHA256, **signing}
        self.keys = (
            application.key,
            secret or application.secret,
            token and token.key,
            token and token.secret,
        )

    def sign(self, method, path, form=None, **more):
        """
        Return the path, headers and body of a signed request.
        """
        body = None if form is None else urlencode(form)
        headers = {} if form is None else {"Content-Type": FORM}
        signer = Signer(*self.keys, **{**self.signing, **more})
        with suppress_secret_logging():  # what a log holds then is the server's
            uri, headers, body = signer.sign(BASE + path, method, body, headers)
        return uri.removeprefix(BASE), headers, body

    def send(self, method, path, headers, body=None, http=None):
        """
        Send a request as it is, over TLS.
        """
        headers = dict(headers)
        content_type = headers.pop("Content-Type", "")
        return (http or self.http).generic(
            method,
            path,
            body or b"",
            content_type=content_type,
            headers=headers,
            secure=True,
        )

    def get(self, path, **more):
        return self.send("GET", *self.sign("GET", path, **more))

    def post(self, path, form=None, **more):
        return self.send("POST", *self.sign("POST", path, form or {}, **more))


def form_of(response):
    """
    Return a form-encoded answer as a dictionary.
    """
    return dict(parse_qsl(response.content.decode()))


def header_with(headers, **changes):
    """
    Return the Authorization header with some of its values changed.
    """
    written = headers["Authorization"]
    for name, value in changes.items():
        written = re.sub(f'{name}="[^"]*"', f'{name}="{value}"', written)
    return {**headers, "Authorization": written}
