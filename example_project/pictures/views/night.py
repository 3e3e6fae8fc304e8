"""
Night skies: lakes, northern lights, the desert.
"""

from __future__ import annotations

from ..brushes import houses, land, night, plants, sky, things, water
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["desert_stars", "gate", "lake", "lone_tree", "northern_lights"]


def lake(canvas: Canvas, *, heaven: Colours, far: str, near: str, at: Point) -> None:
    """
    Stars, a moon, and a still lake under the hills.
    """
    w, h = canvas.size
    shore, dark = h * 0.62, mix(near, "#02040c", 0.7)
    sky.sky(canvas, *heaven, horizon=0.62)
    night.stars(canvas, 1100, 0.62)
    cloud = mix(heaven[-1], "#c7d3f5", 0.3)
    sky.clouds(canvas, cloud, top=0.2, bottom=0.6, cover=0.36, stretch=8, opacity=0.4)
    sky.moon(canvas, canvas.at(*at), h * 0.05)
    land.ranges(canvas, far, near, top=0.5, bottom=0.6, layers=4, height=0.11, haze=0.25)
    water.mirror(canvas, shore, mix(near, "#060a1c", 0.4), dim=0.35)
    water.glitter(canvas, (w * at[0], shore), "#f3ecd0", width=0.05, count=420)
    bank = land.hills(canvas.rng, w, h, h * 0.1, 0.7)
    plants.firs(canvas, bank, h * 0.42, dark, count=9, between=(0.0, 0.2))
    plants.firs(canvas, bank, h * 0.3, dark, count=7, between=(0.86, 1.0))
    canvas.ground(bank, dark)
    plants.blades(canvas, h, h * 0.12, [dark, mix(dark, near, 0.25)], 240)


def northern_lights(canvas: Canvas, *, low: str, high: str, cottage: bool = False) -> None:
    """
    Curtains of light over snow and a fjord.
    """
    w, h = canvas.size
    base = h * 0.73
    sky.sky(canvas, "#050b24", "#0b1d3f", "#12395a", "#2a6470", horizon=0.75)
    night.stars(canvas, 800, 0.7)
    for y, height in ((0.42, 0.34), (0.5, 0.5), (0.58, 0.42)):
        night.aurora(canvas, y, height, low, high)
    for x, y, spread in (
        (0.12, 0.46, 0.26),
        (0.9, 0.42, 0.28),
        (0.42, 0.58, 0.2),
        (0.68, 0.55, 0.2),
    ):
        reach = spread * max(w, h), base
        land.peak(canvas, canvas.at(x, y), reach, light="#2c4a63", dark="#13243f", snow="#a9d3cf")
    line = land.hills(canvas.rng, w, base - h * 0.01, h * 0.03, 1)
    canvas.ground(line, "#16304a", "#0e2138")
    plants.firs(canvas, line, h * 0.045, "#081426", count=90)
    water.mirror(canvas, base, "#071428", dim=0.35)
    _snowy_bank(canvas)
    if cottage:
        _cottage(canvas)


def _snowy_bank(canvas: Canvas) -> None:
    bank = land.hills(canvas.rng, canvas.w, canvas.h * 0.96, canvas.h * 0.07, 0.6)
    plants.firs(canvas, bank, canvas.h * 0.26, "#050d1c", count=12, snow="#3f6f7c")
    canvas.ground(bank, "#8fbcbf", "#3f6b80", "#223f5a")


def _cottage(canvas: Canvas) -> None:
    size = canvas.h * 0.13
    x, y = canvas.at(0.34, 0.955)
    with canvas.sheet() as sheet:
        houses.cabin(sheet.at(x, y, size), wall="#7c2f2c", roof="#b5d6d6")
    sky.glow(canvas, (x + size / 2, y - size * 0.2), canvas.h * 0.16, "#ffc875", 0.5)


