"""
Requests of an application, signed by oauthlib and sent with Django's test client.
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
    An application with an optional token.
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

    def sign(self, method, path, form=None, **options):
        """
        Return the path, headers and body of a signed request.
        """
        body = None if form is None else urlencode(form)
        headers = {} if form is None else {"Content-Type": FORM}
        signer = Signer(*self.keys, **{**self.signing, **options})
        with suppress_secret_logging():  # so that tests see only the logs of the server
            uri, headers, body = signer.sign(BASE + path, method, body, headers)
        return uri.removeprefix(BASE), headers, body

    def send(self, method, path, headers, body=None, http=None):
        """
        Send a signed request over https.
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

    def get(self, path, **options):
        return self.send("GET", *self.sign("GET", path, **options))

    def post(self, path, form=None, **options):
        return self.send("POST", *self.sign("POST", path, form or {}, **options))


def form_of(response):
    """
    Parse a form-encoded response.
    """
    return dict(parse_qsl(response.content.decode()))


def header_with(headers, **changes):
    """
    Return the Authorization header with some of its values changed.
    """
    header = headers["Authorization"]
    for name, value in changes.items():
        header = re.sub(f'{name}="[^"]*"', f'{name}="{value}"', header)
    return {**headers, "Authorization": header}
