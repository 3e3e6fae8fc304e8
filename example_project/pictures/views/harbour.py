"""
Harbours, canals and bridges.
"""

from __future__ import annotations

from ..brushes import houses, land, plants, sky, things, town, water
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["big_bridge", "canal", "harbour"]

BOATS: tuple[Pair, ...] = (
    ("#c8402f", "#f3e3c0"),
    ("#2c6fa5", "#f4c95d"),
    ("#2f8a6a", "#e8543f"),
    ("#e9b13c", "#2d5d8f"),
    ("#f2eee3", "#c0392b"),
)


def harbour(canvas: Canvas, *, heaven: Colours, walls: Colours, hill: str, tint: str) -> None:
    """
    Painted boats lie in calm water before the town.
    """
    w, h = canvas.size
    shore = h * 0.54
    sky.sky(canvas, *heaven, horizon=0.54)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.4, cover=0.46, stretch=4, opacity=0.7)
    sky.sun(canvas, canvas.at(0.26, 0.26), h * 0.035, "#fffbe8", "#ffe2a0")
    far = mix(hill, heaven[-1], 0.65)
    land.ranges(canvas, far, hill, top=0.3, bottom=0.4, layers=3, height=0.1, haze=0.3, soft=True)
    line = land.hills(canvas.rng, w, h * 0.44, h * 0.06, 0.8)
    tiles = "#c4553d", "#b5483a", "#d0694a"
    street = houses.Street(walls=walls, roofs=tiles, glass="#52627f", green="#5f8a5a")
    houses.hillside(canvas, line, shore - h * 0.02, street, 0.042)
    quay = shore - h * 0.012
    canvas.ground([(-4, quay), (w + 4, quay)], "#8f8578", "#6f675f")
    water.mirror(canvas, shore, tint, dim=0.5)
    water.swell(canvas, shore, "#ffffff", 0.16)
    far_boats = (0.12, 0.62, 0.1), (0.42, 0.6, 0.085), (0.68, 0.63, 0.11), (0.9, 0.6, 0.085)
    near_boats = (0.29, 0.74, 0.18), (0.8, 0.8, 0.24), (0.05, 0.9, 0.26), (0.5, 0.92, 0.3)
    for number, (x, y, size) in enumerate((*far_boats, *near_boats)):
        _moored(canvas, canvas.at(x, y), h * size, BOATS[number % 5])


def _moored(canvas: Canvas, place: Point, size: float, inks: Pair) -> None:
    with canvas.sheet() as sheet:
        things.fishing_boat(sheet.at(*place, size), hull=inks[0], trim=inks[1])
        water.reflect(canvas, sheet, place[1] + size * 0.06)


def canal(canvas: Canvas) -> None:
    """
    Gabled houses and their lights in a still canal.
    """
    w, h = canvas.size
    quay = h * 0.62
    sky.sky(canvas, "#26335f", "#5a5f93", "#c08a94", "#f6b98a", horizon=0.6)
    sky.clouds(canvas, "#f0a58c", top=0.0, bottom=0.45, cover=0.48, stretch=5, opacity=0.6)
    walls = ("#7b3f3a", "#95584a", "#3f4c63", "#a9765a", "#5b3b44", "#c29a74")
    houses.gables(canvas, quay, h * 0.34, walls, count=9)
    canvas.ground([(-4, quay), (w + 4, quay)], "#4a3b40", "#2e2733")
    with canvas.sheet() as sheet:
        for number in range(7):
            spot = sheet.at(w * (0.07 + 0.145 * number), quay + h * 0.005, h * 0.21)
            plants.tree(spot, canvas.rng, ("#b5662f", "#cf8a3a", "#8f4a2b"), "#2b1f26", 0.3)
    for number in range(6):
        lamp = w * (0.145 + 0.145 * number), quay - h * 0.05
        sky.glow(canvas, lamp, h * 0.07, "#ffd68a", 0.85)
    water.mirror(canvas, quay + h * 0.02, "#1c2242", dim=0.45)
    _moored(canvas, canvas.at(0.3, 0.82), h * 0.2, ("#2c3d5c", "#d8a85c"))
    _moored(canvas, canvas.at(0.76, 0.74), h * 0.13, ("#6a2f34", "#e3c690"))


def big_bridge(canvas: Canvas) -> None:
    """
    A red bridge spans the wide river at the blue hour.
    """
    h, shore = canvas.h, canvas.h * 0.72
    sky.sky(canvas, "#1d2b5e", "#3f4f91", "#9a7fae", "#f2a98f", "#ffcf9a", horizon=0.72)
    sky.clouds(canvas, "#e79aa0", top=0.1, bottom=0.6, cover=0.45, stretch=8, opacity=0.55)
    land.ranges(
        canvas, "#8a7aa5", "#4a4572", top=0.62, bottom=0.66, layers=3, height=0.07, soft=True
    )
    town.skyline(canvas, shore, h * 0.1, "#2c2b55", lit=0.4, width=0.02)
    town.bridge(canvas, h * 0.56, (0.3, 0.72), h * 0.36, "#b03c3c")
    town.lamps(canvas, h * 0.553, 36, h * 0.018)
    canvas.ground([(-4, shore), (canvas.w + 4, shore)], "#1d2148")
    water.mirror(canvas, shore + 2, "#1a2350", dim=0.4, squeeze=2.2)
