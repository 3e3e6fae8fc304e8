"""
Fields, meadows and terraces.
"""

from __future__ import annotations

import math

from ..brushes import land, plants, sky, things, water
from ..canvas import Canvas, Point
from ..colour import mix

__all__ = ["meadow", "orchard", "planted", "terraces"]


def planted(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    hills: tuple[str, str],
    colours: tuple[str, str],
    soil: tuple[str, str],
    sun: tuple[float, float, str] | None = None,
    bushy: float = 0.5,
    gap: float = 0.19,
    tree_tones: tuple[str, ...] = (),
    eye: float = 0.5,
) -> None:
    """
    Rows of bushes that run to the horizon.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    horizon = h * 0.46
    sky.sky(canvas, *heaven, horizon=0.46)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#ffffff", 0.45),
        top=0.0,
        bottom=0.44,
        cover=0.5,
        stretch=4,
        opacity=0.75,
    )
    if sun:
        sky.sun(canvas, w * sun[0], h * sun[1], h * 0.04, "#fff5d6", sun[2])
    land.ranges(
        canvas,
        hills[0],
        hills[1],
        top=0.37,
        bottom=0.44,
        layers=4,
        height=0.07,
        haze=0.3,
        soft=True,
    )
    land.rows(canvas, horizon, w * eye, colours=colours, soil=soil, bushy=bushy, gap=gap)
    if tree_tones:
        sheet = canvas.sheet()
        for x, tall in ((0.73, 0.2), (0.8, 0.13), (0.2, 0.1)):
            plants.tree(sheet, rng, w * x, horizon + h * 0.012, h * tall, tree_tones, "#3a2a26")
        canvas.lay(sheet)
    if sun:
        sky.glow(canvas, w * sun[0], h * sun[1], h * 0.7, sun[2], 0.3)


def meadow(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    hills: tuple[str, str],
    turf: tuple[str, str],
    petals: tuple[str, ...],
    heart: str = "#f4c542",
    peak: bool = False,
) -> None:
    """
    A meadow in flower under fair-weather clouds.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.55)
    sky.clouds(canvas, "#ffffff", top=0.02, bottom=0.46, cover=0.52, stretch=2.4, opacity=0.95)
    if peak:
        for x, y, spread in ((0.2, 0.28, 0.24), (0.78, 0.22, 0.28), (0.5, 0.32, 0.2)):
            land.peak(
                canvas,
                w * x,
                h * y,
                spread * max(w, h),
                h * 0.58,
                light="#a9b8cf",
                dark="#7488ad",
                snow="#fbfdff",
            )
        sky.mist(canvas, 0.54, 0.14, heaven[-1], 0.7)
    land.ranges(
        canvas,
        hills[0],
        hills[1],
        top=0.48,
        bottom=0.56,
        layers=4,
        height=0.09,
        haze=0.25,
        soft=True,
    )
    line = land.hills(rng, w, h * 0.6, h * 0.06, 0.7)
    plants.treeline(canvas, line, h * 0.06, (mix(hills[1], "#0f2a1a", 0.25), hills[1]), 60)
    canvas.ground(line, *turf, mix(turf[1], "#0c1f10", 0.3))
    land.shade(canvas, h * 0.6, mix(turf[0], "#fff7a8", 0.4), 0.55, 5)
    land.speckle(canvas, h * 0.625, petals, count=2400, size=0.008, tall=0.65)
    for y, tall, count in ((0.82, 0.1, 260), (0.93, 0.15, 280), (1.03, 0.2, 260)):
        plants.blades(
            canvas,
            h * y,
            h * tall,
            [turf[0], turf[1], mix(turf[0], "#e8f0a0", 0.3), mix(turf[1], "#0c1f10", 0.3)],
            count,
        )
        _blooms(canvas, y, tall, petals, heart)


def _blooms(canvas: Canvas, y: float, tall: float, petals: tuple[str, ...], heart: str) -> None:
    sheet = canvas.sheet()
    for _ in range(42):
        x = canvas.rng.uniform(0, canvas.w)
        top = canvas.h * (y - tall * canvas.rng.uniform(0.25, 0.85))
        size = canvas.h * tall * canvas.rng.uniform(0.1, 0.17)
        plants.flower(sheet, canvas.rng, x, top, size, canvas.rng.choice(petals), heart, size * 4)
    canvas.lay(sheet)


