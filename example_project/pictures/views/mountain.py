"""
Mountains, hills and dunes.
"""

from __future__ import annotations

from ..brushes import land, plants, sky, things
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["balloons", "desert", "layers", "peaks", "rainbow_moor"]


def layers(canvas: Canvas, *, heaven: Colours, far: str, near: str, sun: Point) -> None:
    """
    Range behind range in the haze of a low sun.
    """
    light, halo = "#fff0c4", "#ffc58a"
    sky.sky(canvas, *heaven, horizon=0.75)
    sky.clouds(canvas, mix(light, halo, 0.4), top=0.05, bottom=0.45, stretch=5, opacity=0.5)
    sky.sun(canvas, canvas.at(*sun), canvas.h * 0.04, light, halo)
    land.ranges(canvas, far, near, top=0.45, bottom=0.9, layers=6, height=0.15, haze=0.4)
    sky.glow(canvas, canvas.at(sun[0], sun[1] + 0.12), canvas.h * 0.6, halo, 0.28)
    line = land.hills(canvas.rng, canvas.w, canvas.h * 0.97, canvas.h * 0.09, 0.8)
    dark = mix(near, "#05060f", 0.5)
    plants.firs(canvas, line, canvas.h * 0.15, dark, count=48)
    canvas.ground(line, dark)


def peaks(canvas: Canvas, *, heaven: Colours, rock: Pair, snow: str, hills: Pair) -> None:
    """
    Snowy summits over wooded foothills, the sun low.
    """
    w, h = canvas.size
    sky.sky(canvas, *heaven, horizon=0.7)
    sky.clouds(canvas, "#ffd9cf", top=0.0, bottom=0.42, cover=0.46, stretch=4)
    pale = mix(heaven[-1], rock[0], 0.45)
    far = mix(heaven[-1], pale, 0.4)
    land.ranges(canvas, far, pale, top=0.42, bottom=0.5, layers=2, height=0.16, haze=0.2)
    for x, y, spread in (
        (0.16, 0.33, 0.2),
        (0.86, 0.3, 0.22),
        (0.36, 0.24, 0.2),
        (0.64, 0.14, 0.3),
    ):
        base = w * spread, h * 0.74
        land.peak(canvas, canvas.at(x, y), base, light=rock[0], dark=rock[1], snow=snow)
    sky.mist(canvas, 0.7, 0.26, mix(heaven[-1], "#ffffff", 0.35), 0.85)
    for y, share, count in ((0.74, 0.0, 70), (0.82, 0.45, 60), (0.92, 1.0, 40)):
        line = land.hills(canvas.rng, w, h * y, h * 0.08, 1.1)
        tone = mix(*hills, share)
        dark = mix(tone, "#0c1a2a", 0.35)
        plants.firs(canvas, line, h * (0.05 + 0.11 * share), dark, count=count)
        canvas.ground(line, tone, mix(tone, "#0b1420", 0.3))


def desert(canvas: Canvas, *, heaven: Colours, light: str, dark: str, sun: Point) -> None:
    """
    Dunes behind dunes.
    """
    sky.sky(canvas, *heaven, horizon=0.7)
    sky.clouds(canvas, "#fff3e0", top=0.05, bottom=0.45, cover=0.45, stretch=6, opacity=0.5)
    sky.sun(canvas, canvas.at(*sun), canvas.h * 0.045, "#fff6da", "#ffd9a0")
    haze = mix(heaven[-1], light, 0.4)
    far = (0.8, 0.56, 0.72, 0.2), (0.22, 0.54, 0.78, 0.42)
    for x, y, base, near in (*far, (0.66, 0.6, 0.92, 0.72), (0.28, 0.72, 1.2, 1.0)):
        lit, shaded = mix(haze, light, near), mix(mix(haze, dark, 0.35), dark, near)
        lean = 0.1 + 0.25 * near
        land.dune(canvas, canvas.at(x, y), canvas.h * base, light=lit, dark=shaded, lean=lean)
    land.shade(canvas, canvas.h * 0.62, mix(light, "#ffffff", 0.3), 0.16, 8)


def balloons(canvas: Canvas) -> None:
    """
    A morning of balloons over a rocky valley.
    """
    sky.sky(canvas, "#5f86c4", "#a9b8de", "#f3cdb8", "#ffdca8", horizon=0.72)
    sky.clouds(canvas, "#fff0e0", top=0.0, bottom=0.5, cover=0.42, stretch=6, opacity=0.6)
    sky.sun(canvas, canvas.at(0.24, 0.6), canvas.h * 0.035, "#fff7dd", "#ffcf8a")
    land.ranges(canvas, "#dfb3a6", "#8a5566", top=0.62, bottom=0.86, height=0.13, haze=0.45)
    reds = ("#d9483b", "#f6e7c8"), ("#e8a02f", "#b7372f")
    inks = (*reds, ("#2f6f9f", "#f3d9a0"), ("#7c4a8f", "#f0b24a"), ("#2e8b7f", "#f7eed8"))
    far = (0.1, 0.36, 0.06), (0.38, 0.5, 0.045), (0.47, 0.18, 0.075), (0.9, 0.44, 0.07)
    near = (0.56, 0.42, 0.04), (0.82, 0.14, 0.06), (0.3, 0.16, 0.1), (0.69, 0.34, 0.26)
    with canvas.sheet() as sheet:
        for number, (x, y, size) in enumerate((*far, *near)):
            things.balloon(sheet.at(*canvas.at(x, y), canvas.h * size), inks[number % 5])
    line = land.ridge(canvas.rng, canvas.w, canvas.h * 0.93, canvas.h * 0.1, 0.45)
    canvas.ground(line, "#5b3348", "#3a2038")


def rainbow_moor(canvas: Canvas) -> None:
    """
    Rain moves off over the moor.
    """
    w, h = canvas.size
    sky.sky(canvas, "#566273", "#7d8b9b", "#a9b4ba", "#cfd3cd", horizon=0.62)
    sky.clouds(canvas, "#454f60", top=-0.1, bottom=0.5, cover=0.6, opacity=0.75)
    sky.clouds(canvas, "#d8dcda", top=0.1, bottom=0.6, cover=0.4, stretch=5, opacity=0.6)
    sky.rainbow(canvas, canvas.at(0.58, 0.86), h * 0.74, h * 0.075)
    land.ranges(canvas, "#8e9b9c", "#5f6b4e", top=0.52, bottom=0.72, height=0.09, soft=True)
    line = land.hills(canvas.rng, w, h * 0.76, h * 0.06, 0.7)
    canvas.ground(line, "#8a8a4f", "#5b5a38", "#3c3f2c")
    land.shade(canvas, h * 0.74, "#c9b563", 0.5, 5)
    heather = ["#8f5a86", "#a8709a", "#6f4a6e", "#7c7a3c"]
    land.speckle(canvas, h * 0.78, heather, count=2600, size=0.008)
    plants.blades(canvas, h * 1.0, h * 0.12, ["#6b6a37", "#8c8548", "#4a4d2d", "#a3945a"], 420)
