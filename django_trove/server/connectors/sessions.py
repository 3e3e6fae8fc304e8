"""
An HTTP session that does not connect to private networks.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from .addresses import describe_origin
from .errors import NoResponse, TlsFailed
from .hosts import HostRules
from .http import LimitedResponse
from .messages import Message as _

MAX_ATTEMPTS = 4  # addresses of a host that are tried
NO_HTTPS = frozenset(
    {
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSUPPORTED_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    }
)
"""Reasons of OpenSSL for a server without https, or with outdated versions of it."""


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
        :raises TlsFailed: if no secure connection is possible.
        :raises NoResponse: if the server does not support https.
        """
        try:
            return super().send(request, **options)
        except requests.exceptions.SSLError as error:
            raise _get_tls_error(error, describe_origin(request.url or "")) from None


def _get_tls_error(error: BaseException, origin: str) -> NoResponse:
    cause = _find_ssl_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsFailed(
            _(
                "The certificate of %(origin)s is not trusted (%(problem)s). The operator of "
                "this Trove can trust it with the setting CA_FILE.",
                origin=origin,
                problem=cause.verify_message,
            )
        )
    reason = cause.reason if cause else ""
    if reason in NO_HTTPS:
        return NoResponse(
            _(
                "The server at %(origin)s does not support https, or only outdated versions of it.",
                origin=origin,
            )
        )
    return TlsFailed(
        _(
            "No secure connection to %(origin)s is possible (%(problem)s).",
            origin=origin,
            problem=reason or type(cause or error).__name__,
        )
    )


def _find_ssl_error(error: BaseException | None) -> ssl.SSLError | None:
    while error:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


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
