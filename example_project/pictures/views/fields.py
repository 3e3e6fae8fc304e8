"""
Fields, meadows and orchards.
"""

from __future__ import annotations

from ..brushes import land, plants, rows, sky, water
from ..brushes.bough import bough
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["meadow", "orchard", "planted"]


def planted(
    canvas: Canvas,
    *,
    heaven: Colours,
    hills: Pair,
    crop: rows.Crop,
    sun: Point,
    trees: Colours = (),
) -> None:
    """
    Rows of bushes that run to the horizon.
    """
    h = canvas.h
    horizon, halo = h * 0.46, mix(heaven[-1], "#ffb060", 0.35)
    sky.sky(canvas, *heaven, horizon=0.46)
    cloud = mix(heaven[-1], "#ffffff", 0.45)
    sky.clouds(canvas, cloud, top=0.0, bottom=0.44, stretch=4, opacity=0.75)
    sky.sun(canvas, canvas.at(*sun), h * 0.04, "#fff5d6", halo)
    land.ranges(canvas, *hills, top=0.37, bottom=0.44, layers=4, height=0.07, soft=True)
    rows.rows(canvas, horizon, canvas.w * 0.45, crop)
    for x, tall in ((0.73, 0.2), (0.8, 0.13), (0.2, 0.1)) if trees else ():
        with canvas.sheet() as sheet:
            spot = sheet.at(canvas.w * x, horizon + h * 0.012, h * tall)
            plants.tree(spot, canvas.rng, trees, "#3a2a26")
    sky.glow(canvas, canvas.at(*sun), h * 0.7, halo, 0.3)


def meadow(canvas: Canvas, *, heaven: Colours, hills: Pair, turf: Pair, petals: Colours) -> None:
    """
    A meadow in flower under fair-weather clouds.
    """
    w, h = canvas.size
    sky.sky(canvas, *heaven, horizon=0.55)
    sky.clouds(canvas, "#ffffff", top=0.02, bottom=0.46, cover=0.52, stretch=2.4, opacity=0.95)
    land.ranges(canvas, *hills, top=0.48, bottom=0.56, layers=4, height=0.09, haze=0.25, soft=True)
    line = land.hills(canvas.rng, w, h * 0.6, h * 0.06, 0.7)
    plants.treeline(canvas, line, h * 0.06, (mix(hills[1], "#0f2a1a", 0.25), hills[1]), 60)
    dark = mix(turf[1], "#0c1f10", 0.3)
    canvas.ground(line, *turf, dark)
    land.shade(canvas, h * 0.6, mix(turf[0], "#fff7a8", 0.4), 0.55, 5)
    land.speckle(canvas, h * 0.625, petals, count=2400, size=0.008)
    for y, tall in ((0.82, 0.1), (0.93, 0.15), (1.03, 0.2)):
        grass = [*turf, mix(turf[0], "#e8f0a0", 0.3), dark]
        plants.blades(canvas, h * y, h * tall, grass, 270)
        _blooms(canvas, y, tall, petals)


def _blooms(canvas: Canvas, y: float, tall: float, petals: Colours) -> None:
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for _ in range(42):
            x, top = rng.uniform(0, canvas.w), canvas.h * (y - tall * rng.uniform(0.25, 0.85))
            bloom = sheet.at(x, top, canvas.h * tall * rng.uniform(0.1, 0.17))
            plants.flower(bloom, rng, rng.choice(petals), "#2b1d22", 4)


def orchard(canvas: Canvas, *, blossom: Colours, heaven: Colours, stream: bool = False) -> None:
    """
    Trees in blossom, by a stream or on the grass.
    """
    w, h = canvas.size
    sky.sky(canvas, *heaven, horizon=0.6)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.45, cover=0.48, stretch=3.4, opacity=0.8)
    land.ranges(
        canvas, "#b9c9dc", "#8fae93", top=0.42, bottom=0.54, layers=4, height=0.1, soft=True
    )
    line = land.hills(canvas.rng, w, h * 0.58, h * 0.03, 0.8)
    pale = [mix(tone, heaven[-1], 0.3) for tone in blossom]
    plants.treeline(canvas, line, h * 0.09, pale, 110)
    canvas.ground(line, "#a9c46c", "#7fa653", "#5b8746")
    land.shade(canvas, h * 0.58, "#e9f0a6", 0.5, 5)
    _trees(canvas, 0.65, 0.3, (0.16, 0.42, 0.7, 0.92), blossom)
    if stream:
        water.mirror(canvas, h * 0.66, "#6f9fb8", dim=0.45)
        bank = land.hills(canvas.rng, w, h * 0.86, h * 0.07, 0.6)
        canvas.ground(bank, "#b5cc74", "#6f9c4c", "#4a7a3c")
    _trees(canvas, 0.9, 0.6, (0.05, 0.9), blossom)
    land.speckle(canvas, h * (0.86 if stream else 0.66), blossom, count=900, size=0.0045)
    if stream:
        bough(canvas, canvas.at(1.02, 0.02), canvas.at(0.56, 0.16), h * 0.014, blossom)
    plants.blades(canvas, h * 1.03, h * 0.09, ["#6f9a48", "#8db558", "#557f3c"], 360)


def _trees(
    canvas: Canvas, foot: float, tall: float, places: tuple[float, ...], blossom: Colours
) -> None:
    with canvas.sheet() as sheet:
        for x in places:
            spot = sheet.at(*canvas.at(x, foot), canvas.h * tall)
            plants.tree(spot, canvas.rng, blossom, "#4a3038", 0.42)
