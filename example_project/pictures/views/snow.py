"""
Winter hills.
"""

from __future__ import annotations

from ..brushes import houses, land, plants, sky
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["snow_valley"]


def snow_valley(
    canvas: Canvas,
    *,
    heaven: Colours,
    far: str,
    snow: Pair,
    wood: str,
    flakes: int,
    sun: Point = (0.7, -0.4),
) -> None:
    """
    White hills with snow-laden firs, and a cabin.
    """
    sky.sky(canvas, *heaven, horizon=0.7)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.5, stretch=4, opacity=0.4)
    sky.sun(canvas, canvas.at(*sun), canvas.h * 0.035, "#fffaf0", "#ffd0a8")
    pale = mix(far, heaven[-1], 0.5)
    land.ranges(canvas, pale, far, top=0.42, bottom=0.52, layers=3, height=0.16, haze=0.3)
    _slopes(canvas, heaven[-1], snow, wood)
    land.shade(canvas, canvas.h * 0.72, mix(snow[1], wood, 0.2), 0.4, 6)
    _cabin(canvas, snow[0])
    _near_firs(canvas, wood, snow[0])
    land.snowfall(canvas, flakes)


def _near_firs(canvas: Canvas, wood: str, white: str) -> None:
    left, right = ((0.05, 1.0, 0.62), (0.17, 0.97, 0.4)), ((0.93, 1.04, 0.74), (0.82, 0.95, 0.34))
    with canvas.sheet() as sheet:
        for x, y, tall in (*left, *right):
            plants.fir(sheet.at(*canvas.at(x, y), canvas.h * tall), canvas.rng, wood, white)


def _slopes(canvas: Canvas, air: str, snow: Pair, wood: str) -> None:
    white, blue = snow
    for step, (y, tall, count) in enumerate(((0.6, 0.09, 70), (0.7, 0.17, 34), (0.84, 0.0, 0))):
        line = land.hills(canvas.rng, canvas.w, canvas.h * y, canvas.h * 0.1, 0.9)
        tone = mix(wood, air, 0.45 - 0.22 * step)
        frost = mix(white, tone, 0.3 - 0.14 * step)
        plants.firs(canvas, line, canvas.h * tall, tone, count=count, snow=frost)
        top, middle = mix(white, air, 0.3 - 0.15 * step), mix(blue, air, 0.25 - 0.12 * step)
        canvas.ground(line, top, middle, blue)


def _cabin(canvas: Canvas, white: str) -> None:
    (x, y), wide = canvas.at(0.56, 0.84), canvas.h * 0.17
    with canvas.sheet() as sheet:
        houses.cabin(sheet.at(x, y, wide), wall="#7a4630", roof=white)
    sky.glow(canvas, (x + wide * 0.5, y - wide * 0.15), wide * 1.3, "#ffc46b", 0.4)
    with canvas.stencil("#ffffff", opacity=0.55) as smoke:
        for share in (puff / 25 for puff in range(26)):
            place = 0.73 + share * 0.5 * share, -0.86 - share * 0.75
            radius = 0.03 + 0.1 * share
            smoke.at(x, y, wide).ellipse(*place, radius, radius * 0.8, round(150 * (1 - share)))
