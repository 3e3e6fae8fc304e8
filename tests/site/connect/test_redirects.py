from __future__ import annotations

import pytest
from django.test import RequestFactory

from django_trove.client import UnsafeResponse
from django_trove.connect.redirects import (
    absolute_url,
    callback_host_mismatch,
    is_same_origin,
    require_trove_url,
)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/add/1",
        "http://trove.example/add/1",
        "https://trove.example:8443/add/1",
        "https://trove.example@evil.example/",
        "//trove.example/add/1",
        "/add/1",
    ],
)
def test_only_origin_of_trove_is_allowed(url):
    assert require_trove_url("https://trove.example/add/1") == "https://trove.example/add/1"
    with pytest.raises(UnsafeResponse):
        require_trove_url(url)


@pytest.mark.parametrize(
    ("url", "is_same"),
    [
        ("https://trove.example", True),
        ("https://trove.example/", True),
        ("https://trove.example:443/below/", True),
        ("HTTPS://Trove.Example", True),
        ("http://trove.example", False),
        ("https://trove.example:8443", False),
        ("https://evil.example/trove.example", False),
        ("https://trove.example@evil.example", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_same_origin(url, is_same):
    assert is_same_origin(url, "https://trove.example") is is_same
    assert not is_same_origin("", "")


def test_absolute_url_is_the_one_in_the_browser(settings):
    request = RequestFactory().get("/", headers={"host": "site.example"})
    assert absolute_url(request, "callback") == "http://site.example/trove/callback/"
    assert callback_host_mismatch(request) == ""
    settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://localhost:8000/"}
    assert absolute_url(request, "callback") == "https://localhost:8000/trove/callback/"
    assert callback_host_mismatch(request) == "localhost:8000"


@pytest.mark.parametrize(
    ("base", "host", "secure", "mismatch"),
    [
        ("https://site.example:443", "site.example", True, ""),
        ("https://site.example", "site.example:443", True, ""),
        ("http://site.example:80", "site.example", False, ""),
        ("http://site.example", "site.example:80", False, ""),
        ("https://site.example:80", "site.example", True, "site.example:80"),
        ("http://site.example:443", "site.example", False, "site.example:443"),
    ],
)
def test_default_port_is_optional(settings, base, host, secure, mismatch):
    settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": base}
    request = RequestFactory().get("/", headers={"host": host}, secure=secure)
    assert callback_host_mismatch(request) == mismatch
