from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_trove.core.redirects import safe_redirect_url

PAGE = "https://site.example/trove/callback/"
PARTS = st.sampled_from(
    ["/", "//", "?", "#", ":", "@", "\\", "\t", "\n", " ", "..", "https:", "site.example", "evil"]
)
URLS = st.lists(st.one_of(PARTS, st.text(max_size=5))).map("".join)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "?page=2",
        "#top",
        "next",
        "photos/",
        "./",
        "account",
        "django_trove:account",
        "\r\nhttps://site.example",
        "\t/photos/",
        " /photos/",
    ],
)
def test_relative_urls_are_rejected(url):
    assert safe_redirect_url(url, {"site.example"}, require_https=False) == ""


@pytest.mark.parametrize("url", ["/", "/photos/?page=2#top", "https://site.example/photos/"])
def test_paths_and_urls_of_the_host_are_allowed(url):
    assert safe_redirect_url(url, {"site.example"}, require_https=True) == url


@given(URLS)
@example("/\\evil.example")
@example("https:evil.example")
@example("// ")
@example("//")
def test_a_redirect_stays_on_the_host(url):
    target = safe_redirect_url(url, {"site.example"}, require_https=True)
    assert {target} <= {"", url}
    if target:
        parts = urlsplit(urljoin(PAGE, target))
        assert (parts.scheme, parts.netloc) == ("https", "site.example")
        if not urlsplit(target).netloc:
            assert target.startswith("/")
