"""
What people built: skylines, houses on hills, gables, bridges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from ..canvas import Canvas, Point, Sheet
from ..colour import mix
from .plants import crown

__all__ = ["bridge", "cabin", "church", "gables", "hillside", "skyline", "window"]


def skyline(
    canvas: Canvas,
    y: float,
    height: float,
    colour: str,
    *,
    lit: str | None = None,
    share: float = 0.35,
    width: float = 0.045,
) -> None:
    """
    Towers shoulder to shoulder on a line, tallest near the middle, with some windows lit.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    x = -10.0
    while x < canvas.w:
        wide = canvas.w * width * rng.uniform(0.5, 1.3)
        middle = math.exp(-(((x / canvas.w - 0.55) / 0.3) ** 2))
        tall = height * (0.25 + 0.75 * middle * rng.uniform(0.45, 1)) * rng.uniform(0.75, 1.1)
        tone = mix(colour, "#050814", rng.uniform(0, 0.22))
        sheet.box(x, y - tall, wide, tall + 2, tone)
        sheet.box(x + wide * 0.72, y - tall, wide * 0.28, tall + 2, mix(tone, "#000010", 0.16))
        _roof(sheet, rng, x, y - tall, wide, tone)
        if lit:
            _windows(sheet, rng, (x, y - tall, wide, tall), lit, share)
        x += wide * rng.uniform(0.82, 1.1)
    canvas.lay(sheet)


def _roof(sheet: Sheet, rng: Random, x: float, y: float, wide: float, tone: str) -> None:
    kind = rng.random()
    if kind < 0.25:
        sheet.box(x + wide * 0.47, y - wide * 0.9, 1.4, wide * 0.9, tone)
    elif kind < 0.5:
        sheet.box(x + wide * 0.25, y - wide * 0.22, wide * 0.5, wide * 0.24, tone)
    elif kind < 0.62:
        sheet.polygon([(x, y + 1), (x + wide, y + 1), (x + wide, y - wide * 0.45)], tone)


def _windows(
    sheet: Sheet, rng: Random, place: tuple[float, float, float, float], lit: str, share: float
) -> None:
    left, top, wide, tall = place
    size = max(2.2, wide / 15)
    for row in range(int((tall - size * 2) / (size * 2.3))):
        for column in range(int((wide - size) / (size * 2))):
            if rng.random() < share:
                tone = mix(lit, rng.choice(["#fff3d0", "#ff9b52", "#9fc4ff"]), rng.uniform(0, 0.5))
                sheet.box(
                    left + size * (0.8 + column * 2),
                    top + size * (1.5 + row * 2.3),
                    size,
                    size * 1.2,
                    tone,
                )


def window(sheet: Sheet, x: float, y: float, size: float, colour: str, frame: str) -> None:
    """
    A tall window with a cross bar.
    """
    sheet.box(x - size * 0.12, y - size * 0.12, size * 0.94, size * 1.54, frame)
    sheet.box(x, y, size * 0.7, size * 1.3, colour)
    sheet.box(x, y + size * 0.42, size * 0.7, size * 0.09, frame)


