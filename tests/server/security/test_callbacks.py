"""
Where people may be sent back to.
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
    """
    P28
    """
    assert form_of(dance.request_token())["oauth_callback_confirmed"] == "true"


def test_a_request_without_a_callback_is_refused(dance):
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
def test_a_callback_is_one_of_the_registered_ones_exactly(dance, application, callback):
    """
    P41; the application proved its secret, so it is told what is wrong.
    """
    Application.objects.update(callbacks=[CALLBACK, "http://127.0.0.1:3000/back"])
    response = dance.request_token(callback_uri=callback)
    assert response.status_code == 400
    assert form_of(response)["error"] == "callback_not_allowed"


def test_a_program_on_ones_own_machine_may_listen_on_any_port(dance, application):
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
def test_a_callback_that_nobody_should_have_is_not_registered(make_application, callback):
    """
    P41
    """
    with pytest.raises(ValidationError):
        make_application(callbacks=[callback])


def test_a_callback_is_written_down_and_never_fetched(make_application, dance, monkeypatch):
    """
    P42: neither when it is registered nor when it is used.
    """
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    inside = "https://169.254.169.254/latest/"
    make_application("Another", callbacks=[inside])
    dance.asked()
    assert asked == []
