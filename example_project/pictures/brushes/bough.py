"""
A bough in blossom, hanging into the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from ..canvas import Canvas
from ..sheet import Point, Sheet
from .plants import flower

__all__ = ["bough"]


def bough(canvas: Canvas, start: Point, end: Point, width: float, petals: Sequence[str]) -> None:
    """
    Draw the wood from thick to thin, its twigs, and then the flowers.
    """
    bark, rng = "#3d2830", canvas.rng
    path = _path(start, end)
    with canvas.sheet() as sheet:
        for i, (p, q) in enumerate(pairwise(path)):
            sheet.line([p, q], width * (1 - i / 19), bark)
        twigs = [(knot, _twig(rng, knot, width)) for knot in path[3:] for _ in range(2)]
        for twig in twigs:
            sheet.line(twig, width * 0.16, bark)
        for knot, tip in twigs:
            _bloom(sheet, rng, (knot, tip), width, petals)


def _bloom(
    sheet: Sheet, rng: Random, twig: tuple[Point, Point], width: float, petals: Sequence[str]
) -> None:
    (ax, ay), (bx, by) = twig
    for share in (0.35, 0.6, 0.85, 1, 1):
        x = ax + (bx - ax) * share + rng.uniform(-1, 1) * width
        y = ay + (by - ay) * share + rng.uniform(-1, 1) * width
        bloom = sheet.at(x, y, width * rng.uniform(0.55, 0.95))
        flower(bloom, rng, rng.choice(petals), "#b8456b")


def _path(start: Point, end: Point) -> list[Point]:
    (ax, ay), (bx, by) = start, end
    sag = math.dist(start, end) * 0.14
    shares = [i / 16 for i in range(17)]
    return [
        (ax + (bx - ax) * t, ay + (by - ay) * t + sag * math.sin(t * math.pi) * (0.4 - t))
        for t in shares
    ]


def _twig(rng: Random, knot: Point, width: float) -> Point:
    return knot[0] + rng.uniform(-5, 7) * width, knot[1] + rng.uniform(-2.6, 4.2) * width