def gables(
    canvas: Canvas,
    y: float,
    height: float,
    walls: Sequence[str],
    *,
    roof: str,
    glass: str,
    lit: float,
    count: int,
) -> None:
    """
    Narrow canal houses side by side, each with a gable of its own.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    wide = canvas.w / count
    for number in range(-1, count + 1):
        left, tall = number * wide + rng.uniform(-3, 3), height * rng.uniform(0.82, 1.08)
        wall = mix(rng.choice(walls), "#1a1626", rng.uniform(0, 0.18))
        top = y - tall
        _gable(sheet, rng.randrange(3), left, top, wide, wall, roof)
        sheet.box(left, top, wide * 0.985, tall, wall)
        for floor in range(4):
            for column in range(3):
                size = wide * 0.2
                light = mix("#ffd27a", "#ffb04f", rng.random()) if rng.random() < lit else glass
                window(
                    sheet,
                    left + wide * (0.13 + 0.28 * column),
                    top + tall * (0.06 + 0.235 * floor),
                    size,
                    light,
                    mix(wall, "#ffffff", 0.55),
                )
    canvas.lay(sheet)


def _gable(
    sheet: Sheet, kind: int, left: float, top: float, wide: float, wall: str, roof: str
) -> None:
    right, middle = left + wide * 0.985, left + wide * 0.49
    trim = mix(wall, "#ffffff", 0.6)
    if kind == 0:
        sheet.polygon(
            [(left - 2, top + 1), (middle, top - wide * 0.62), (right + 2, top + 1)], roof
        )
        sheet.polygon([(left + 4, top + 1), (middle, top - wide * 0.5), (right - 4, top + 1)], wall)
    elif kind == 1:
        for step in range(5):
            inset = wide * 0.1 * step
            sheet.box(
                left + inset,
                top - wide * 0.12 * (step + 1),
                wide * 0.985 - inset * 2,
                wide * 0.14,
                wall,
            )
            sheet.box(
                left + inset, top - wide * 0.12 * (step + 1), wide * 0.985 - inset * 2, 2, trim
            )
    else:
        sheet.polygon(
            [
                (left, top + 1),
                (left + wide * 0.2, top - wide * 0.2),
                (left + wide * 0.3, top - wide * 0.46),
                (right - wide * 0.3, top - wide * 0.46),
                (right - wide * 0.2, top - wide * 0.2),
                (right, top + 1),
            ],
            wall,
        )
        sheet.polygon(
            [
                (left + wide * 0.27, top - wide * 0.44),
                (middle, top - wide * 0.6),
                (right - wide * 0.27, top - wide * 0.44),
            ],
            trim,
        )


def hillside(
    canvas: Canvas,
    line: Sequence[Point],
    bottom: float,
    walls: Sequence[str],
    *,
    roofs: Sequence[str],
    glass: str,
    lit: float = 0.0,
    size: float = 0.05,
    green: str | None = None,
) -> None:
    """
    Houses stacked down a slope, the nearest drawn last and largest.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    steps = 9
    for step in range(steps):
        share = step / (steps - 1)
        wide = canvas.h * size * (0.5 + 0.9 * share)
        x = -wide * rng.random()
        while x < canvas.w:
            top = line[max(0, min(len(line) - 1, round(x / canvas.w * len(line))))][1]
            y = top + (bottom - top) * share**1.15 + rng.uniform(-0.3, 0.3) * wide
            if green and rng.random() < 0.2:
                crown(
                    sheet,
                    rng,
                    x + wide * 0.5,
                    y - wide * 0.35,
                    wide * rng.uniform(0.4, 0.62),
                    green,
                )
            tint = mix(rng.choice(walls), "#1b1a38", rng.uniform(0, 0.14))
            house(
                sheet, rng, x, y, wide * rng.uniform(0.75, 1.2), tint, rng.choice(roofs), glass, lit
            )
            x += wide * rng.uniform(0.85, 1.35)
    canvas.lay(sheet)


def house(
    sheet: Sheet,
    rng: Random,
    x: float,
    y: float,
    wide: float,
    wall: str,
    roof: str,
    glass: str,
    lit: float,
) -> None:
    """
    One small house with a lit front, a shaded side and a tiled roof.
    """
    tall = wide * rng.uniform(0.85, 1.35)
    front = wide * 0.68
    sheet.box(x, y - tall, front, tall * 2.2, wall)
    sheet.box(x + front, y - tall, wide - front, tall * 2.2, mix(wall, "#191a3a", 0.28))
    pitch = wide * 0.3
    sheet.polygon(
        [
            (x - wide * 0.04, y - tall + 1),
            (x + wide * 0.16, y - tall - pitch),
            (x + wide * 0.84, y - tall - pitch),
            (x + wide * 1.04, y - tall + 1),
        ],
        roof,
    )
    sheet.polygon(
        [
            (x + wide * 0.66, y - tall - pitch),
            (x + wide * 0.84, y - tall - pitch),
            (x + wide * 1.04, y - tall + 1),
            (x + front, y - tall + 1),
        ],
        mix(roof, "#191a3a", 0.25),
    )
    for row in range(2):
        for column in range(2):
            light = "#ffcf7d" if rng.random() < lit else glass
            sheet.box(
                x + wide * (0.12 + 0.3 * column),
                y - tall + tall * (0.2 + 0.45 * row),
                wide * 0.15,
                tall * 0.24,
                light,
            )


