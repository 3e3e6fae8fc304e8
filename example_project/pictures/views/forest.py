"""
Woods, and what stands in them.
"""

from __future__ import annotations

from ..brushes import land, plants, sky, things, water
from ..canvas import Canvas
from ..colour import Colours, mix
from ..sheet import Point

__all__ = ["autumn_lake", "autumn_wood", "castle_hill", "misty_firs"]


def autumn_wood(canvas: Canvas, *, leaves: Colours, haze: str, light: str) -> None:
    """
    Trunk behind trunk, and leaves on the ground.
    """
    sky.sky(canvas, mix(haze, light, 0.3), light, haze)
    sky.glow(canvas, canvas.at(0.56, 0.42), canvas.h * 0.75, "#fff6dc", 0.8)
    ground = mix(leaves[0], "#3a2630", 0.25)
    for step in range(5):
        fade, floor = 0.78 - 0.18 * step, canvas.h * (0.66 + 0.05 * step)
        _stand(canvas, step, [mix(tone, haze, fade) for tone in leaves], mix("#3a2630", haze, fade))
        line = land.hills(canvas.rng, canvas.w, floor, canvas.h * 0.03, 1)
        canvas.ground(line, mix(ground, haze, fade), mix(ground, haze, fade * 0.6))
        sky.mist(canvas, floor / canvas.h - 0.05, 0.3, haze, 0.5 if step < 4 else 0)
    sky.rays(canvas, canvas.at(0.6, -0.1), "#fff3d2", 0.3)
    land.speckle(canvas, canvas.h * 0.8, leaves, count=1800, size=0.0085)


def _stand(canvas: Canvas, step: int, leaves: list[str], trunk: str) -> None:
    """
    One row of trees; the two nearest leave the middle free.
    """
    count, rng = 15 - 3 * step, canvas.rng
    foot = canvas.h * (0.69 + 0.05 * step)
    with canvas.sheet() as sheet:
        for number in range(count):
            x = (number + rng.uniform(0.05, 0.95)) / count
            tall = 0 if step > 2 and 0.36 < x < 0.68 else 0.55 + 0.1375 * step
            plants.tree(sheet.at(canvas.w * x, foot, canvas.h * tall), rng, leaves, trunk, 0.25)


def misty_firs(canvas: Canvas, *, heaven: Colours, far: str, near: str, sun: Point) -> None:
    """
    Firs step forward out of the mist.
    """
    h, bank = canvas.h, mix(heaven[-1], "#ffffff", 0.3)
    sky.sky(canvas, *heaven, horizon=0.8)
    sky.sun(canvas, canvas.at(*sun), h * 0.035, "#fffdf2", "#fff0d0")
    for step in range(6):
        share = step / 5
        line = land.hills(canvas.rng, canvas.w, h * (0.44 + 0.5 * share), h * 0.15, 0.9)
        tone = mix(far, near, share**1.2)
        plants.firs(canvas, line, h * (0.1 + 0.24 * share), tone, count=80 - 11 * step)
        canvas.ground(line, tone, mix(tone, heaven[-1], 0.55))
        if step < 5:
            sky.mist(canvas, 0.58 + 0.46 * share, 0.3, bank, 0.62)


def castle_hill(canvas: Canvas) -> None:
    """
    A painted castle above the clouds.
    """
    w, h = canvas.size
    sky.sky(canvas, "#7fb2d8", "#bcd6e4", "#f1ead8", "#f6dcc0", horizon=0.7)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.5, stretch=2.4, opacity=0.85)
    land.ranges(canvas, "#c4d3d8", "#8fae9f", top=0.5, bottom=0.6, layers=3, height=0.1, haze=0.4)
    with canvas.sheet() as sheet:
        keep = sheet.at(*canvas.at(0.53, 0.462), w * 0.27)
        things.castle(keep, wall="#e8b04f", roof="#b8473d")
        things.castle(keep.at(0.55, 0.09, 0.55), wall="#b5473f", roof="#6a3a52")
    for step, (y, tone) in enumerate(((0.46, "#6f9a7d"), (0.66, "#4f7f5f"), (0.84, "#2f5a44"))):
        shares = [t / 60 for t in range(-1, 62)]
        line = [canvas.at(t, y + (0.968 - 0.436 * step) * (t - 0.55) ** 2) for t in shares]
        canvas.ground(line, tone, mix(tone, "#dfe9d4", 0.35))
        below = [(x, foot + h * canvas.rng.uniform(0.02, 0.2)) for x, foot in line * 3]
        leaves = mix(tone, "#bcd98a", 0.25), tone, mix(tone, "#16331f", 0.25)
        plants.treeline(canvas, [*line, *below], h * (0.026 + 0.016 * step), leaves, 300)
        if step < 2:
            sky.mist(canvas, y + 0.2, 0.2, "#f7f3e6", 0.8)


def autumn_lake(canvas: Canvas) -> None:
    """
    Red and gold woods, twice over.
    """
    w, h = canvas.size
    shore = h * 0.56
    sky.sky(canvas, "#6fa3cf", "#aecbe0", "#e9e6d8", horizon=0.56)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.4, cover=0.48, stretch=4, opacity=0.85)
    for x, y, spread in ((0.3, 0.2, 0.22), (0.62, 0.15, 0.24), (0.88, 0.26, 0.2)):
        base = w * spread, shore
        land.peak(canvas, canvas.at(x, y), base, light="#a9b4c6", dark="#7c8cab", snow="#ffffff")
    for y, tall, fade in ((0.45, 0.045, 0.35), (0.495, 0.055, 0.16), (0.54, 0.07, 0.0)):
        line = land.hills(canvas.rng, w, h * y, h * 0.06, 1.4)
        slope = [(x, py + h * tall * t) for t in (0.0, 0.5, 1.0) for x, py in line]
        canvas.ground(line, mix("#8f4a2b", "#c9d3dc", fade))
        tones = ("#c8512e", "#e09a35", "#b33a2c", "#d9772e", "#7f8f3f", "#ebbb4a")
        faded = [mix(tone, "#c9d3dc", fade) for tone in tones]
        plants.treeline(canvas, slope, h * tall, faded, 420)
    sky.mist(canvas, 0.53, 0.07, "#f7ead8", 0.5)
    water.mirror(canvas, shore, "#2f4f6f", dim=0.4, squeeze=1.1)
    plants.blades(canvas, h * 1.02, h * 0.2, ["#a8823f", "#c9a04f", "#6f5a33"], 300)
