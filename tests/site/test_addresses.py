from __future__ import annotations

import pytest
from django.test import RequestFactory

from django_trove.addresses import absolute, at_the_trove, other_host
from django_trove.client import UnsafeAnswer


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
def test_only_the_trove_s_own_origin_is_followed(url):
    assert at_the_trove("https://trove.example/add/1") == "https://trove.example/add/1"
    with pytest.raises(UnsafeAnswer):
        at_the_trove(url)


def test_an_address_is_what_the_browser_sees(settings):
    request = RequestFactory().get("/", headers={"host": "site.example"})
    assert absolute(request, "callback") == "http://site.example/trove/callback/"
    assert other_host(request) == ""
    settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": "https://localhost:8000/"}
    assert absolute(request, "callback") == "https://localhost:8000/trove/callback/"
    assert other_host(request) == "localhost:8000"
