"""
A site and a Trove, each in a process of its own with its own origin, for the tests that want both.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pictures
from pictures.album import draw_scenes
from pictures.catalogue import SCENES
from showcase.demo.furnishing import furnish, take_in
from showcase.demo.home import PERSON, Home
from showcase.demo.processes import running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _drawn(every: int) -> Path:
    """
    Return a folder with pictures, drawn once for all processes and runs while what draws them stays
    as it is.
    """
    sources = sorted(Path(pictures.__file__).parent.rglob("*.py"))
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"django-trove-pictures-{os.getuid()}-{version}-{every}"
    if not folder.is_dir():
        fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
        draw_scenes([scene for scene in SCENES if scene.size[0] < 1800][::every], fresh)
        with suppress(OSError):  # another process was as quick
            fresh.rename(folder)
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


@contextmanager
def site_and_trove(
    path: Path, *, every: int, services_ports: tuple[int, ...] = ()
) -> Iterator[Home]:
    """
    Run a demo with every so-manieth of its pictures.

    :param services_ports: where the test has stand-ins.
    """
    home = Home(path, free_port(), free_port(), services_ports=services_ports)
    album = home.pictures / PERSON
    shutil.copytree(_drawn(every), album)
    furnish(home)
    take_in(home, album / "travels")
    with running(home, stand_ins=False):
        yield home
