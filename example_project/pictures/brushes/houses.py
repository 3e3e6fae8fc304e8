"""
Houses: a cabin, a church, canal fronts, and a hillside full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ..canvas import Canvas
from ..colour import mix
from ..sheet import Frame, Point, Sheet
from .plants import crown

__all__ = ["Street", "cabin", "church", "gables", "hillside", "window"]


@dataclass(frozen=True, kw_only=True)
class Street:
    """
    The colours of a quarter, and how many of its windows are lit.
    """

    walls: Sequence[str]
    roofs: Sequence[str]
    glass: str
    green: str
    lit: float = 0.0

    def faded(self, air: str, share: float) -> Street:
        """
        The same quarter, seen through more air.
        """
        return Street(
            walls=[mix(wall, air, share) for wall in self.walls],
            roofs=[mix(roof, air, share) for roof in self.roofs],
            glass=mix(self.glass, air, share * 0.6),
            green=mix(self.green, air, share),
            lit=self.lit,
        )


def window(at: Frame, colour: str, frame: str) -> None:
    """
    A tall window with a cross bar.
    """
    at.box(-0.12, -0.12, 0.94, 1.54, frame)
    at.box(0, 0, 0.7, 1.3, colour)
    at.box(0, 0.42, 0.7, 0.09, frame)


def gables(canvas: Canvas, y: float, height: float, walls: Sequence[str], *, count: int) -> None:
    """
    Narrow canal houses side by side, each with a gable of its own.
    """
    rng = canvas.rng
    wide = canvas.w / count
    with canvas.sheet() as sheet:
        for number in range(-1, count + 1):
            left, tall = number * wide + rng.uniform(-3, 3), height * rng.uniform(0.82, 1.08)
            wall = mix(rng.choice(walls), "#1a1626", rng.uniform(0, 0.18))
            front = sheet.at(left, y - tall, wide)
            _gable(front, rng.randrange(3), wall)
            front.box(0, 0, 0.985, tall / wide, wall)
            _panes(front, rng, tall / wide, wall)


def _panes(front: Frame, rng: Random, tall: float, wall: str) -> None:
    for floor in range(4):
        for column in range(3):
            light = mix("#ffd27a", "#ffb04f", rng.random()) if rng.random() < 0.42 else "#2a3350"
            pane = front.at(0.13 + 0.28 * column, tall * (0.06 + 0.235 * floor), 0.2)
            window(pane, light, mix(wall, "#ffffff", 0.55))


def _gable(front: Frame, kind: int, wall: str) -> None:
    trim = mix(wall, "#ffffff", 0.6)
    if kind == 0:
        front.polygon("-.01,.01 .49,-.62 1,.01", "#3a2c3d")
        front.polygon(".02,.01 .49,-.5 .965,.01", wall)
    elif kind == 1:
        for step in range(5):
            front.box(0.1 * step, -0.12 * (step + 1), 0.985 - 0.2 * step, 0.14, wall)
            front.box(0.1 * step, -0.12 * (step + 1), 0.985 - 0.2 * step, 0.012, trim)
    else:
        front.polygon("0,.01 .2,-.2 .3,-.46 .685,-.46 .785,-.2 .985,.01", wall)
        front.polygon(".27,-.44 .49,-.6 .715,-.44", trim)


def hillside(
    canvas: Canvas, line: Sequence[Point], bottom: float, street: Street, size: float
) -> None:
    """
    Houses stacked down a slope, the nearest drawn last and largest.
    """
    with canvas.sheet() as sheet:
        for step in range(9):
            share = step / 8
            wide = canvas.h * size * (0.5 + 0.9 * share)
            heights = [top + (bottom - top) * share**1.15 for _, top in line]
            _terrace(sheet, canvas, heights, wide, street)


def _terrace(
    sheet: Sheet, canvas: Canvas, heights: Sequence[float], wide: float, street: Street
) -> None:
    rng = canvas.rng
    x = -wide * rng.random()
    while x < canvas.w:
        index = max(0, min(len(heights) - 1, round(x / canvas.w * len(heights))))
        y = heights[index] + rng.uniform(-0.3, 0.3) * wide
        if rng.random() < 0.2:
            tree = sheet.at(x + wide * 0.5, y - wide * 0.35, wide * rng.uniform(0.4, 0.62))
            crown(tree, rng, street.green)
        _house(sheet.at(x, y, wide * rng.uniform(0.75, 1.2)), rng, street)
        x += wide * rng.uniform(0.85, 1.35)


def _house(at: Frame, rng: Random, street: Street) -> None:
    """
    One small house with a lit front, a shaded side and a tiled roof.
    """
    wall = mix(rng.choice(street.walls), "#1b1a38", rng.uniform(0, 0.14))
    roof, tall = rng.choice(street.roofs), rng.uniform(0.85, 1.35)
    at.box(0, -tall, 0.68, tall * 2.2, wall)
    at.box(0.68, -tall, 0.32, tall * 2.2, mix(wall, "#191a3a", 0.28))
    top = at.at(0, -tall, 1)
    top.polygon("-.04,.01 .16,-.3 .84,-.3 1.04,.01", roof)
    top.polygon(".66,-.3 .84,-.3 1.04,.01 .68,.01", mix(roof, "#191a3a", 0.25))
    for place in range(4):
        light = "#ffcf7d" if rng.random() < street.lit else street.glass
        x, y = 0.12 + 0.3 * (place % 2), 0.2 + 0.45 * (place // 2)
        top.box(x, y * tall, 0.15, tall * 0.24, light)


def church(at: Frame, *, wall: str, roof: str, glass: str) -> None:
    """
    A white church: a dome between two bell towers.
    """
    shaded = mix(wall, "#2b2450", 0.22)
    at.ellipse(0, -0.62, 0.27, 0.3, mix(wall, "#ffffff", 0.25))
    at.box(-0.035, -1.06, 0.07, 0.18, shaded)
    at.ellipse(0, -1.06, 0.05, 0.06, roof)
    at.box(-0.27, -0.66, 0.54, 1.2, shaded)
    for left in (-0.47, 0.25):
        tower = at.at(left, 0, 1)
        tower.box(0, -0.86, 0.22, 1.4, wall)
        tower.box(0.15, -0.86, 0.07, 1.4, shaded)
        tower.polygon("-.02,-.85 .11,-1.12 .24,-.85", roof)
        tower.ellipse(0.09, -0.7, 0.04, 0.07, glass)
    at.polygon("-.26,-.42 0,-.62 .26,-.42", wall)
    at.box(-0.26, -0.43, 0.52, 1.0, wall)
    at.ellipse(0, -0.28, 0.08, 0.08, glass)


def cabin(at: Frame, *, wall: str, roof: str) -> None:
    """
    A cabin with two warm windows and a chimney.
    """
    at.box(0.68, -0.84, 0.1, 0.3, mix(wall, "#000000", 0.3))
    at.box(0, -0.42, 1, 0.42, wall)
    at.box(0, -0.42, 1, 0.067, mix(wall, "#000000", 0.35))
    at.polygon("-.12,-.41 .16,-.78 .84,-.78 1.12,-.41", roof)
    at.polygon("-.12,-.41 -.1,-.46 1.1,-.46 1.12,-.41", mix(roof, "#6f86b8", 0.4))
    for x in (0.14, 0.64):
        window(at.at(x, -0.32, 0.24), "#ffd37c", mix(wall, "#000000", 0.45))
    at.box(0.43, -0.294, 0.14, 0.294, mix(wall, "#000000", 0.45))
