"""
Signed calls on an unreliable network.
"""

from __future__ import annotations

import gzip
import json
import logging
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from django_trove.client import (
    AccessDenied,
    CallError,
    ClockSkewed,
    InvalidResponse,
    KeysRejected,
    NotFound,
    Query,
    QueryError,
    RateLimited,
    TimedOut,
    TokenRejected,
    TroveAPI,
    Unavailable,
    Unreachable,
    UnsafeResponse,
)
from django_trove.client.responses import parse_retry_after

from .conftest import ACCESS, KEYS
from .fake_server import run_fake_server

PAGE = {"count": 0, "page": 1, "total_number_of_results": 0, "results": []}
OK = (200, {}, json.dumps(PAGE).encode())


def test_call_is_signed_with_both_secrets(api, trove):
    api.get_photos(Query(tags_required=["Valparaíso & more"]))
    (request,) = trove.requests
    assert request.is_signed_with(KEYS[1], ACCESS.secret)
    assert not request.is_signed_with(KEYS[1], "another")
    assert request.oauth["oauth_signature_method"] == "HMAC-SHA256"


def test_signature_method_can_be_hmac_sha1(api_for, trove):
    api_for(signature_method="HMAC-SHA1").get_photos()
    assert trove.requests[0].oauth["oauth_signature_method"] == "HMAC-SHA1"
    assert trove.requests[0].is_signed_with(KEYS[1], ACCESS.secret)


def test_nonces_are_unique_and_have_128_bits(api):
    nonces = {api._transport._signature(None).client.nonce for _ in range(10_000)}
    assert len(nonces) == 10_000
    assert all(len(bytes.fromhex(nonce)) == 16 for nonce in nonces)


def test_connections_are_reused(api, trove):
    for _ in range(5):
        api.get_photos()
    assert trove.connections == 1


def test_connections_are_reused_after_compressed_responses(api, trove):
    body = gzip.compress(OK[2])
    trove.respond_with((200, {"Content-Encoding": "gzip"}, body))
    for _ in range(3):
        assert api.get_photos().total_number_of_results == 0
    assert trove.connections == 1


def test_client_can_be_shared_by_threads(api, trove):
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: api.get_photos(Query(page=n)), range(1, 41)))
    assert len(results) == len(trove.requests) == 40
    assert len({request.oauth["oauth_nonce"] for request in trove.requests}) == 40


def test_cookies_are_not_stored(api, trove):
    trove.respond_with((200, {"Set-Cookie": "tracked=yes"}, OK[2]), OK)
    api.get_photos()
    api.get_photos()
    assert "Cookie" not in trove.requests[1].headers


def test_transient_error_is_retried_with_new_nonce(api, trove):
    trove.respond_with((503, {}, b""), (502, {}, b""), OK)
    assert api.get_photos().count == 0
    assert len({request.oauth["oauth_nonce"] for request in trove.requests}) == 3


def test_token_exchange_is_not_retried(api, trove):
    trove.respond_with((503, {}, b""))
    with pytest.raises(Unavailable):
        api.get_access_token(ACCESS, "verifier")
    assert len(trove.requests) == 1


def test_retry_after_is_respected(api, trove):
    trove.respond_with((429, {"Retry-After": "1"}, b""), OK)
    started = time.monotonic()
    api.get_photos()
    assert 1 <= time.monotonic() - started < 4


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_long_retry_after_is_raised(api, trove, as_date):
    wait = format_datetime(datetime.now(UTC) + timedelta(hours=1)) if as_date else "3600"
    trove.respond_with((429, {"Retry-After": wait}, b""))
    with pytest.raises(RateLimited) as caught:
        api.get_photos()
    assert caught.value.retry_after == pytest.approx(3600, abs=30)
    assert len(trove.requests) == 1


def test_retries_end_at_deadline(api_for, trove):
    trove.respond_with((503, {}, b""))
    started = time.monotonic()
    with pytest.raises(Unavailable):
        api_for(retries=50, deadline=1).get_photos()
    assert time.monotonic() - started < 2


