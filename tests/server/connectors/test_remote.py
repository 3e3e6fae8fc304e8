from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from django_trove.client.responses import parse_retry_after
from django_trove.server.connectors import http, remote
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import RetryLater, ServiceFailed
from django_trove.server.connectors.flickr.connector import Flickr
from fake_services.base import FakeService, Response, serve

ELSEWHERE = [
    "https://evil.example/a.jpg",
    "https://evil.example/.staticflickr.com",
    "https://evil.example\\.staticflickr.com/a.jpg",  # a slash to requests, and none to urllib
    "https://evil.example#.staticflickr.com/a.jpg",
    "https://evil.example?.staticflickr.com/a.jpg",
    "https://live.staticflickr.com@evil.example/a.jpg",
    "https://evil.example@live.staticflickr.com/a.jpg",
    "https://staticflickr.com.evil.example/a.jpg",
    "https://evilstaticflickr.com/a.jpg",
    "https://live.staticflickr.com:8443/a.jpg",
    "http://live.staticflickr.com/a.jpg",
    "ftp://live.staticflickr.com/a.jpg",
    "file:///etc/passwd",
    "//live.staticflickr.com/a.jpg",
    "https://127.0.0.1/a.jpg",
    "http://127.0.0.1:1/a.jpg",
    "https://[::1]/a.jpg",
    "https://[::ffff:10.0.0.1]/a.jpg",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/a.jpg",
    "https://10.0.0.1.staticflickr.com.nip.io/",
    "https://[/a.jpg",
    "a.jpg",
    "",
]


def flickr(**config):
    return Flickr({}, Credentials({"KEY": "x", "SECRET": "y", **config}))


@pytest.mark.parametrize("url", ELSEWHERE)
def test_url_on_another_host_is_not_fetched(url):
    assert not flickr().is_allowed_host(url)
    with pytest.raises(ServiceFailed, match="not on an allowed host of Flickr"):
        flickr().fetch(requests.Session(), url)


@pytest.mark.parametrize(
    "url",
    [
        "https://live.staticflickr.com/1/2_3_b.jpg",
        "https://farm2.staticflickr.com:443/1/2_3_b.jpg",
        "HTTPS://LIVE.STATICFLICKR.COM/1/2_3_b.jpg",
    ],
)
def test_own_hosts_are_allowed(url):
    assert flickr().is_allowed_host(url)


@given(st.text(), st.text())
def test_allowed_host_is_the_host_that_requests_uses(before, after):
    url = f"https://{before}.staticflickr.com{after}"
    try:
        taken = requests.Request("GET", url).prepare().url
    except (requests.RequestException, UnicodeError):  # no request is sent
        return
    if flickr().is_allowed_host(url):
        assert parse_url(taken).host.endswith(".staticflickr.com")


def waits(**headers):
    response = requests.Response()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return parse_retry_after(response.headers)


def test_retry_after_is_parsed():
    assert waits(Retry_After="7") == 7
    assert waits(Retry_After="-7") == 0
    assert waits(Retry_After="Fri, 31 Dec 1999 23:59:59 GMT") == 0
    late = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert 110 < waits(Retry_After=late) <= 120
    for nothing in ({}, {"Retry_After": ""}, {"Retry_After": "soon"}, {"Retry_After": "inf"}):
        assert waits(**nothing) is None


class Pictures(FakeService):
    def handle(self, request):
        return self.found


@contextmanager
def pictures(**found):
    with serve(Pictures()) as fake:
        fake.found = Response(**found)
        yield fake, flickr(MEDIA_HOSTS=(fake.url.removeprefix("http://"),))


def test_redirect_to_another_host_is_not_followed():
    with pictures(status=200) as (other, _), pictures(status=302) as (fake, service):
        fake.found.headers["Location"] = f"{other.url}/inside"
        with pytest.raises(ServiceFailed, match="not on an allowed host"):
            service.fetch(requests.Session(), f"{fake.url}/a.jpg")
        assert other.request_paths == []


def test_redirects_are_limited():
    with pictures(status=302, headers={"Location": "/a.jpg"}) as (fake, service):
        with pytest.raises(ServiceFailed, match="too many redirects"):
            service.fetch(requests.Session(), f"{fake.url}/a.jpg")
        assert len(fake.request_paths) == remote.MAX_REDIRECTS


def test_picture_size_is_limited(monkeypatch):
    monkeypatch.setattr(remote, "MAX_PICTURE_BYTES", 100_000)
    with (
        pictures(body=b"x" * 100_001, type="image/jpeg") as (fake, service),
        pytest.raises(ServiceFailed, match="too large"),
    ):
        service.fetch(requests.Session(), f"{fake.url}/a.jpg")


def test_slow_response_is_aborted(monkeypatch):
    monkeypatch.setattr(http, "MAX_SECONDS", -1)
    with pictures(body=b"x", type="image/jpeg") as (fake, service):
        with pytest.raises(RetryLater):
            service.fetch(requests.Session(), f"{fake.url}/a.jpg")
        with pytest.raises(RetryLater):
            service.call(requests.Session(), "GET", f"{fake.url}/")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/octet-stream", ""])
def test_response_that_is_not_a_picture_is_rejected(kind):
    with pictures(body=b"<script>", type=kind) as (fake, service):
        response = service.fetch(requests.Session(), f"{fake.url}/a.jpg")
        with pytest.raises(ServiceFailed, match="did not send a picture"):
            service.to_rendition(response)
