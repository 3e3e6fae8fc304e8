"""
Rules for the hosts to which connections are allowed.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from .errors import AddressRefused, NoResponse
from .http import get_timeout
from .messages import Message as _

Address = IPv4Address | IPv6Address

HOST_NAME = re.compile(r"\.?[^\s/:@\[\]]*[^\W\d][^\s/:@\[\]]*")
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


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