def test_read_timeout_is_not_retried(api_for, trove):
    finished = threading.Event()
    trove.respond = lambda request: finished.wait(5) and None
    started = time.monotonic()
    with pytest.raises(TimedOut, match="ReadTimeout"):
        api_for(timeout=0.3, retries=2).get_photos()
    assert time.monotonic() - started < 2
    assert len(trove.requests) == 1
    finished.set()


def test_refused_connection_raises_unavailable(api_for):
    with pytest.raises(Unavailable, match="ConnectionError"):
        api_for(url="http://127.0.0.1:9", retries=0).get_photos()


def test_endless_body_stops_at_deadline(api_for, trove):

    def send_slowly(request):
        write = trove.handler.wfile.write
        write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(100):
            write(b"x")
            time.sleep(0.05)

    trove.respond = send_slowly
    started = time.monotonic()
    with pytest.raises(TimedOut):
        api_for(deadline=0.5, retries=0).get_photos()
    assert time.monotonic() - started < 2


TRICKLES = {
    "headers": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "gzip name": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + bytes(6), b"n"
    ),
    "chunk size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;", b"n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x"),
}  # fmt: skip


@pytest.mark.parametrize("part", TRICKLES)
def test_slow_response_stops_at_deadline(api_for, trove, part):
    begin, piece = TRICKLES[part]

    def send_byte_by_byte(request):
        write = trove.handler.wfile.write
        write(begin)
        for _ in range(40):
            write(piece)
            time.sleep(0.1)

    trove.respond = send_byte_by_byte
    started = time.monotonic()
    with pytest.raises(TimedOut):
        api_for(deadline=0.6, timeout=0.6, retries=0).get_photos()
    assert time.monotonic() - started < 1.5


def test_deadline_does_not_affect_next_call(api_for, trove):
    api_for(deadline=0.3).get_photos()
    time.sleep(0.4)
    assert api_for(deadline=5).get_photos().count == 0
    assert trove.connections == 1


def test_unreachable_and_unavailable_are_different_errors(api_for, trove):
    with pytest.raises(Unreachable):
        api_for(url="http://127.0.0.1:9", retries=0).get_photos()
    trove.respond_with((500, {}, b""))
    with pytest.raises(Unavailable) as caught:
        api_for(retries=0).get_photos()
    assert not isinstance(caught.value, Unreachable)


def test_gzip_bomb_stops_at_size_limit(api_for, trove):
    """
    50 MB of zeros are compressed to 50 KB.
    """
    trove.respond_with((200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000))))
    with pytest.raises(InvalidResponse, match="exceeds 1000000 bytes"):
        api_for(max_bytes=1_000_000).get_photos()


def test_invalid_compression_raises_bad_response(api, trove):
    trove.respond_with((200, {"Content-Encoding": "gzip"}, b"not gzip at all"))
    with pytest.raises(InvalidResponse):
        api.get_photos()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirect_is_not_followed(api, trove, status):
    with run_fake_server() as elsewhere:
        trove.respond_with((status, {"Location": elsewhere.url}, b""))
        for call in (api.get_photos, api.get_request_token):
            with pytest.raises(UnsafeResponse):
                call()
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, CallError), (401, TokenRejected), (403, AccessDenied), (404, NotFound), (413, CallError),
     (418, InvalidResponse), (429, RateLimited), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
def test_each_status_has_its_error(api_for, trove, status, error):
    trove.respond_with((status, {}, b"whatever"))
    with pytest.raises(error) as caught:
        api_for(retries=0).get_photos()
    assert caught.value.status == status


def test_query_error_has_field(api, trove):
    data = {"error": "bad_query", "detail": "order_by: unknown name.", "field": "order_by"}
    trove.respond_with((400, {}, json.dumps(data).encode()))
    with pytest.raises(QueryError, match="unknown name") as caught:
        api.get_photos(Query(order_by=["colour"]))
    assert caught.value.field == "order_by"


def test_rejected_keys_and_rejected_token_are_different_errors(api, trove):
    trove.respond_with((401, {}, b""))
    with pytest.raises(KeysRejected):
        api.get_request_token()


