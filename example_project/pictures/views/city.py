"""
Towns: roofs on hills, lights on the water.
"""

from __future__ import annotations

from ..brushes import houses, land, night, plants, sky, things, town, water
from ..canvas import Canvas
from ..colour import Colours, mix
from ..sheet import Point

__all__ = ["bay", "fireworks", "roofs", "skyline", "temple"]


def skyline(canvas: Canvas, *, heaven: Colours, tones: Colours) -> None:
    """
    A town at dusk, doubled in the water.
    """
    h, quay = canvas.h, canvas.h * 0.68
    sky.sky(canvas, *heaven, horizon=0.68)
    cloud = mix(heaven[-2], "#ffffff", 0.25)
    sky.clouds(canvas, cloud, top=0.05, bottom=0.55, cover=0.46, stretch=6, opacity=0.55)
    sky.glow(canvas, (canvas.w * 0.55, quay), h * 0.75, heaven[-1], 0.55)
    for step, tone in enumerate(tones):
        lit, width = 0.11 * step, 0.035 + 0.012 * step
        town.skyline(canvas, quay, h * (0.46 - 0.1 * step), tone, lit=lit, width=width)
        sky.mist(canvas, 0.66, 0.16, mix(heaven[-1], tone, 0.3), 0.4 - 0.14 * step)
    dark = mix(tones[-1], "#04060f", 0.4)
    canvas.ground([(-4, quay), (canvas.w + 4, quay)], dark)
    town.lamps(canvas, quay - h * 0.004, 28, h * 0.02)
    water.mirror(canvas, quay + 3, mix(tones[-1], heaven[0], 0.5), dim=0.4, squeeze=1.9)


def bay(canvas: Canvas, *, heaven: Colours, street: houses.Street, sea: str) -> None:
    """
    Houses climb the hills above the sea by day.
    """
    _sky(canvas, heaven)
    water.sea(canvas, canvas.h * 0.42, mix(sea, heaven[-1], 0.4), sea)
    _quarters(canvas, heaven[-1], street, None)


def roofs(
    canvas: Canvas,
    *,
    heaven: Colours,
    street: houses.Street,
    sun: Point | None = None,
    moon: Point | None = None,
    chapel: str | None = None,
) -> None:
    """
    Houses on the hills in the evening, under a sun or under a moon and stars.
    """
    _sky(canvas, heaven)
    if sun:
        sky.sun(canvas, canvas.at(*sun), canvas.h * 0.035, "#fff4d6", "#ffc98a")
    if moon:
        night.stars(canvas, 700, 0.4)
        sky.moon(canvas, canvas.at(*moon), canvas.h * 0.06)
    _quarters(canvas, heaven[-1], street, chapel)


def _sky(canvas: Canvas, heaven: Colours) -> None:
    sky.sky(canvas, *heaven, horizon=0.6)
    cloud = mix(heaven[-1], "#ffffff", 0.5)
    sky.clouds(canvas, cloud, top=0.0, bottom=0.4, cover=0.46, stretch=4, opacity=0.6)


def _quarters(canvas: Canvas, air: str, street: houses.Street, chapel: str | None) -> None:
    """
    Three hills, the far one pale and small, and a church on it if there is one.
    """
    w, h = canvas.size
    hill = mix(street.walls[0], street.green, 0.5)
    steps = ((0.44, 0.62, 0.038), (0.56, 0.84, 0.06), (0.74, 1.08, 0.1))
    for step, (y, bottom, size) in enumerate(steps):
        line = land.hills(canvas.rng, w, h * y, h * 0.16, 0.62)
        share = 0.55 - 0.27 * step
        canvas.ground(line, mix(hill, air, share), hill)
        houses.hillside(canvas, line, h * bottom, street.faded(air, share), size)
        if step < 2:
            sky.mist(canvas, bottom, 0.18, air, 0.35)
        if step == 0 and chapel:
            _church(canvas, chapel, street)


def _church(canvas: Canvas, wall: str, street: houses.Street) -> None:
    with canvas.sheet() as sheet:
        spot = sheet.at(*canvas.at(0.66, 0.57), canvas.h * 0.2)
        houses.church(spot, wall=wall, roof=street.roofs[0], glass=street.glass)


def fireworks(canvas: Canvas) -> None:
    """
    Midnight on the last day of the year.
    """
    h, quay = canvas.h, canvas.h * 0.76
    sky.sky(canvas, "#060920", "#10163f", "#2b2560", "#5d3f78", horizon=0.76)
    night.stars(canvas, 300, 0.5)
    large = (0.3, 0.28, 0.2, "#ffb84d"), (0.62, 0.2, 0.17, "#ff5f7e"), (0.82, 0.36, 0.13, "#6fd3ff")
    small = (0.12, 0.44, 0.1, "#9dff9a"), (0.47, 0.45, 0.11, "#d79bff")
    for x, y, radius, colour in (*large, *small):
        night.fireworks(canvas, canvas.at(x, y), h * radius, colour)
    town.skyline(canvas, quay, h * 0.2, "#262050", width=0.03)
    town.skyline(canvas, quay, h * 0.13, "#15122f", lit=0.34, width=0.04)
    canvas.ground([(-4, quay), (canvas.w + 4, quay)], "#0c0c24")
    water.mirror(canvas, quay + 2, "#0a0d2a", dim=0.3, squeeze=2.6)


def temple(canvas: Canvas, *, heaven: Colours, leaves: Colours) -> None:
    """
    A pagoda above dark trees, its lanterns lit.
    """
    w, h = canvas.size
    lit = "#ffcf7a"
    sky.sky(canvas, *heaven, horizon=0.8)
    cloud = mix(heaven[-1], "#ffffff", 0.3)
    sky.clouds(canvas, cloud, top=0.1, bottom=0.66, cover=0.44, stretch=4, opacity=0.55)
    sky.moon(canvas, canvas.at(0.24, 0.17), w * 0.045)
    far, near = mix(heaven[-1], heaven[1], 0.5), mix(heaven[0], heaven[1], 0.5)
    land.ranges(canvas, far, near, top=0.66, bottom=0.76, layers=4, height=0.08, soft=True)
    sky.glow(canvas, canvas.at(0.56, 0.66), h * 0.4, lit, 0.4)
    with canvas.sheet() as sheet:
        tower = sheet.at(*canvas.at(0.56, 0.87), h * 0.62)
        things.pagoda(tower, wood="#5a2f33", roof="#1f2340", lit=lit)
    for y, tall, count in ((0.87, 0.06, 150), (0.94, 0.07, 130), (0.99, 0.08, 90)):
        line = land.hills(canvas.rng, w, h * y, h * 0.05, 1.0)
        canvas.ground(line, mix(leaves[0], "#0b0d20", 0.5))
        plants.treeline(canvas, line, h * tall, leaves, count)
    for x, y in ((0.2, 0.88), (0.36, 0.91), (0.78, 0.89), (0.9, 0.94)):
        sky.glow(canvas, canvas.at(x, y), h * 0.045, "#ffd58a", 0.95)