def terraces(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    green: tuple[str, str],
    shine: str,
    hills: tuple[str, str],
) -> None:
    """
    Flooded steps of rice that mirror the sky.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.42)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.36, cover=0.46, stretch=4, opacity=0.7)
    sky.sun(canvas, w * 0.7, h * 0.2, h * 0.035, "#fff6dc", heaven[-1])
    land.ranges(canvas, *hills, top=0.26, bottom=0.38, layers=4, height=0.13, haze=0.45, soft=True)
    phase = rng.uniform(0, 6)
    for step in range(13):
        share = step / 12
        line = _contour(canvas, share, phase + 0.42 * step)
        bank = mix(*green, share)
        canvas.ground(line, mix(bank, "#f2f7a8", 0.25), bank, mix(bank, "#16331f", 0.4))
        rise = h * (0.016 + 0.04 * share)
        pool = [(x, y + rise * (0.75 + 0.5 * math.sin(phase + 6 * x / w + step))) for x, y in line]
        canvas.ground(
            pool, mix(shine, "#ffffff", 0.4), shine, mix(heaven[0], shine, 0.35), heaven[0]
        )
        _sprouts(canvas, pool, rise, bank)
    line = land.hills(rng, w, h * 0.4, h * 0.02, 1)
    plants.treeline(canvas, line, h * 0.032, (mix(hills[1], "#16331f", 0.25), hills[1]), 170)
    sky.mist(canvas, 0.41, 0.12, "#fff4e4", 0.6)
    plants.blades(canvas, h * 1.02, h * 0.12, [*green, mix(green[1], "#16331f", 0.4)], 300)


def _contour(canvas: Canvas, share: float, phase: float) -> list[Point]:
    """
    The edge of one step, following the bulge of the hill.
    """
    line = []
    for i in range(101):
        t = i / 100
        bend = math.sin(phase * 0.8 + 5.2 * t) + 0.5 * math.sin(phase * 1.7 + 11 * t)
        bulge = 0.2 * (t - 0.42) ** 2 * (0.4 + share)
        y = 0.39 + 0.6 * share**1.4 + (0.012 + 0.05 * share) * bend + bulge - 0.02
        line.append((canvas.w * t, canvas.h * y))
    return line


def _sprouts(canvas: Canvas, line: list[tuple[float, float]], drop: float, green: str) -> None:
    sheet = canvas.sheet()
    for _ in range(60):
        x, y = canvas.rng.choice(line)
        foot, tall = y + drop * canvas.rng.uniform(0.25, 1.3), drop * 0.3
        x += canvas.rng.uniform(-12, 12)
        for lean in (-0.5, 0, 0.5):
            sheet.line(
                [(x, foot), (x + lean * tall, foot - tall)],
                max(0.6, drop * 0.035),
                mix(green, "#eaf5a0", 0.15),
            )
    canvas.lay(sheet)


def orchard(
    canvas: Canvas, *, blossom: tuple[str, ...], heaven: tuple[str, ...], stream: bool = False
) -> None:
    """
    Trees in blossom, by a stream or on the grass.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.6)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.45, cover=0.46, stretch=3.4, opacity=0.75)
    land.ranges(
        canvas,
        "#b9c9dc",
        "#8fae93",
        top=0.42,
        bottom=0.54,
        layers=4,
        height=0.1,
        haze=0.4,
        soft=True,
    )
    line = land.hills(rng, w, h * 0.58, h * 0.03, 0.8)
    plants.treeline(canvas, line, h * 0.09, [mix(tone, heaven[-1], 0.3) for tone in blossom], 110)
    canvas.ground(line, "#a9c46c", "#7fa653", "#5b8746")
    land.shade(canvas, h * 0.58, "#e9f0a6", 0.5, 5)
    if stream:
        water.mirror(canvas, h * 0.66, "#6f9fb8", dim=0.5, ripple=1.2)
        bank = land.hills(rng, w, h * 0.86, h * 0.07, 0.6)
        canvas.ground(bank, "#b5cc74", "#6f9c4c", "#4a7a3c")
    for foot, tall, spots in ((0.66, 0.3, (0.16, 0.42, 0.7, 0.92)), (0.9, 0.6, (0.05, 0.9))):
        sheet = canvas.sheet()
        for x in spots:
            plants.tree(sheet, rng, w * x, h * foot, h * tall, blossom, "#4a3038", 0.42)
        canvas.lay(sheet)
    land.speckle(canvas, h * (0.86 if stream else 0.66), blossom, count=900, size=0.0045, tall=0.5)
    if stream:
        plants.bough(
            canvas,
            (w * 1.02, h * 0.02),
            (w * 0.56, h * 0.16),
            h * 0.014,
            bark="#3d2830",
            petals=blossom,
        )
    else:
        plants.blades(canvas, h * 1.02, h * 0.11, ["#6f9a48", "#8db558", "#557f3c"], 360)
    _ = things
