"""
HTTP sessions with real sockets on loopback, and names that resolve as an attacker chooses.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from django_trove.server.connectors.errors import AddressRefused, NoResponse, TlsFailed
from django_trove.server.connectors.hosts import HostRules
from django_trove.server.connectors.http import limit_wait
from django_trove.server.connectors.sessions import AddressSession


class Recorder(BaseHTTPRequestHandler):
    requests: list[str]

    def do_GET(self) -> None:
        self.requests.append(self.headers["Host"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Any]:
    handler = type("Handler", (Recorder,), {"requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server():
    with serve() as running:
        yield running


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "0"],
)
def test_no_form_of_loopback_is_connected_to(server, host):
    with pytest.raises(AddressRefused, match="HOSTS"):
        AddressSession().get(f"http://{host}:{server.server_port}/", timeout=5)
    assert server.RequestHandlerClass.requests == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
def test_no_ipv6_form_of_loopback_is_connected_to(server, host):
    with pytest.raises(AddressRefused, match="HOSTS"):
        AddressSession().get(f"http://{host}:{server.server_port}/", timeout=5)
    assert server.RequestHandlerClass.requests == []


def test_an_allowed_host_is_connected_to(server):
    url = f"http://localhost:{server.server_port}/"
    assert AddressSession(["127.0.0.1"]).get(url, timeout=5).text == "ok"
    assert server.RequestHandlerClass.requests == [f"localhost:{server.server_port}"]


def resolve_to(monkeypatch, *answers):
    """
    Let a name resolve to another address at each lookup.
    """
    lookups: list[str] = []
    original = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        if host != "rebinding.example":
            return original(host, *args, **kwargs)
        answer = answers[min(len(lookups), len(answers) - 1)]
        lookups.append(host)
        return [found for address in answer for found in original(address, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return lookups


def test_a_name_is_resolved_once_per_connection(monkeypatch, server):
    lookups = resolve_to(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
    session = AddressSession(["127.0.0.2"])
    with pytest.raises(requests.ConnectionError):
        session.get(f"http://rebinding.example:{server.server_port}/", timeout=5)
    assert lookups == ["rebinding.example"]
    assert server.RequestHandlerClass.requests == []


def test_a_name_that_changes_to_a_private_address_is_refused(monkeypatch, server):
    resolve_to(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    rules = HostRules()
    assert rules.resolve("rebinding.example", 80) == ["93.184.215.14"]
    with pytest.raises(AddressRefused):
        AddressSession().get(f"http://rebinding.example:{server.server_port}/", timeout=5)
    assert server.RequestHandlerClass.requests == []


def test_private_addresses_of_a_name_with_public_ones_are_not_used(monkeypatch):
    resolve_to(monkeypatch, ["127.0.0.1", "93.184.215.14", "169.254.169.254"])
    assert HostRules().resolve("rebinding.example", 80) == ["93.184.215.14"]


def test_the_next_address_is_used_if_one_does_not_respond(monkeypatch, server):
    resolve_to(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    session = AddressSession(["127.0.0.0/8"])
    url = f"http://rebinding.example:{server.server_port}/"
    assert session.get(url, timeout=5).text == "ok"


def test_an_unknown_host_is_reported():
    with pytest.raises(NoResponse, match=r"nas\.invalid was not found"):
        AddressSession().get("http://nas.invalid/", timeout=5)


def test_a_name_server_without_a_response_is_not_awaited(monkeypatch):
    stopped = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: stopped.wait())
    try:
        with limit_wait(0.1), pytest.raises(NoResponse, match="not found"):
            HostRules().resolve("nas.example.com", 443)
    finally:
        stopped.set()


def test_proxies_of_the_environment_are_ignored(monkeypatch, server):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    session = AddressSession(["127.0.0.1"])
    assert session.get(f"http://127.0.0.1:{server.server_port}/", timeout=5).text == "ok"


def test_a_certificate_that_is_not_trusted_is_reported(monkeypatch, tmp_path):
    """
    It can be trusted with `ca_file`. Other errors of the encryption are not errors of a
    certificate.
    """
    ca_file = write_certificate(tmp_path, "rebinding.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file)
    resolve_to(monkeypatch, ["127.0.0.1"])
    with serve(context) as server:
        url = f"https://rebinding.example:{server.server_port}/"
        with pytest.raises(
            TlsFailed, match=r"https://rebinding.example:\d+ is not trusted \(self-signed"
        ):
            AddressSession(["127.0.0.1"]).get(url, timeout=5)
        trusting = AddressSession(["127.0.0.1"], str(ca_file))
        assert trusting.get(url, timeout=5).text == "ok"
        with pytest.raises(TlsFailed, match="Hostname mismatch"):
            trusting.get(url.replace("rebinding.example", "localhost"), timeout=5)
        with serve() as plain, pytest.raises(NoResponse, match="does not support https"):
            trusting.get(f"https://rebinding.example:{plain.server_port}/", timeout=5)


def test_a_server_that_requires_a_client_certificate_supports_https(monkeypatch, tmp_path):
    ca_file = write_certificate(tmp_path, "rebinding.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    resolve_to(monkeypatch, ["127.0.0.1"])
    with serve(context) as server, pytest.raises(TlsFailed, match="No secure connection"):
        AddressSession(["127.0.0.1"], str(ca_file)).get(
            f"https://rebinding.example:{server.server_port}/", timeout=5
        )


def write_certificate(folder, name):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
