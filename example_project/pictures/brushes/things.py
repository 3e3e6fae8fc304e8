"""
Single things that give a view its subject: boats, a lighthouse, a pagoda, a balloon.
"""

from __future__ import annotations

import math
from random import Random

from ..canvas import Sheet
from ..colour import mix

__all__ = [
    "balloon",
    "birds",
    "castle",
    "fishing_boat",
    "gate",
    "lighthouse",
    "pagoda",
    "sailing_boat",
]


def sailing_boat(sheet: Sheet, x: float, y: float, size: float, *, hull: str, sail: str) -> None:
    """
    A small boat under two sails.
    """
    sheet.polygon(
        [
            (x - size * 0.5, y - size * 0.1),
            (x + size * 0.56, y - size * 0.12),
            (x + size * 0.36, y + size * 0.06),
            (x - size * 0.38, y + size * 0.06),
        ],
        hull,
    )
    sheet.line([(x, y - size * 0.1), (x, y - size * 1.3)], size * 0.025, hull)
    main = [
        (x - size * 0.03, y - size * 1.26),
        (x - size * 0.1, y - size * 0.7),
        (x - size * 0.46, y - size * 0.18),
        (x - size * 0.03, y - size * 0.18),
    ]
    sheet.polygon(main, sail)
    jib = [
        (x + size * 0.04, y - size * 1.16),
        (x + size * 0.2, y - size * 0.6),
        (x + size * 0.48, y - size * 0.18),
        (x + size * 0.04, y - size * 0.18),
    ]
    sheet.polygon(jib, mix(sail, "#3a3560", 0.16))


def fishing_boat(sheet: Sheet, x: float, y: float, size: float, *, hull: str, trim: str) -> None:
    """
    A painted wooden boat with a raised bow and a little wheelhouse.
    """
    body = [
        (x - size * 0.5, y - size * 0.16),
        (x - size * 0.2, y - size * 0.13),
        (x + size * 0.25, y - size * 0.16),
        (x + size * 0.6, y - size * 0.34),
        (x + size * 0.44, y + size * 0.06),
        (x - size * 0.42, y + size * 0.06),
    ]
    sheet.box(x - size * 0.3, y - size * 0.42, size * 0.3, size * 0.32, "#f4efe2")
    sheet.box(x - size * 0.33, y - size * 0.45, size * 0.36, size * 0.05, trim)
    for share in (-0.26, -0.13):
        sheet.box(x + size * share, y - size * 0.36, size * 0.09, size * 0.12, "#33506b")
    sheet.line(
        [(x + size * 0.12, y - size * 0.1), (x + size * 0.12, y - size * 0.86)],
        size * 0.02,
        "#5b4534",
    )
    sheet.line(
        [(x + size * 0.12, y - size * 0.84), (x + size * 0.58, y - size * 0.33)],
        size * 0.006,
        "#5b4534",
    )
    sheet.polygon(body, hull)
    sheet.polygon(
        [
            body[0],
            body[1],
            body[2],
            body[3],
            (x + size * 0.58, y - size * 0.28),
            (x + size * 0.25, y - size * 0.1),
            (x - size * 0.2, y - size * 0.07),
            (x - size * 0.49, y - size * 0.1),
        ],
        trim,
    )
    sheet.polygon(
        [
            (x - size * 0.44, y + size * 0.02),
            (x + size * 0.46, y + size * 0.02),
            (x + size * 0.44, y + size * 0.06),
            (x - size * 0.42, y + size * 0.06),
        ],
        mix(hull, "#101030", 0.5),
    )


def lighthouse(
    sheet: Sheet, x: float, y: float, height: float, *, stripe: str, wall: str = "#f5efe4"
) -> None:
    """
    A tapering tower with stripes and a lit lantern.
    """
    foot, head = height * 0.11, height * 0.065
    for band in range(6):
        a, b = band / 6, (band + 1) / 6
        wide, narrow = foot + (head - foot) * a, foot + (head - foot) * b
        top, low = y - height * 0.8 * b, y - height * 0.8 * a
        tone = stripe if band % 2 else wall
        sheet.polygon(
            [(x - wide, low), (x - narrow, top), (x + narrow, top), (x + wide, low)], tone
        )
        sheet.polygon(
            [(x + wide * 0.25, low), (x + narrow * 0.25, top), (x + narrow, top), (x + wide, low)],
            mix(tone, "#2b2a55", 0.24),
        )
    top = y - height * 0.8
    sheet.box(x - head * 1.5, top - height * 0.02, head * 3, height * 0.025, "#2d3047")
    sheet.box(x - head * 0.75, top - height * 0.11, head * 1.5, height * 0.09, "#ffe9a8")
    for share in (-0.75, -0.06, 0.63):
        sheet.box(x + head * share, top - height * 0.11, head * 0.12, height * 0.09, "#2d3047")
    sheet.polygon(
        [(x - head, top - height * 0.11), (x, top - height * 0.2), (x + head, top - height * 0.11)],
        stripe,
    )
    sheet.line([(x, top - height * 0.19), (x, top - height * 0.24)], height * 0.008, "#2d3047")


