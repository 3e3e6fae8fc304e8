"""
Addresses of servers, as users enter them.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.addresses import (
    describe_origin,
    is_same_origin,
    is_web_url,
    normalize_address,
)
from django_trove.server.connectors.errors import AddressRefused


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("photos.example.com", "https://photos.example.com"),
        (" photos.example.com:2283/api/ ", "https://photos.example.com:2283/api"),
        ("https://photos.example.com/", "https://photos.example.com"),
        ("HTTPS://Photos.Example.COM:443", "https://photos.example.com"),
        ("https://cloud.example/apps/files/?dir=/a#top", "https://cloud.example/apps/files"),
        ("https://bücher.example/Fotos", "https://xn--bcher-kva.example/Fotos"),
        ("192.168.1.5:5006", "https://192.168.1.5:5006"),
        ("[2001:db8::1]:8443/dav", "https://[2001:db8::1]:8443/dav"),
        ("localhost:8080", "https://localhost:8080"),
        ("https//nas.example/photo", "https://nas.example/photo"),
        ("https:/nas.example/photo", "https://nas.example/photo"),
    ],
)
def test_addresses_are_normalized(text, address):
    assert normalize_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "https://",
        "ftp://nas.example",
        "file:///etc/passwd",
        "https://ada:secret@nas.example",
        "ada:secret@nas.example",
        "https://nas.example\\@other.example",
        "https://nas example",
        "https://nas.example/\r\nHost: other",
        "https://nas.example:99999",
        "https://" + "a" * 500,
        "http://nas.example",
    ],
)
def test_other_texts_are_refused(text):
    with pytest.raises(AddressRefused):
        normalize_address(text)


def test_a_refusal_does_not_contain_the_password():
    with pytest.raises(AddressRefused) as refusal:
        normalize_address("https://ada:secret@nas.example")
    assert "secret" not in refusal.value.reason


def test_http_is_accepted_if_the_operator_allows_it():
    assert normalize_address("http://nas.example:80/dav/", allow_http=True) == (
        "http://nas.example/dav"
    )


@given(st.text())
def test_normalization_is_idempotent_and_keeps_https(text):
    try:
        address = normalize_address(text)
    except AddressRefused:
        address = normalize_address("nas.example")
    assert normalize_address(address) == address
    assert address.startswith("https://")


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("https://nas.example/a", "https://NAS.example:443/b", True),
        ("https://nas.example/a", "http://nas.example/a", False),
        ("https://nas.example/a", "https://nas.example:5006/a", False),
        ("https://nas.example/a", "https://nas.example.evil.example/a", False),
        ("https://nas.example/a", "https://nas.example@evil.example/a", False),
    ],
)
def test_origins_are_compared(url, other, same):
    assert is_same_origin(url, other) is same


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://nas.lan:5001/photo", "https://nas.lan:5001"),
        ("https://nas.lan:443/", "https://nas.lan"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]"),
    ],
)
def test_description_of_an_origin_contains_its_port(url, text):
    assert describe_origin(url) == text


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("https://nas.lan:5001/", True),
        ("http://[2001:db8::1]/", True),
        ("http://[", False),
        ("http://nas.lan:99999/", False),
        ("mailto:ada@example.org", False),
        ("ftp://nas.lan/", False),
        ("", False),
    ],
)
def test_only_urls_with_a_host_are_web_urls(url, result):
    assert is_web_url(url) is result
