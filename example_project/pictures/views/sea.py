"""
The sea and its coasts.
"""

from __future__ import annotations

from ..brushes import land, sky, things, water
from ..canvas import Canvas
from ..colour import Colours, Pair, mix
from ..sheet import Point

__all__ = ["cliffs", "headland_at_dusk", "lighthouse", "sail", "sunset"]


def sunset(
    canvas: Canvas, *, heaven: Colours, deep: Colours, light: str, halo: str, x: float = 0.6
) -> None:
    """
    The sun goes down behind the sea.
    """
    w, h = canvas.size
    horizon = h * 0.6
    sky.sky(canvas, *heaven, horizon=0.6)
    dusk, warm = mix(heaven[0], halo, 0.35), mix(light, halo, 0.35)
    sky.clouds(canvas, dusk, top=0.0, bottom=0.5, stretch=6, opacity=0.7)
    sky.clouds(canvas, warm, top=0.22, bottom=0.58, cover=0.42, stretch=9, opacity=0.75)
    sky.sun(canvas, canvas.at(x, 0.525), h * 0.05, light, halo)
    water.sea(canvas, horizon, *deep)
    sky.glow(canvas, (w * x, horizon), h * 0.5, halo, 0.5)
    water.glitter(canvas, (w * x, horizon), light, count=900)
    with canvas.sheet() as sheet:
        flock = mix(heaven[0], "#10081c", 0.6)
        things.birds(sheet, canvas.rng, canvas.at(0.36, 0.26), h * 0.1, flock)


def headland_at_dusk(canvas: Canvas) -> None:
    """
    A burning sky, and a dark coast.
    """
    heaven = "#2b2a68", "#7a3f86", "#e0607a", "#ff9a62", "#ffd27a"
    deep = "#f08a6a", "#9a4f80", "#3a2a68", "#1c1a48"
    sunset(canvas, heaven=heaven, deep=deep, light="#fff0b8", halo="#ff9a5a")
    horizon = canvas.h * 0.6
    for reach, low, tone in ((0.4, 0.1, "#7f546a"), (0.24, 0.17, "#3a2350")):
        line = []
        for x, y in land.ridge(canvas.rng, canvas.w * reach, 0, canvas.h * low * 0.28, 0.5):
            along = max(0.0, min(1.0, x / (canvas.w * reach)))
            rise = canvas.h * low * (1 - along**1.8)
            line.append((x, horizon - rise + y * (1 - along)))
        foot = [(canvas.w * reach * 1.03, horizon + 2), (-4, horizon + canvas.h * low * 0.14)]
        canvas.shape([*line, *foot], tone, mix(tone, "#0c0a20", 0.2))


def sail(canvas: Canvas) -> None:
    """
    Golden light, and a boat that has all the time in the world.
    """
    heaven = "#3a5fa0", "#7f93c4", "#f0b89a", "#ffcf86", "#ffe6a8"
    deep = "#f2c08f", "#8f9ab5", "#3f6a98", "#274a7a"
    sunset(canvas, heaven=heaven, deep=deep, light="#fffbe0", halo="#ffc46a", x=0.52)
    for x, y, size in ((0.8, 0.635, 0.06), (0.3, 0.78, 0.3)):
        with canvas.sheet() as sheet:
            boat = sheet.at(*canvas.at(x, y), canvas.h * size)
            things.sailing_boat(boat, hull="#152440", sail="#fdeabb")
            water.reflect(canvas, sheet, canvas.h * y + boat.size * 0.04, 0.4)


def cliffs(canvas: Canvas, *, heaven: Colours, rock: Pair, deep: Colours, turf: str) -> None:
    """
    Headland after headland falls into the sea.
    """
    sky.sky(canvas, *heaven, horizon=0.5)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.46, stretch=3.4)
    water.sea(canvas, canvas.h * 0.5, *deep)
    far = (0.74, 0.4, 0.535, 0.0), (0.6, 0.33, 0.61, 0.35)
    for reach, top, foot, share in (*far, (0.45, 0.25, 0.74, 0.68), (0.27, 0.18, 0.98, 1.0)):
        light, dark = (mix(heaven[-1], tone, 0.35 + 0.65 * share) for tone in rock)
        green = mix(heaven[-1], turf, 0.4 + 0.6 * share)
        crown, edge = _outline(canvas, reach, top, foot)
        _face(canvas, crown, edge, (light, dark), 0.3 + 0.7 * share)
        _turf(canvas, crown, green, 0.4 + share)
        place = edge[-1][0] * 0.75, canvas.h * foot
        size = canvas.h * 0.008 * (0.4 + share)
        water.foam(canvas, place, (edge[-1][0] * 0.3, size * 0.5), size, 420)
    with canvas.sheet() as sheet:
        things.birds(sheet, canvas.rng, canvas.at(0.7, 0.28), canvas.h * 0.09, "#ffffff")


