"""
Draw the whole album, or what is missing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .canvas import Canvas
from .catalogue import SCENES
from .files import save
from .scene import Scene

__all__ = ["draw_album", "draw_scenes"]

Progress = Callable[[int, int], None]


def draw_album(directory: Path, *, on_picture: Progress | None = None) -> list[Path]:
    """
    Draw every picture that is not there yet, and return the paths of all of them.
    """
    return draw_scenes(SCENES, directory, on_picture=on_picture)


def draw_scenes(
    scenes: Sequence[Scene], directory: Path, *, on_picture: Progress | None = None
) -> list[Path]:
    """
    Draw the given scenes, one by one, and say after each how far it has come.
    """
    paths = []
    for done, scene in enumerate(scenes, start=1):
        path = directory / scene.path
        if not path.exists():
            save(_draw(scene).finish(), scene, path)
        paths.append(path)
        if on_picture:
            on_picture(done, len(scenes))
    return paths


def _draw(scene: Scene) -> Canvas:
    canvas = Canvas(scene.size, scene.seed)
    scene.paint(canvas)
    return canvas
