"""
Addresses that users enter: real sockets on loopback, and names that resolve as an attacker chooses.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.addresses import (
    AddressRefused,
    AddressSession,
    CertificateRefused,
    HostRules,
    describe_origin,
    is_host_rule,
    is_public,
    is_same_origin,
    normalize_address,
)
from django_trove.server.connectors.base import NoResponse
from django_trove.server.connectors.http import limit_wait

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.5",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:192.168.1.5",
    "::127.0.0.1",
    "2002:7f00:1::",
    "2002:c0a8:105::1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
]


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


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "::ffff:8.8.8.8"]
)
def test_other_addresses_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("hosts", "name", "address", "allowed"),
    [
        (["192.168.1.0/24"], "nas.example", "192.168.1.5", True),
        (["192.168.1.0/24"], "nas.example", "192.168.2.5", False),
        (["192.168.1.0/24"], "nas.example", "::ffff:192.168.1.5", True),
        (["192.168.1.5"], "nas.example", "192.168.1.5", True),
        (["fd00::/8"], "nas.example", "fd12::1", True),
        (["[fd12::1]"], "nas.example", "fd12::1", True),
        (["nas.lan"], "NAS.lan.", "192.168.1.5", True),
        (["nas.lan"], "other.nas.lan", "192.168.1.5", False),
        ([".lan"], "nas.lan", "192.168.1.5", True),
        ([".lan"], "nas.wlan", "192.168.1.5", False),
        (["nas.lan"], "evil.example", "192.168.1.5", False),
        ([], "photos.example", "93.184.215.14", True),
    ],
)
def test_hosts_allow_private_addresses(hosts, name, address, allowed):
    assert HostRules(hosts).allows(name, ip_address(address)) is allowed


@pytest.mark.parametrize("rule", ["10.0.0.0/8", "192.168.1.5", "[::1]", "nas.lan", ".lan"])
def test_networks_and_names_are_host_rules(rule):
    assert is_host_rule(rule)


@pytest.mark.parametrize("rule", ["", 5, "https://nas.lan", "nas.lan:80", "10.0.0.0/99", "a b"])
def test_urls_and_ports_are_not_host_rules(rule):
    assert not is_host_rule(rule)


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
            CertificateRefused, match=r"https://rebinding.example:\d+ is not trusted \(self-signed"
        ):
            AddressSession(["127.0.0.1"]).get(url, timeout=5)
        trusting = AddressSession(["127.0.0.1"], str(ca_file))
        assert trusting.get(url, timeout=5).text == "ok"
        with pytest.raises(CertificateRefused, match="Hostname mismatch"):
            trusting.get(url.replace("rebinding.example", "localhost"), timeout=5)
        with serve() as plain, pytest.raises(NoResponse, match="does not support https"):
            trusting.get(f"https://rebinding.example:{plain.server_port}/", timeout=5)


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
        ("http://[", "an invalid address"),
    ],
)
def test_description_of_an_origin_contains_its_port(url, text):
    assert describe_origin(url) == text
