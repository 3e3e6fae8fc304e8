"""
What the album knows about each picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .canvas import Canvas

__all__ = ["LANDSCAPE", "PANORAMA", "PORTRAIT", "SQUARE", "WIDE", "Scene"]

LANDSCAPE = (1600, 1067)
PORTRAIT = (1067, 1600)
WIDE = (1600, 900)
SQUARE = (1200, 1200)
PANORAMA = (2000, 800)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """
    One picture: how it is painted, and what is written into its file.
    """

    path: str
    title: str
    tags: tuple[str, ...]
    seed: int
    paint: Callable[[Canvas], None]
    description: str = ""
    size: tuple[int, int] = LANDSCAPE
    taken: datetime | None = None
    place: tuple[float, float] | None = None
    orientation: int = 1
