"""
Rice terraces.
"""

from __future__ import annotations

import math

from ..brushes import land, plants, sky
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["terraces"]


def terraces(canvas: Canvas, *, heaven: Colours, green: Pair, shine: str, hills: Pair) -> None:
    """
    Flooded steps of rice that mirror the sky.
    """
    w, h = canvas.size
    sky.sky(canvas, *heaven, horizon=0.42)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.36, cover=0.46, stretch=4, opacity=0.7)
    sky.sun(canvas, canvas.at(0.7, 0.2), h * 0.035, "#fff6dc", heaven[-1])
    land.ranges(canvas, *hills, top=0.26, bottom=0.38, layers=4, height=0.13, haze=0.45, soft=True)
    phase = canvas.rng.uniform(0, 6)
    for step in range(13):
        share = step / 12
        line = _contour(canvas, share, phase + 0.42 * step)
        bank = mix(*green, share)
        canvas.ground(line, mix(bank, "#f2f7a8", 0.25), bank, mix(bank, "#16331f", 0.4))
        rise = h * (0.016 + 0.04 * share)
        waves = [0.75 + 0.5 * math.sin(phase + 6 * x / w + step) for x, _ in line]
        pool = [(x, y + rise * wave) for (x, y), wave in zip(line, waves, strict=True)]
        water = mix(heaven[-2], shine, 0.25 + 0.75 * share)
        canvas.ground(pool, mix(water, "#ffffff", 0.3), water, mix(water, heaven[0], 0.5))
        _sprouts(canvas, pool, rise, mix(bank, "#eaf5a0", 0.15))
    _edges(canvas, green, hills[1])


def _edges(canvas: Canvas, green: Pair, wood: str) -> None:
    """
    A wood behind the fields, mist before it, and grass in front.
    """
    line = land.hills(canvas.rng, canvas.w, canvas.h * 0.4, canvas.h * 0.02, 1)
    plants.treeline(canvas, line, canvas.h * 0.032, (mix(wood, "#16331f", 0.25), wood), 170)
    sky.mist(canvas, 0.41, 0.12, "#fff4e4", 0.6)
    grass = [*green, mix(green[1], "#16331f", 0.4)]
    plants.blades(canvas, canvas.h * 1.02, canvas.h * 0.12, grass, 300)


def _contour(canvas: Canvas, share: float, phase: float) -> list[Point]:
    """
    The edge of one step, following the bulge of the hill.
    """
    line = []
    for t in (i / 100 for i in range(101)):
        bend = math.sin(phase * 0.8 + 5.2 * t) + 0.5 * math.sin(phase * 1.7 + 11 * t)
        bulge = 0.2 * (t - 0.42) ** 2 * (0.4 + share)
        y = 0.37 + 0.6 * share**1.4 + (0.012 + 0.05 * share) * bend + bulge
        line.append(canvas.at(t, y))
    return line


def _sprouts(canvas: Canvas, line: list[Point], rise: float, green: str) -> None:
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for _ in range(60):
            x, y = rng.choice(line)
            foot = y + rise * rng.uniform(0.25, 1.3)
            sprout = sheet.at(x + rng.uniform(-12, 12), foot, rise * 0.3)
            sprout.line("-.5,-1 0,0 .5,-1", 0.12, green)
            sprout.line("0,0 0,-1", 0.12, green)
