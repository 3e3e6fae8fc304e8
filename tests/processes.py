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
    path: Path, *, every: int, service_ports: tuple[int, ...] = (), webdav_port: int = 0
) -> Iterator[Workspace]:
    """
    Run the demo with every nth of the example photos. `service_ports` are the ports of the fake
    services that the test runs. With `webdav_port`, a WebDAV server is run, too.
    """
    workspace = Workspace(
        path, free_port(), free_port(), service_ports=service_ports, webdav_port=webdav_port
    )
    photos = copy_photos(workspace, sorted(PHOTOS.rglob("*.jpg"), key=_by_date)[::every])
    with run_demo(workspace, photos / "travels", fake_services=False):
        yield workspace


def _by_date(photo: Path) -> tuple[str, str]:
    """
    Return the folder and the name, which begins with the date. Albums are sub-folders.
    """
    return photo.relative_to(PHOTOS).parts[0], photo.name