def _outline(
    canvas: Canvas, reach: float, top: float, foot: float
) -> tuple[list[Point], list[Point]]:
    """
    The grassy crown from left to right, and the edge from there down to the water.
    """
    w, h = canvas.size
    brim = w * reach * 0.86
    line = land.hills(canvas.rng, brim, h * (top - 0.02), h * 0.03, 0.8)
    crown = [(x, y + h * 0.05 * (max(0.0, x) / brim) ** 4) for x, y in line]
    high = h * foot - crown[-1][1]
    face = land.ridge(canvas.rng, high, 0, w * 0.02, 0.55)
    edge = []
    for down, rough in face:
        drop = max(0.0, down)
        edge.append((brim + w * 0.1 * (drop / high) ** 1.6 + rough, crown[-1][1] + drop))
    return crown, edge


def _face(canvas: Canvas, crown: list[Point], edge: list[Point], tones: Pair, near: float) -> None:
    light, dark = tones
    whole = [*crown, *edge, (-4.0, edge[-1][1])]
    canvas.shape(whole, light, mix(light, dark, 0.5))
    top = edge[0][1]
    inner = [(x - canvas.w * 0.11 * near - (y - top) * 0.12, y) for x, y in edge]
    canvas.shape([*edge, *reversed(inner)], dark, mix(dark, light, 0.25))
    land.strata(canvas, whole, dark, 0.5 * near)


def _turf(canvas: Canvas, crown: list[Point], green: str, near: float) -> None:
    h, rng = canvas.h, canvas.rng
    under = [(x, y + h * 0.035 * near + rng.uniform(0, 0.02) * h) for x, y in reversed(crown)]
    lip = crown[-1][0] + canvas.w * 0.008, crown[-1][1] + h * 0.03
    canvas.shape([*crown, lip, *under], mix(green, "#ffffff", 0.12), green)


def lighthouse(canvas: Canvas, *, heaven: Colours, deep: Colours, rock: str, stripe: str) -> None:
    """
    A striped tower on its rock.
    """
    w, h = canvas.size
    sky.sky(canvas, *heaven, horizon=0.68)
    cloud = mix(heaven[-1], "#ffffff", 0.35)
    sky.clouds(canvas, cloud, top=0.05, bottom=0.66, cover=0.48, stretch=4.5, opacity=0.75)
    sky.sun(canvas, canvas.at(0.2, 0.58), h * 0.04, "#fff6d8", "#ffcf90")
    water.sea(canvas, h * 0.68, *deep)
    water.glitter(canvas, canvas.at(0.2, 0.68), "#fff0cc", width=0.07, count=600)
    line = []
    for x, y in land.ridge(canvas.rng, w * 0.72, 0, h * 0.05, 0.55):
        fall = 1 - max(0.0, min(1.0, x / (w * 0.4)))
        line.append((x + w * 0.3, h * (0.72 + 0.24 * fall**1.7) + y * (0.4 + fall)))
    with canvas.sheet() as sheet:
        things.lighthouse(sheet.at(*canvas.at(0.68, 0.74), h * 0.5), stripe=stripe)
    _rocks(canvas, line, rock, heaven[-1])
    water.foam(canvas, canvas.at(0.29, 0.965), (w * 0.05, h * 0.025), h * 0.006, 420)
    sky.glow(canvas, canvas.at(0.68, 0.31), h * 0.16, "#fff0b8", 0.8)


def _rocks(canvas: Canvas, line: list[Point], rock: str, glint: str) -> None:
    """
    The headland in three steps down to the water.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    for step in range(3):
        drop, rough = h * 0.075 * step, h * 0.012 * step
        lower = [(x - step * w * 0.02, y + drop + rng.uniform(0, rough)) for x, y in line]
        tone = mix(rock, "#0a0a1c", 0.22 * step)
        lit = mix(tone, glint, 0.3 - 0.08 * step)
        floor = [(w + 4, h + 4), (lower[0][0], h + 4)]
        canvas.shape([*lower, *floor], lit, tone, mix(tone, "#0a0a1c", 0.4))