def church(
    sheet: Sheet, x: float, y: float, size: float, *, wall: str, roof: str, glass: str
) -> None:
    """
    A white church: a dome between two bell towers.
    """
    shaded = mix(wall, "#2b2450", 0.22)
    sheet.ellipse(x, y - size * 0.62, size * 0.27, size * 0.3, mix(wall, "#ffffff", 0.25))
    sheet.box(x - size * 0.035, y - size * 1.06, size * 0.07, size * 0.18, shaded)
    sheet.ellipse(x, y - size * 1.06, size * 0.05, size * 0.06, roof)
    sheet.box(x - size * 0.27, y - size * 0.66, size * 0.54, size * 1.2, shaded)
    for side in (-1, 1):
        left = x + side * size * 0.36 - size * 0.11
        sheet.box(left, y - size * 0.86, size * 0.22, size * 1.4, wall)
        sheet.box(left + size * 0.15, y - size * 0.86, size * 0.07, size * 1.4, shaded)
        sheet.polygon(
            [
                (left - size * 0.02, y - size * 0.85),
                (left + size * 0.11, y - size * 1.12),
                (left + size * 0.24, y - size * 0.85),
            ],
            roof,
        )
        sheet.ellipse(left + size * 0.09, y - size * 0.7, size * 0.04, size * 0.07, glass)
    sheet.polygon(
        [
            (x - size * 0.26, y - size * 0.42),
            (x, y - size * 0.62),
            (x + size * 0.26, y - size * 0.42),
        ],
        wall,
    )
    sheet.box(x - size * 0.26, y - size * 0.43, size * 0.52, size * 1.0, wall)
    sheet.ellipse(x, y - size * 0.28, size * 0.08, size * 0.08, glass)


def cabin(sheet: Sheet, x: float, y: float, wide: float, *, wall: str, roof: str) -> None:
    """
    A cabin with two warm windows and a chimney.
    """
    tall = wide * 0.42
    sheet.box(
        x + wide * 0.68, y - tall - wide * 0.42, wide * 0.1, wide * 0.3, mix(wall, "#000000", 0.3)
    )
    sheet.box(x, y - tall, wide, tall, wall)
    sheet.box(x, y - tall, wide, tall * 0.16, mix(wall, "#000000", 0.35))
    sheet.polygon(
        [
            (x - wide * 0.12, y - tall + 2),
            (x + wide * 0.16, y - tall - wide * 0.36),
            (x + wide * 0.84, y - tall - wide * 0.36),
            (x + wide * 1.12, y - tall + 2),
        ],
        roof,
    )
    sheet.polygon(
        [
            (x - wide * 0.12, y - tall + 2),
            (x - wide * 0.1, y - tall - wide * 0.04),
            (x + wide * 1.1, y - tall - wide * 0.04),
            (x + wide * 1.12, y - tall + 2),
        ],
        mix(roof, "#6f86b8", 0.4),
    )
    for share in (0.14, 0.64):
        window(
            sheet,
            x + wide * share,
            y - tall * 0.76,
            wide * 0.24,
            "#ffd37c",
            mix(wall, "#000000", 0.45),
        )
    sheet.box(x + wide * 0.43, y - tall * 0.7, wide * 0.14, tall * 0.7, mix(wall, "#000000", 0.45))


def bridge(
    canvas: Canvas, y: float, towers: tuple[float, float], height: float, colour: str
) -> None:
    """
    A suspension bridge from edge to edge.
    """
    sheet = canvas.sheet()
    left, right = (canvas.w * t for t in towers)
    deck = canvas.h * 0.012
    sheet.box(0, y, canvas.w, deck, colour)
    span = right - left
    for start in (left - span, left, right):
        cable = [
            (start + span * t, y - height + (height * 0.9) * (1 - (2 * t - 1) ** 2))
            for t in (i / 40 for i in range(41))
        ]
        sheet.line(cable, 2.2, colour)
        for px, py in cable[::2]:
            sheet.line([(px, py), (px, y)], 0.6, colour)
    for x in (left, right):
        for leg in (-0.05, 0.05):
            sheet.box(x + leg * height - 3, y - height, 6, height * 1.55, colour)
        for beam in (0, 0.3, 0.6, 1.25):
            sheet.box(x - height * 0.06, y - height + height * beam, height * 0.12, 5, colour)
        sheet.box(x - height * 0.12, y + height * 0.52, height * 0.24, height * 0.06, colour)
    canvas.lay(sheet)
