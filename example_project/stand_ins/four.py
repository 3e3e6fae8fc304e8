"""
The four stand-ins together, each at an address of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from .facebook import Facebook
from .flickr import Flickr
from .google import Google
from .library import shots
from .smugmug import SmugMug
from .web import StandIn, serving

__all__ = ["KINDS", "four", "settings_at", "urls_at"]

KINDS: dict[str, type[StandIn]] = {kind.name: kind for kind in (Flickr, SmugMug, Google, Facebook)}


@contextmanager
def four(count: int, ports: Sequence[int] = (0, 0, 0, 0)) -> Iterator[dict[str, Any]]:
    """
    Serve the four, each with a library of its own.

    :param count: pictures in each.
    :param ports: 0 takes a free one.
    """
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(kind(shots(count, seed=seed)), port))  # type: ignore[call-arg]
            for seed, ((name, kind), port) in enumerate(zip(KINDS.items(), ports, strict=True))
        }


def urls_at(ports: Sequence[int]) -> list[str]:
    """
    Return their addresses.
    """
    return [f"http://127.0.0.1:{port}" for port in ports]


def settings_at(ports: Sequence[int]) -> dict[str, dict[str, Any]]:
    """
    Return what a Trove has to know to ask them: `TROVE_SERVER["SERVICES"]`.
    """
    said = {}
    for (name, kind), url in zip(KINDS.items(), urls_at(ports), strict=False):
        stand_in: Any = kind()
        stand_in.url = url
        said[name] = stand_in.settings
    return said