def desert_stars(canvas: Canvas) -> None:
    """
    The Milky Way stands over the dunes and one lit tent.
    """
    h = canvas.h
    sky.sky(canvas, "#070a24", "#141a4a", "#3a2f6b", "#9a5f7d", "#d98a72", horizon=0.7)
    night.milky_way(canvas)
    night.stars(canvas, 1700, 0.64)
    land.dune(canvas, canvas.at(0.76, 0.6), h * 0.8, light="#7d5170", dark="#46305c", lean=0.16)
    land.dune(canvas, canvas.at(0.2, 0.62), h * 0.95, light="#6b4361", dark="#35254d", lean=0.22)
    land.dune(canvas, canvas.at(0.58, 0.78), h * 1.25, light="#4f3353", dark="#241b3c", lean=0.3)
    sky.glow(canvas, canvas.at(0.36, 0.84), h * 0.3, "#ffb45e", 0.6)
    with canvas.sheet() as sheet:
        things.tent(sheet.at(*canvas.at(0.36, 0.84), h * 0.12))


def lone_tree(
    canvas: Canvas, *, heaven: Colours, leaves: Colours, turf: Pair, sun: Point | None = None
) -> None:
    """
    One tree on a round hill: by night unless there is a sun.
    """
    h = canvas.h
    sky.sky(canvas, *heaven, horizon=0.8)
    if not sun:
        night.milky_way(canvas)
        night.stars(canvas, 1300, 0.72)
    cloud = mix(heaven[-1], "#ffffff", 0.3)
    sky.clouds(canvas, cloud, top=0.1, bottom=0.7, cover=0.42, stretch=5, opacity=0.5)
    if sun:
        sky.sun(canvas, canvas.at(*sun), h * 0.05, "#fff3d0", "#ffcf86")
    else:
        night.meteors(canvas, 4)
    _hill(canvas, heaven[-1], turf)
    with canvas.sheet() as sheet:
        spot = sheet.at(*canvas.at(0.58, 0.815), h * 0.5)
        plants.tree(spot, canvas.rng, leaves, mix(turf[1], "#1d1014", 0.6), 0.34)
    plants.blades(canvas, h, h * 0.09, [*turf, mix(*turf, 0.5)], 360)


def _hill(canvas: Canvas, air: str, turf: Pair) -> None:
    far, near = mix(turf[0], air, 0.65), mix(turf[0], air, 0.3)
    land.ranges(canvas, far, near, top=0.68, bottom=0.76, layers=3, height=0.07, soft=True)
    shares = [t / 60 for t in range(-1, 62)]
    canvas.ground([canvas.at(t, 0.8 + 0.5 * (t - 0.56) ** 2) for t in shares], *turf)
    land.shade(canvas, canvas.h * 0.8, mix(turf[0], "#fff2b0", 0.3), 0.35, 5)


def gate(canvas: Canvas) -> None:
    """
    A red gate in the water at first light.
    """
    shore = canvas.h * 0.61
    sky.sky(canvas, "#6f7fb8", "#b79cc4", "#f2b8a8", "#ffdfb0", horizon=0.61)
    sky.clouds(canvas, "#ffd9c9", top=0.0, bottom=0.5, cover=0.48, stretch=6, opacity=0.7)
    sky.sun(canvas, canvas.at(0.5, 0.515), canvas.h * 0.042, "#fff5d8", "#ffc890")
    land.ranges(canvas, "#d6a9b8", "#8a7aa3", top=0.565, bottom=0.6, layers=4, height=0.05)
    canvas.ground([(-4, shore), (canvas.w + 4, shore)], "#d9a9a8")
    water.mirror(canvas, shore, "#6a6a9c", dim=0.35)
    water.glitter(canvas, canvas.at(0.5, 0.61), "#fff0cf", width=0.07, count=420)
    with canvas.sheet() as sheet:
        things.gate(sheet.at(*canvas.at(0.5, 0.74), canvas.h * 0.46), "#c9402f")
        water.reflect(canvas, sheet, canvas.h * 0.74, 0.55)
    sky.mist(canvas, 0.62, 0.1, "#ffe6d4", 0.5)
