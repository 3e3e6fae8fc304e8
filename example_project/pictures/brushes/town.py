"""
Large things people built: skylines and bridges.
"""

from __future__ import annotations

import math
from random import Random

from ..canvas import Canvas
from ..colour import mix
from ..sheet import Frame
from .sky import glow

__all__ = ["bridge", "lamps", "skyline"]

LIT = "#ffd08a"


def skyline(
    canvas: Canvas, y: float, height: float, colour: str, *, lit: float = 0.0, width: float = 0.045
) -> None:
    """
    Towers shoulder to shoulder on a line, tallest near the middle, a share of the windows lit.
    """
    rng = canvas.rng
    x = -10.0
    with canvas.sheet() as sheet:
        while x < canvas.w:
            wide = canvas.w * width * rng.uniform(0.5, 1.3)
            middle = math.exp(-(((x / canvas.w - 0.55) / 0.3) ** 2))
            tall = height * (0.25 + 0.75 * middle * rng.uniform(0.45, 1)) * rng.uniform(0.75, 1.1)
            tone = mix(colour, "#050814", rng.uniform(0, 0.22))
            tower = sheet.at(x, y - tall, wide)
            tower.box(0, 0, 1, tall / wide + 0.05, tone)
            tower.box(0.72, 0, 0.28, tall / wide + 0.05, mix(tone, "#000010", 0.16))
            _roof(tower, rng.random(), tone)
            _windows(tower, rng, tall / wide, lit)
            x += wide * rng.uniform(0.82, 1.1)


def _roof(tower: Frame, kind: float, tone: str) -> None:
    if kind < 0.25:
        tower.box(0.47, -0.9, 0.03, 0.9, tone)
    elif kind < 0.5:
        tower.box(0.25, -0.22, 0.5, 0.24, tone)
    elif kind < 0.62:
        tower.polygon("0,.02 1,.02 1,-.45", tone)


def _windows(tower: Frame, rng: Random, tall: float, lit: float) -> None:
    size = max(2.2 / tower.size, 1 / 15)
    across = int((1 - size) / (size * 2))
    down = int((tall - size * 2) / (size * 2.3))
    for number in range(max(0, across * down) if lit else 0):
        row, column = divmod(number, across)
        if rng.random() < lit:
            tone = mix(LIT, rng.choice(["#fff3d0", "#ff9b52", "#9fc4ff"]), rng.uniform(0, 0.5))
            left, top = size * (0.8 + column * 2), size * (1.5 + row * 2.3)
            tower.box(left, top, size, size * 1.2, tone)


def lamps(canvas: Canvas, y: float, count: int, radius: float) -> None:
    """
    A row of street lamps from edge to edge.
    """
    for number in range(count):
        glow(canvas, (canvas.w * (number + 0.5) / count, y), radius, "#ffe2a4", 0.9)


def bridge(
    canvas: Canvas, y: float, towers: tuple[float, float], height: float, colour: str
) -> None:
    """
    A suspension bridge from edge to edge.
    """
    left, right = (canvas.w * t for t in towers)
    span = (right - left) / height
    with canvas.sheet() as sheet:
        sheet.box((0, y), canvas.w, canvas.h * 0.012, colour)
        for start in (left - span * height, left, right):
            _cable(sheet.at(start, y, height), span, colour)
        for x in (left, right):
            _tower(sheet.at(x, y, height), colour)


def _cable(at: Frame, span: float, colour: str) -> None:
    sag = [(span * t, -1 + 0.9 * (1 - (2 * t - 1) ** 2)) for t in (i / 40 for i in range(41))]
    at.line(" ".join(f"{x},{y}" for x, y in sag), 0.008, colour)
    for x, y in sag[::2]:
        at.line(f"{x},{y} {x},0", 0.002, colour)


def _tower(at: Frame, colour: str) -> None:
    for leg in (-0.06, 0.04):
        at.box(leg, -1, 0.02, 1.55, colour)
    for beam in (-1, -0.7, -0.4, 0.25):
        at.box(-0.06, beam, 0.12, 0.017, colour)
    at.box(-0.12, 0.52, 0.24, 0.06, colour)
