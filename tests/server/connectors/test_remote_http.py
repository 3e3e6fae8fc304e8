import gzip
import io

import pytest

from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import AddressRefused, NoResponse, RetryLater
from django_trove.server.connectors.remote_files import FileFailed
from django_trove.server.connectors.remote_files.http import fetch_file, fetch_part
from django_trove.server.connectors.s3.connector import S3
from fake_services.base import FakeService, Response, redirect, serve

CONTENT = bytes(range(256)) * 4
OPTIONS = {"HOSTS": ["127.0.0.1"], "ALLOW_HTTP": True}


class FileServer(FakeService):
    supports_ranges = True

    def handle(self, request):
        self.headers = request.headers
        if not self.supports_ranges or "range" not in request.headers:
            return Response(body=CONTENT)
        start, end = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
        if start >= len(CONTENT):
            return Response(status=416, headers={"Content-Range": f"bytes */{len(CONTENT)}"})
        part = CONTENT[start : end + 1]
        content_range = f"bytes {start}-{start + len(part) - 1}/{len(CONTENT)}"
        return Response(status=206, body=part, headers={"Content-Range": content_range})


@pytest.fixture
def server():
    with serve(FileServer()) as server:
        yield server


@pytest.fixture
def service():
    return S3({}, Credentials(OPTIONS))


def check(response):
    if response.status_code == 503:
        raise RetryLater("unavailable")


@pytest.mark.parametrize(("start", "length"), [(0, 10), (100, 300), (1000, 100), (0, 5000)])
def test_part_is_fetched(server, service, start, length):
    part = fetch_part(service, server.url, start, length, check)
    assert part.content == CONTENT[start : start + length]
    assert part.size == len(CONTENT)
    assert server.headers["accept-encoding"] == "identity"


def test_range_behind_the_end_is_empty(server, service):
    assert fetch_part(service, server.url, 2000, 10, check) == (b"", len(CONTENT))


def test_start_is_read_from_a_server_without_ranges(server, service):
    server.supports_ranges = False
    assert fetch_part(service, server.url, 0, 10, check) == (CONTENT[:10], len(CONTENT))
    with pytest.raises(FileFailed, match="parts of files"):
        fetch_part(service, server.url, 10, 10, check)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (redirect("http://127.0.0.1:9/"), FileFailed),
        (Response(status=404), FileFailed),
        (Response(status=503), RetryLater),
        (redirect("http://10.0.0.1/"), FileFailed),
    ],
)
def test_errors_are_raised(server, service, response, kind):
    server.failures = [response, response]
    with pytest.raises(kind):
        fetch_part(service, server.url, 0, 10, check)
    with pytest.raises(kind):
        fetch_file(service, server.url, io.BytesIO(), 2000, check)


def test_redirect_on_the_origin_is_followed(server, service):
    target = io.BytesIO()
    server.failures = [redirect("/moved"), redirect("/moved")]
    assert fetch_part(service, server.url, 2, 3, check).content == CONTENT[2:5]
    fetch_file(service, server.url, target, 2000, check)
    assert target.getvalue() == CONTENT


def test_compressed_part_is_not_used(server, service):
    content = gzip.compress(CONTENT)
    server.failures = [Response(body=content, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(FileFailed, match="compressed"):
        fetch_part(service, server.url, 0, 10, check)


def test_private_host_is_not_an_error_of_one_file(server):
    service = S3({}, Credentials({"ALLOW_HTTP": True}))
    with pytest.raises(AddressRefused):
        fetch_part(service, server.url, 0, 10, check)
    with pytest.raises(AddressRefused):
        fetch_file(service, server.url, io.BytesIO(), 2000, check)


def test_server_without_a_response_is_reported(service):
    with pytest.raises(NoResponse):
        fetch_part(service, "http://127.0.0.1:9/a.jpg", 0, 10, check)


def test_complete_file_is_limited(server, service):
    target = io.BytesIO()
    fetch_file(service, server.url, target, len(CONTENT), check)
    assert target.getvalue() == CONTENT
    with pytest.raises(FileFailed, match="larger"):
        fetch_file(service, server.url, io.BytesIO(), len(CONTENT) - 1, check)
