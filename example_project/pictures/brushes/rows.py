"""
Planted rows in perspective: lavender, tea.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ..canvas import Canvas
from ..colour import mix
from ..sheet import Frame, Point, Sheet

__all__ = ["Crop", "rows"]


@dataclass(frozen=True, kw_only=True)
class Crop:
    """
    What is planted: its colour far away and close by, and how wide and how far apart it grows.
    """

    far: str
    near: str
    soil: tuple[str, str]
    width: float = 1.3
    gap: float = 0.19


def rows(canvas: Canvas, horizon: float, eye: float, crop: Crop) -> None:
    """
    Rows of bushes that run together at one point on the horizon.
    """
    canvas.ground([(-4, horizon), (canvas.w + 4, horizon)], *crop.soil)
    with canvas.sheet() as sheet:
        for step in range(210):
            depth = (step / 209) ** 2.1 * canvas.rng.uniform(0.985, 1.015)
            y = horizon + (canvas.h * 1.08 - horizon) * (0.006 + depth)
            size = canvas.h * 0.085 * (0.02 + depth) * crop.width
            tone = mix(crop.far, crop.near, min(1.0, depth**0.55))
            bushes = [eye + row * canvas.w * crop.gap * (0.03 + depth) for row in range(-15, 16)]
            _row(sheet, canvas.rng, [(x, y) for x in bushes], size, tone)


def _row(sheet: Sheet, rng: Random, places: list[Point], size: float, tone: str) -> None:
    for place in places:
        _bush(sheet.at(*place, size), rng, tone)


def _bush(at: Frame, rng: Random, tone: str) -> None:
    at.ellipse(0, 0.25, 1.05, 0.75, mix(tone, "#10122a", 0.38))
    at.ellipse(0, 0, 1, 0.7, mix(tone, "#10122a", rng.uniform(0, 0.14)))
    at.ellipse(-0.25, -0.3, 0.55, 0.3, mix(tone, "#ffffff", rng.uniform(0.08, 0.24)))