def pagoda(
    sheet: Sheet, x: float, y: float, height: float, *, wood: str, roof: str, lit: str
) -> None:
    """
    Five storeys with sweeping roofs and a spire.
    """
    sheet.box(x - height * 0.006, y - height, height * 0.012, height * 0.22, roof)
    for ring in range(5):
        sheet.box(
            x - height * 0.014,
            y - height * (0.83 + 0.026 * ring),
            height * 0.028,
            height * 0.007,
            roof,
        )
    for storey in reversed(range(5)):
        foot = y - height * 0.155 * storey
        half = height * (0.125 - 0.013 * storey)
        eave = foot - height * 0.095
        sheet.box(x - half * 0.72, eave, half * 1.44, height * 0.1, wood)
        for part in (-0.55, -0.17, 0.21):
            sheet.box(x + half * part, eave + height * 0.035, half * 0.34, height * 0.045, lit)
        reach = half * 1.75
        sheet.polygon(
            [
                (x - reach, eave - height * 0.004),
                (x - reach * 0.66, eave - height * 0.018),
                (x - half * 0.6, eave - height * 0.06),
                (x + half * 0.6, eave - height * 0.06),
                (x + reach * 0.66, eave - height * 0.018),
                (x + reach, eave - height * 0.004),
                (x + reach * 0.9, eave + height * 0.012),
                (x - reach * 0.9, eave + height * 0.012),
            ],
            roof,
        )
        sheet.box(
            x - reach * 0.84,
            eave + height * 0.012,
            reach * 1.68,
            height * 0.007,
            mix(wood, lit, 0.35),
        )


def gate(sheet: Sheet, x: float, y: float, height: float, colour: str) -> None:
    """
    A red gate that stands in the water.
    """
    dark = mix(colour, "#1d0c1e", 0.35)
    for side in (-1, 1):
        foot, top = x + side * height * 0.4, x + side * height * 0.36
        sheet.polygon(
            [
                (foot - height * 0.045, y),
                (top - height * 0.035, y - height * 0.85),
                (top + height * 0.035, y - height * 0.85),
                (foot + height * 0.045, y),
            ],
            colour,
        )
        sheet.polygon(
            [
                (foot + height * 0.012, y),
                (top + height * 0.01, y - height * 0.85),
                (top + height * 0.035, y - height * 0.85),
                (foot + height * 0.045, y),
            ],
            dark,
        )
    sheet.box(x - height * 0.46, y - height * 0.68, height * 0.92, height * 0.06, colour)
    sheet.box(x - height * 0.03, y - height * 0.84, height * 0.06, height * 0.2, dark)
    sheet.polygon(
        [
            (x - height * 0.6, y - height * 0.93),
            (x, y - height * 0.88),
            (x + height * 0.6, y - height * 0.93),
            (x + height * 0.56, y - height * 0.83),
            (x, y - height * 0.8),
            (x - height * 0.56, y - height * 0.83),
        ],
        colour,
    )
    sheet.polygon(
        [
            (x - height * 0.64, y - height * 1.01),
            (x, y - height * 0.94),
            (x + height * 0.64, y - height * 1.01),
            (x + height * 0.6, y - height * 0.92),
            (x, y - height * 0.87),
            (x - height * 0.6, y - height * 0.92),
        ],
        mix(dark, "#1a1424", 0.5),
    )


def castle(sheet: Sheet, x: float, y: float, size: float, *, wall: str, roof: str) -> None:
    """
    Towers and battlements on a hilltop.
    """
    for left, wide, tall in (
        (-0.5, 0.3, 0.35),
        (-0.25, 0.16, 0.75),
        (-0.1, 0.4, 0.48),
        (0.24, 0.2, 0.95),
        (0.4, 0.3, 0.3),
    ):
        side, top = x + left * size, y - tall * size
        sheet.box(side, top, wide * size, tall * size + size * 0.3, wall)
        sheet.box(
            side + wide * size * 0.7,
            top,
            wide * size * 0.3,
            tall * size + size * 0.3,
            mix(wall, "#1d2145", 0.25),
        )
        for tooth in range(4):
            sheet.box(
                side + wide * size * (0.02 + tooth * 0.27),
                top - size * 0.04,
                wide * size * 0.15,
                size * 0.05,
                wall,
            )
    for left, wide, tall in ((-0.17, 0.1, 0.75), (0.34, 0.12, 0.95)):
        top = y - tall * size - size * 0.02
        sheet.polygon(
            [
                (x + (left - wide) * size, top),
                (x + left * size, top - size * 0.32),
                (x + (left + wide) * size, top),
            ],
            roof,
        )


def balloon(sheet: Sheet, x: float, y: float, size: float, colours: tuple[str, str]) -> None:
    """
    A striped hot air balloon around its middle.
    """
    for gore in range(9, 0, -1):
        half = size * 0.5 * gore / 9
        tone = mix(colours[gore % 2], "#241a3d", 0.03 * gore)
        sheet.ellipse(x, y, half, size * 0.52, tone)
        edge = math.sqrt(1 - 0.8**2) * half
        sheet.polygon(
            [
                (x - edge * 1.28, y + size * 0.39),
                (x + edge * 1.28, y + size * 0.39),
                (x + half * 0.2, y + size * 0.68),
                (x - half * 0.2, y + size * 0.68),
            ],
            tone,
        )
    for side in (-0.08, 0.08):
        sheet.line(
            [(x + side * size, y + size * 0.67), (x + side * size * 0.8, y + size * 0.8)],
            size * 0.008,
            "#3b2a2a",
        )
    sheet.box(x - size * 0.08, y + size * 0.79, size * 0.16, size * 0.11, "#6b4630")


def birds(
    sheet: Sheet, rng: Random, x: float, y: float, spread: float, colour: str, count: int = 7
) -> None:
    """
    A few birds, far off.
    """
    for _ in range(count):
        cx, cy = x + rng.gauss(0, 1) * spread, y + rng.gauss(0, 0.45) * spread
        size = spread * rng.uniform(0.08, 0.14)
        sheet.line(
            [
                (cx - size, cy - size * 0.35),
                (cx - size * 0.4, cy - size * 0.3),
                (cx, cy),
                (cx + size * 0.4, cy - size * 0.3),
                (cx + size, cy - size * 0.35),
            ],
            max(0.8, size * 0.1),
            colour,
        )
