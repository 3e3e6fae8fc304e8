"""
Run the example site and its Trove in separate processes, each with its own origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.setup import PHOTOS, copy_photos, run_demo
from demo.workspace import Workspace

from .ports import free_port


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