@pytest.mark.parametrize(("hours", "side"), [(1, "behind"), (-1, "ahead of")])
def test_wrong_clock_has_its_own_error(api, trove, hours, side):
    trove.date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    trove.respond_with((401, {}, b""))
    with pytest.raises(ClockSkewed, match=side) as caught:
        api.get_photos()
    assert caught.value.seconds == pytest.approx(-3600 * hours, abs=10)


@pytest.mark.parametrize(
    "url", ["http://trove.example", "ftp://trove.example", "https://", "https://a:b@trove.example",
            "https://trove.example/?x", "trove.example", "", None, "https://[", "http://10.0.0.1"]
)  # fmt: skip
def test_unsafe_or_invalid_url_is_rejected(url):
    with pytest.raises(CallError, match="url"):
        TroveAPI(*KEYS, url=url)


@pytest.mark.parametrize("url", ["http://localhost:8001", "http://127.0.0.9", "http://[::1]:1"])
def test_http_is_accepted_for_loopback(url):
    assert TroveAPI(*KEYS, url=url).web_url == url


def test_http_for_other_hosts_requires_option():
    assert TroveAPI(*KEYS, url="http://trove.internal/", allow_http=True).api_url


@pytest.fixture
def untrusted_server(tmp_path):
    """
    An HTTPS server whose certificate no authority has signed.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "certificate.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=accept_tls, args=(context, listener), daemon=True)
        server.start()
        yield f"https://localhost:{listener.getsockname()[1]}"


def accept_tls(context, listener):
    with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True):
        pass


def test_untrusted_certificate_is_reported(api_for, untrusted_server):
    with pytest.raises(Unreachable, match=r"certificate is not trusted \(self-signed"):
        api_for(url=untrusted_server, retries=0).get_photos()


def test_proxy_environment_variables_require_option(api_for, trove, monkeypatch):
    with run_fake_server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        api_for(session=None).get_photos()
        assert (len(trove.requests), len(proxy.requests)) == (1, 0)
        api_for(session=None, trust_env=True).get_photos()
        assert len(proxy.requests) == 1


def test_debug_log_has_no_secret(api, trove, caplog):
    """
    With the level DEBUG for the loggers of all libraries.
    """
    caplog.set_level(logging.DEBUG)
    for name in ("oauthlib", "requests_oauthlib", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    body = b"oauth_token=new-key&oauth_token_secret=new-secret&oauth_callback_confirmed=true"
    trove.respond_with((200, {}, body), OK)
    api.get_access_token(ACCESS, "the-verifier")
    api.get_photos()
    signatures = [request.oauth["oauth_signature"] for request in trove.requests]
    secrets = [KEYS[1], *signatures, "new-key", "new-secret", "the-verifier", ACCESS.key]
    assert [s for s in secrets if s in caplog.text] == []
    assert caplog.records, "the loggers are open"


def test_other_oauthlib_loggers_are_unchanged(api, caplog):
    from oauthlib.oauth1 import Client

    api.get_photos()
    with caplog.at_level(logging.DEBUG, logger="oauthlib.oauth1.rfc5849"):
        Client("somebody").sign("https://elsewhere.example/")
    assert "Normalized URI" in caplog.text


def test_traceback_has_no_secret(api_for):
    """
    A debug page shows the variables of all frames, of every exception in the chain.
    """
    with pytest.raises(Unavailable) as caught:
        api_for(url="http://127.0.0.1:9", retries=1).get_photos()
    page = _render_debug_page(caught.value)
    assert KEYS[1] not in page
    assert ACCESS.secret not in page
    assert "oauth_signature=" not in page


def test_traceback_of_invalid_argument_has_no_secret():
    with pytest.raises(CallError) as caught:
        TroveAPI("app-key", "".join(["app-", "secret"]), url="http://trove.example")
    frames = _render_debug_page(caught.value)
    assert "app-secret" not in frames


def _render_debug_page(error: BaseException | None) -> str:
    """
    Follow the exception chain as Django does: the cause, else the context unless it is suppressed.
    """
    page = []
    while error is not None:
        trace, frames = error.__traceback__, []
        while trace is not None:
            frames.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        page += frames[1:]  # the first is the test itself
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(page)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("-5", 0),
        ("", None),
        ("soon", None),
        ("\u0667", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    assert parse_retry_after({"Retry-After": value}) == seconds
