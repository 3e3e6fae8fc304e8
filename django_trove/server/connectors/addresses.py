"""
Server addresses entered by users, and an HTTP session that does not connect to private networks.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from .base import NoResponse, ServiceFailed
from .http import LimitedResponse, get_timeout
from .messages import Message as _

MUST_START_WITH_HTTPS = _("The address must start with https:// and contain a host.")
MUST_START_WITH_HTTP = _("The address must start with http:// or https:// and contain a host.")

Address = IPv4Address | IPv6Address

MAX_ADDRESS_LENGTH = 400
MAX_ATTEMPTS = 4  # addresses of a host that are tried
DEFAULT_PORTS = {"http": 80, "https": 443}
INVALID_CHARACTERS = re.compile(r"[\0-\x20\x7f\\]|\s")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
INCOMPLETE_SCHEME = re.compile(r"^(https?)(//|:/)(?!/)", re.IGNORECASE)
HOST_NAME = re.compile(r"\.?[^\s/:@\[\]]*[^\W\d][^\s/:@\[\]]*")
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


class AddressRefused(ServiceFailed):
    """
    The address is invalid, or this Trove does not connect to it.
    """


def normalize_address(text: str, *, allow_http: bool = False) -> str:
    """
    Return the URL of an address as users type it: https is the default scheme; a missing colon or
    slash is inserted; a trailing slash, the query and the fragment are removed.

    :raises AddressRefused: if it is not an address, contains a password, or has another scheme.
    """
    text = INCOMPLETE_SCHEME.sub(r"\1://", text.strip())
    if not text or len(text) > MAX_ADDRESS_LENGTH or INVALID_CHARACTERS.search(text):
        raise AddressRefused(
            _("Enter the address of the server, such as https://photos.example.com.")
        )
    try:
        parts = parse_url(text if SCHEME.match(text) else f"https://{text}")
    except LocationParseError:
        raise AddressRefused(_("The address is invalid. Check it for typing errors.")) from None
    if parts.auth:
        raise AddressRefused(_("Remove the user name and password from the address."))
    if not parts.host or parts.scheme not in DEFAULT_PORTS:
        raise AddressRefused(MUST_START_WITH_HTTP if allow_http else MUST_START_WITH_HTTPS)
    if parts.scheme == "http" and not allow_http:
        raise AddressRefused(
            _(
                "The address must start with https://. The operator of this Trove can allow http "
                "with the setting ALLOW_HTTP."
            )
        )
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    path = (parts.path or "").rstrip("/")
    return f"{parts.scheme}://{parts.host.lower()}{port}{path}"


def get_origin(url: str) -> tuple[str, str, int | None]:
    """
    Return scheme, host and port of a URL; empty ones if it is invalid.
    """
    try:
        parts = parse_url(url)
    except LocationParseError:
        return "", "", None
    scheme = parts.scheme or ""
    return scheme, (parts.host or "").lower(), parts.port or DEFAULT_PORTS.get(scheme)


def is_host_rule(value: Any) -> bool:
    """
    Return whether a value is an entry of the setting `HOSTS`.
    """
    if not isinstance(value, str):
        return False
    try:
        ip_network(value.strip("[]"), strict=False)
    except ValueError:
        return bool(HOST_NAME.fullmatch(value))
    return True


class HostRules:
    """
    :param hosts: private hosts to which connections are allowed: networks such as
        "192.168.1.0/24", IP addresses, names, or suffixes of names such as ".example.lan".
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self.networks: list[IPv4Network | IPv6Network] = []
        self.names: list[str] = []
        for host in hosts:
            try:
                self.networks.append(ip_network(host.strip("[]"), strict=False))
            except ValueError:
                self.names.append(host.lower().rstrip("."))

    def allows(self, name: str, address: Address) -> bool:
        """
        Return whether a connection is allowed.

        :param name: the host as entered.
        :param address: an address that the name resolves to.
        """
        address = _unwrap(address)
        if any(address in network for network in self.networks) or self._lists(name):
            return True
        return is_public(address)

    def resolve(self, name: str, port: int | None) -> list[str]:
        """
        Return the allowed IP addresses of a host.

        :raises NoResponse: if the host is unknown, or its name server does not respond in time.
        :raises AddressRefused: if it has no allowed address.
        """
        addresses = _look_up(name, port)
        allowed = [text for text in addresses if self.allows(name, _parse(text))]
        if not allowed:
            raise AddressRefused(
                _(
                    "%(name)s is in a private network. The operator of this Trove can allow "
                    "connections to it with the setting HOSTS.",
                    name=name,
                )
            )
        return allowed

    def _lists(self, name: str) -> bool:
        name = name.lower().rstrip(".")
        return any(
            name.endswith(host) if host.startswith(".") else name == host for host in self.names
        )


