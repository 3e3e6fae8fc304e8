"""
A site and a Trove, each in a process of its own with its own origin, for the tests that want both.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pictures.album import draw_scenes
from pictures.catalogue import SCENES
from showcase.demo.furnishing import furnish, take_in
from showcase.demo.home import PERSON, Home
from showcase.demo.processes import running

__all__ = ["free_port", "site_and_trove"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    draw_scenes([scene for scene in SCENES if scene.size[0] < 1800][::every], album)
    furnish(home)
    take_in(home, album / "travels")
    with running(home, stand_ins=False):
        yield home
