"""
A site and a Trove, each in a process of its own with its own origin, for the tests that want both.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.processes import start_servers
from demo.setup import PHOTOS, copy_photos, import_folder, setup_workspace
from demo.workspace import Workspace


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site_and_trove(
    path: Path, *, every: int, services_ports: tuple[int, ...] = ()
) -> Iterator[Workspace]:
    """
    Run a demo with every nth of the example photos.

    :param services_ports: ports of the test's fake services.
    """
    workspace = Workspace(path, free_port(), free_port(), service_ports=services_ports)
    setup_workspace(workspace)
    photos = copy_photos(workspace, sorted(PHOTOS.rglob("*.jpg"))[::every])
    with start_servers(workspace, fake_services=False) as processes:
        import_folder(workspace, photos / "travels")
        for process in processes:
            process.wait_until_ready()
        yield workspace