def _look_up(name: str, port: int | None) -> list[str]:
    """
    Return the different IP addresses of a host. `getaddrinfo` has no timeout, so it is called
    in a thread.
    """
    found: Future[list[Any]] = Future()

    def call() -> None:
        try:
            found.set_result(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except Exception as error:
            found.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    try:
        addresses = found.result(timeout=get_timeout()[0])
    except (OSError, UnicodeError):  # including a timeout
        raise NoResponse(
            _("The host %(name)s was not found. Check the address.", name=name)
        ) from None
    return list(dict.fromkeys(str(address[0]) for *__, address in addresses))


def is_public(address: Address) -> bool:
    """
    Return whether an address is on the public internet. For an IPv6 address that contains an
    IPv4 address, return the result for the IPv4 address.
    """
    address = _unwrap(address)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrap(address: Address) -> Address:
    """
    Return the IPv4 address in an IPv6 address: mapped, 6to4, Teredo and NAT64.
    """
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, address))[1]


def _parse(text: str) -> Address:
    return ip_address(text.partition("%")[0])  # without the scope id of a link-local address


class CertificateRefused(NoResponse):
    """
    The certificate of the server is not trusted.
    """


class AddressSession(requests.Session):
    """
    A session that resolves each host once per connection, and connects to the resolved address.
    Proxies, certificates and .netrc of the environment are ignored.

    :param hosts: see `HostRules`.
    :param ca_file: the path of a file with further trusted certificates, or "".
    """

    def __init__(self, hosts: Iterable[str] = (), ca_file: str = "") -> None:
        super().__init__()
        self.trust_env = False
        adapter = _AddressAdapter(HostRules(hosts), ca_file)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """
        :raises CertificateRefused: if the certificate is not trusted.
        :raises NoResponse: if the server does not support https.
        """
        try:
            return super().send(request, **options)
        except requests.exceptions.SSLError as error:
            origin = describe_origin(request.url or "")
            if not (problem := _find_certificate_problem(error)):
                raise NoResponse(
                    _(
                        "The server at %(origin)s does not support https, or only outdated "
                        "versions of it.",
                        origin=origin,
                    )
                ) from None
            raise CertificateRefused(
                _(
                    "The certificate of %(origin)s is not trusted (%(problem)s). The operator of "
                    "this Trove can trust it with the setting CA_FILE.",
                    origin=origin,
                    problem=problem,
                )
            ) from None


def _find_certificate_problem(error: BaseException | None) -> str:
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""


@lru_cache
def load_certificates(path: str) -> ssl.SSLContext:
    """
    Return a context that trusts the certificates of a file. requests adds those of public
    authorities.
    """
    return ssl.create_default_context(cafile=path)


class _AddressAdapter(HTTPAdapter):
    def __init__(self, rules: HostRules, ca_file: str) -> None:
        self._rules, self._ca_file = rules, ca_file
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._ca_file:
            kwargs["ssl_context"] = load_certificates(self._ca_file)
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _build_pool_classes(self._rules)


def _build_pool_classes(host_rules: HostRules) -> dict[str, Any]:
    class CheckedHTTPConnection(_CheckedConnection, HTTPConnection):
        rules = host_rules

    class CheckedHTTPSConnection(_CheckedConnection, HTTPSConnection):
        rules = host_rules

    class CheckedHTTPPool(HTTPConnectionPool):
        ConnectionCls = CheckedHTTPConnection

    class CheckedHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = CheckedHTTPSConnection

    return {"http": CheckedHTTPPool, "https": CheckedHTTPSPool}


class _CheckedConnection:
    """
    Checks the address before connecting. The certificate is verified against the host name.
    """

    rules: HostRules
    response_class: Any = LimitedResponse
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        name, failures = self._dns_host, []
        try:
            for address in self.rules.resolve(name, self.port)[:MAX_ATTEMPTS]:
                self._dns_host = address
                try:
                    connection: socket.socket = super()._new_conn()  # type: ignore[misc]
                    return connection
                except Exception as error:  # the next address may respond
                    failures.append(error)
        finally:
            self._dns_host = name
        raise failures[-1]


def is_same_origin(url: str, other: str) -> bool:
    return get_origin(url) == get_origin(other)


def describe_origin(url: str) -> str:
    """
    Return the scheme, host and port of a URL for a message.
    """
    scheme, host, port = get_origin(url)
    shown_port = "" if port in (None, DEFAULT_PORTS.get(scheme)) else f":{port}"
    return f"{scheme}://{host}{shown_port}" if scheme else _("an invalid address")
