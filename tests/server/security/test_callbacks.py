"""
Callback URLs (protocol, section 2.7).
"""

import socket

import pytest
from django.core.exceptions import ValidationError

from django_trove.server.models import Application

from ..conftest import CALLBACK
from ..signed_requests import form_of

pytestmark = pytest.mark.django_db

AUTHORIZE = "/v1/oauth/authorize/"


def test_the_callback_is_always_confirmed(dance):
    assert form_of(dance.request_token())["oauth_callback_confirmed"] == "true"


def test_a_request_without_a_callback_is_rejected(dance):
    """
    OAuth Core 1.0 is open to session fixation (advisory 2009.1).
    """
    response = dance.request_token(callback_uri=None)
    assert response.status_code == 400
    assert form_of(response)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "callback",
    [
        "https://site.example/trove/callback",
        "https://site.example/trove/callback/?a=1",
        "https://site.example/trove/callback/;x",
        "https://site.example/trove/callback/#f",
        "https://site.example:444/trove/callback/",
        "https://site.example./trove/callback/",
        "https://ada@site.example/trove/callback/",
        "https://SITE.example/trove/callback/",
        "http://site.example/trove/callback/",
        "https://evil.example/",
        "javascript:alert(1)",
        "//site.example/trove/callback/",
        "http://169.254.169.254/",
        "oob",
        "http://127.0.0.1:4000@evil.example/back",
        "http://127.0.0.1:99999/back",
        "http://ada@127.0.0.1:4000/back",
        "http://127.0.0.1:4000/back#f",
        "http://127.0.0.1:4000/other",
        "https://127.0.0.1:4000/back",
        "http://localhost:4000/back",
    ],
)
def test_a_callback_must_equal_a_registered_one(dance, application, callback):
    """
    The error is specific, because the signature of the application is valid.
    """
    Application.objects.update(callbacks=[CALLBACK, "http://127.0.0.1:3000/back"])
    response = dance.request_token(callback_uri=callback)
    assert response.status_code == 400
    assert form_of(response)["error"] == "callback_not_allowed"


def test_the_port_of_a_loopback_callback_may_differ(dance, application):
    """
    RFC 8252, section 7.3.
    """
    Application.objects.update(callbacks=["http://127.0.0.1:3000/back"])
    assert dance.request_token(callback_uri="http://127.0.0.1:4711/back").status_code == 200


@pytest.mark.parametrize(
    "callback",
    [
        "site.example/callback",
        "javascript:alert(1)",
        "http://site.example/",
        "https://ada:pw@site.example/",
        "https://site.example/#f",
        "https://site.example/a b",
        "https://site.example/\r\nSet-Cookie:a=b",
        "https://a;script-src/",
        "https://site.example:99999/",
        "https://söte.example/",
        7,
    ],
)
def test_an_unsafe_callback_cannot_be_registered(make_application, callback):
    with pytest.raises(ValidationError):
        make_application(callbacks=[callback])


def test_a_callback_is_never_requested_by_the_server(make_application, dance, monkeypatch):
    """
    Server-side request forgery: neither at the registration nor in the flow.
    """
    connections = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: connections.append(address))
    internal = "https://169.254.169.254/latest/"
    make_application("Another", callbacks=[internal])
    dance.asked()
    assert connections == []
