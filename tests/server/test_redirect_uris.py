from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from django_trove.server.redirect_uris import get_origin, validate_redirect_uri


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://site.example/callback/?a=1", "https://site.example"),
        ("https://site.example:443/", "https://site.example"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://site.example:80/", "https://site.example:80"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("ftp://site.example/", ""),
        ("/callback/", ""),
        ("https:///callback/", ""),
        ("https://[/", ""),
        ("https://site.example:x/", ""),
        ("oob", ""),
        ("", ""),
    ],
)
def test_origin(url, origin):
    assert get_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "https://user@site.example/",
        "https://:password@site.example/",
        "https://user:password@site.example/",
        "https://site.example/#top",
        "https://site.example/ ",
        "https://site.example\\@evil.example/",
        "https://site.example/\u00e9",
        "https://site_example/",
        "https:///callback/",
        "https://[/",
        "http://site.example/",
        "/callback/",
        "javascript:alert(1)",
        None,
    ],
)
def test_invalid_redirect_uri(url):
    with pytest.raises(ValidationError):
        validate_redirect_uri(url)


@pytest.mark.parametrize(
    "url",
    ["https://site.example/a?b=1", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"],
)
def test_valid_redirect_uri(url):
    assert validate_redirect_uri(url) is None
