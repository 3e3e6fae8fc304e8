"""
Run the example site and its Trove in separate processes, each with its own origin.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from demo.setup import PHOTOS, copy_photos, run_demo
from demo.workspace import Workspace

# Below the ports that Linux and macOS assign to a socket that binds to port 0, as the other test
# servers do. Otherwise another test could take the port before the process binds to it.
PORTS = range(20000, 30000)

# Independent of `random.seed`: two test runs with the same seed would use the same ports.
RANDOM = random.SystemRandom()


def free_port() -> int:
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = RANDOM.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def site_and_trove(
    path: Path, *, every: int, service_ports: tuple[int, ...] = ()
) -> Iterator[Workspace]:
    """
    Run the demo with every nth of the example photos. `service_ports` are the ports of the fake
    services that the test runs.
    """
    workspace = Workspace(path, free_port(), free_port(), service_ports=service_ports)
    photos = copy_photos(workspace, sorted(PHOTOS.rglob("*.jpg"))[::every])
    with run_demo(workspace, photos / "travels", fake_services=False):
        yield workspace
