"""
The ports of a demo: which options select them, and which of them are not available.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .workspace import Workspace

STEP = 10
MAX_PORT = 65535


@dataclass(frozen=True)
class PortRange:
    """
    The ports that an option selects.
    """

    option: str
    ports: range

    def __str__(self) -> str:
        if len(self.ports) == 1:
            return str(self.ports[0])
        return f"{self.ports[0]} to {self.ports[-1]}"

    def overlaps(self, other: PortRange) -> bool:
        return bool(set(self.ports) & set(other.ports))

    def list_used(self) -> list[int]:
        return [port for port in self.ports if is_port_in_use(port)]

    def find_free(self, others: list[PortRange]) -> PortRange | None:
        """
        Return the next range that is free and contains no port of `others`.
        """
        for first in range(self.ports[0] + STEP, MAX_PORT - len(self.ports), STEP):
            found = PortRange(self.option, range(first, first + len(self.ports)))
            if not any(found.overlaps(other) for other in others) and not found.list_used():
                return found
        return None


def is_port_in_use(port: int) -> bool:
    """
    Return whether this process cannot bind a port on loopback.
    """
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
    return False


def find_problem(workspace: Workspace) -> str:
    """
    Return why the demo cannot use its ports, with other ports; "" if it can use them.
    """
    ranges = list_ranges(workspace)
    for one in ranges:
        if one.ports[0] < 1 or one.ports[-1] > MAX_PORT:
            return f"The ports of {one.option} must be from 1 to {MAX_PORT}, not {one}."
    for one, other in combinations(ranges, 2):
        if one.overlaps(other):
            return (
                f"{one.option} ({one}) and {other.option} ({other}) select the same port. "
                f"Choose different ports.{_suggest(ranges, [other])}"
            )
    used = [one for one in ranges if one.list_used()]
    ports = [str(port) for one in used for port in one.list_used()]
    if not ports:
        return ""
    subject = f"Ports {', '.join(ports)} are" if len(ports) > 1 else f"Port {ports[0]} is"
    return (
        f"{subject} in use, possibly by another demo. "
        f"Stop that demo, or choose other ports.{_suggest(ranges, used)}"
    )


def list_ranges(workspace: Workspace) -> list[PortRange]:
    ports = [("--site-port", (workspace.site_port,))]
    if not workspace.combined:
        ports.append(("--trove-port", (workspace.trove_port,)))
    if services := (*workspace.service_ports, *filter(None, [workspace.webdav_port])):
        ports.append(("--services-port", services))
    return [PortRange(option, range(some[0], some[-1] + 1)) for option, some in ports]


def _suggest(ranges: list[PortRange], rejected: list[PortRange]) -> str:
    options = " ".join(f"{one.option} {one.ports[0]}" for one in _replace(ranges, rejected))
    return f" For example: {options}" if options else ""


def _replace(ranges: list[PortRange], rejected: list[PortRange]) -> Iterator[PortRange]:
    taken = [one for one in ranges if one not in rejected]
    for one in rejected:
        if found := one.find_free(taken):
            taken.append(found)
            yield found
