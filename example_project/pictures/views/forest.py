"""
Woods, and temples in them.
"""

from __future__ import annotations

from ..brushes import land, plants, sky, things, water
from ..canvas import Canvas
from ..colour import mix

__all__ = ["autumn_lake", "autumn_wood", "bamboo_grove", "castle_hill", "misty_firs", "temple"]


def autumn_wood(
    canvas: Canvas, *, leaves: tuple[str, ...], haze: str, light: str, trunk: str = "#3a2630"
) -> None:
    """
    Trunk behind trunk, and leaves on the ground.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, mix(haze, light, 0.3), light, haze)
    sky.glow(canvas, w * 0.56, h * 0.42, h * 0.75, "#fff6dc", 0.8)
    for step in range(5):
        share = step / 4
        fade = 0.78 - 0.72 * share
        floor = h * (0.66 + 0.2 * share)
        sheet = canvas.sheet()
        count = 15 - 3 * step
        for number in range(count):
            x = w * (number + rng.uniform(0.05, 0.95)) / count
            if step > 2 and 0.36 < x / w < 0.68:
                continue
            tall = h * (0.55 + 0.55 * share)
            tones = [mix(tone, haze, fade) for tone in leaves]
            plants.tree(sheet, rng, x, floor + h * 0.03, tall, tones, mix(trunk, haze, fade), 0.25)
        canvas.lay(sheet)
        ground = mix(leaves[0], trunk, 0.25)
        canvas.ground(
            land.hills(rng, w, floor, h * 0.03, 1),
            mix(ground, haze, fade),
            mix(ground, haze, fade * 0.6),
        )
        if step < 4:
            sky.mist(canvas, floor / h - 0.05, 0.3, haze, 0.5)
    sky.rays(canvas, w * 0.6, -h * 0.1, "#fff3d2", 0.3)
    land.speckle(canvas, h * 0.8, leaves, count=1800, size=0.0085, tall=0.5)


def misty_firs(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    far: str,
    near: str,
    sun: tuple[float, float] | None = None,
) -> None:
    """
    Firs step forward out of the mist.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.8)
    if sun:
        sky.sun(canvas, w * sun[0], h * sun[1], h * 0.035, "#fffdf2", "#fff0d0")
    for step in range(6):
        share = step / 5
        line = land.hills(rng, w, h * (0.44 + 0.5 * share), h * 0.15, 0.9)
        tone = mix(far, near, share**1.2)
        plants.firs(canvas, line, h * (0.1 + 0.24 * share), tone, count=80 - 11 * step)
        canvas.ground(line, tone, mix(tone, heaven[-1], 0.55))
        if step < 5:
            sky.mist(canvas, 0.58 + 0.46 * share, 0.3, mix(heaven[-1], "#ffffff", 0.3), 0.62)


def bamboo_grove(canvas: Canvas) -> None:
    """
    A path between tall green stems.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, "#5f9a57", "#b9d98a", "#e9f3b8", "#8fb765")
    sky.glow(canvas, w * 0.5, h * 0.46, h * 0.5, "#fffde0", 0.9)
    for step, (count, width) in enumerate(((44, 0.006), (30, 0.011), (20, 0.019))):
        plants.bamboo(canvas, count, mix("#c4de92", "#4f8f45", step / 2), h * width)
        sky.mist(canvas, 0.5, 0.9, "#eaf6c4", 0.4 - 0.1 * step)
    sky.glow(canvas, w * 0.5, h * 0.5, h * 0.42, "#fbffdc", 0.75)
    eye = h * 0.62
    canvas.shape(
        [
            (-4, h * 0.8),
            (w * 0.44, eye),
            (w * 0.56, eye),
            (w + 4, h * 0.8),
            (w + 4, h + 4),
            (-4, h + 4),
        ],
        "#9db35c",
        "#4a6a35",
        "#2f4a2b",
    )
    canvas.shape(
        [(w * 0.47, eye), (w * 0.53, eye), (w * 0.8, h + 4), (w * 0.14, h + 4)],
        "#f0e6b4",
        "#cdb985",
        "#9f8e66",
    )
    land.shade(canvas, eye, "#2b4a2a", 0.35, 8)
    sheet = canvas.sheet()
    for side in (-1, 1):
        for post in range(14):
            depth = (post / 13) ** 1.7
            x = w * (0.5 + side * (0.036 + 0.36 * depth))
            foot = eye + (h - eye) * depth * 1.05
            sheet.box(
                x,
                foot - h * (0.012 + 0.09 * depth),
                w * (0.003 + 0.012 * depth),
                h * (0.012 + 0.09 * depth),
                mix("#a58d54", "#5f4a2c", depth),
            )
        rail = [
            (
                w * (0.5 + side * (0.036 + 0.36 * d)),
                eye + (h - eye) * d * 1.05 - h * (0.01 + 0.075 * d),
            )
            for d in (0.0, 0.1, 0.3, 0.6, 1.0)
        ]
        sheet.line(rail, h * 0.004, "#8a7142")
    canvas.lay(sheet)
    sheet = canvas.sheet()
    for x in (0.02, 0.12, 0.93, 1.0):
        tone = mix("#3f7d3a", "#16301b", rng.uniform(0.1, 0.4))
        sheet.line([(w * x, -4), (w * x + rng.uniform(-9, 9), h + 4)], h * 0.03, tone)
        sheet.line(
            [(w * x - h * 0.008, -4), (w * x - h * 0.008, h + 4)],
            h * 0.006,
            mix(tone, "#d9f09a", 0.35),
        )
    canvas.lay(sheet)
    _leaves(canvas)
    sky.rays(canvas, w * 0.5, -h * 0.1, "#fdffd6", 0.3)


def _leaves(canvas: Canvas) -> None:
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(700):
        x, y = rng.uniform(0, canvas.w), canvas.h * 0.4 * rng.random() ** 1.7
        size = canvas.h * rng.uniform(0.012, 0.026)
        dx, dy = size * rng.uniform(-0.8, 0.8), size * rng.uniform(0.3, 1)
        tone = mix("#4f8f42", "#cbe58a", rng.random())
        sheet.polygon(
            [
                (x, y),
                (x + dx * 0.5 + size * 0.1, y + dy * 0.5),
                (x + dx, y + dy),
                (x + dx * 0.5 - size * 0.1, y + dy * 0.5),
            ],
            tone,
        )
    canvas.lay(sheet)


def castle_hill(canvas: Canvas) -> None:
    """
    A painted castle above the clouds.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, "#7fb2d8", "#bcd6e4", "#f1ead8", "#f6dcc0", horizon=0.7)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.5, cover=0.5, stretch=2.4, opacity=0.85)
    land.ranges(canvas, "#c4d3d8", "#8fae9f", top=0.5, bottom=0.6, layers=3, height=0.1, haze=0.4)
    for step, (y, tone) in enumerate(((0.46, "#6f9a7d"), (0.66, "#4f7f5f"), (0.84, "#2f5a44"))):
        lift = 0.2 - 0.09 * step
        line = [(w * t / 60, h * (y + lift * ((t / 60 - 0.55) * 2.2) ** 2)) for t in range(-1, 62)]
        if step == 0:
            sheet = canvas.sheet()
            things.castle(sheet, w * 0.53, h * 0.462, w * 0.27, wall="#e8b04f", roof="#b8473d")
            things.castle(sheet, w * 0.68, h * 0.48, w * 0.15, wall="#b5473f", roof="#6a3a52")
            canvas.lay(sheet)
        plants.treeline(
            canvas,
            line,
            h * (0.026 + 0.016 * step),
            (mix(tone, "#bcd98a", 0.2), tone, mix(tone, "#16331f", 0.25)),
            130,
        )
        canvas.ground(line, tone, mix(tone, "#dfe9d4", 0.35))
        spots = [(w * rng.random(), h * (y + 0.04 + 0.16 * rng.random())) for _ in range(200)]
        plants.treeline(
            canvas,
            sorted(spots, key=lambda p: p[1]),
            h * (0.026 + 0.016 * step),
            (tone, mix(tone, "#bcd98a", 0.25)),
            220,
        )
        if step < 2:
            sky.mist(canvas, y + 0.2, 0.2, "#f7f3e6", 0.8)


def temple(
    canvas: Canvas, *, heaven: tuple[str, ...], leaves: tuple[str, ...], lit: str = "#ffcf7a"
) -> None:
    """
    A pagoda above dark roofs and trees.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.8)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#ffffff", 0.3),
        top=0.1,
        bottom=0.66,
        cover=0.44,
        stretch=4,
        opacity=0.55,
    )
    sky.moon(canvas, w * 0.24, h * 0.17, w * 0.045)
    land.ranges(
        canvas,
        mix(heaven[-1], heaven[1], 0.5),
        mix(heaven[0], heaven[1], 0.5),
        top=0.66,
        bottom=0.76,
        layers=4,
        height=0.08,
        haze=0.3,
        soft=True,
    )
    sky.glow(canvas, w * 0.56, h * 0.66, h * 0.4, lit, 0.4)
    sheet = canvas.sheet()
    things.pagoda(sheet, w * 0.56, h * 0.87, h * 0.62, wood="#5a2f33", roof="#1f2340", lit=lit)
    canvas.lay(sheet)
    for y, tall, count in ((0.87, 0.06, 150), (0.94, 0.07, 130), (0.99, 0.08, 90)):
        line = land.hills(rng, w, h * y, h * 0.05, 1.0)
        plants.treeline(canvas, line, h * tall, leaves, count)
        canvas.ground(line, mix(leaves[0], "#0b0d20", 0.5))
    for x, y in ((0.2, 0.9), (0.36, 0.93), (0.78, 0.9), (0.9, 0.95)):
        sky.glow(canvas, w * x, h * y, h * 0.045, "#ffd58a", 0.95)


def autumn_lake(canvas: Canvas) -> None:
    """
    Red and gold woods, twice over.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    shore = h * 0.56
    sky.sky(canvas, "#6fa3cf", "#aecbe0", "#e9e6d8", horizon=0.56)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.4, cover=0.48, stretch=4, opacity=0.85)
    for x, y, spread in ((0.3, 0.2, 0.22), (0.62, 0.15, 0.24), (0.88, 0.26, 0.2)):
        land.peak(
            canvas, w * x, h * y, w * spread, shore, light="#a9b4c6", dark="#7c8cab", snow="#ffffff"
        )
    tones = ("#c8512e", "#e09a35", "#b33a2c", "#d9772e", "#7f8f3f", "#ebbb4a")
    for y, tall, fade in ((0.45, 0.045, 0.35), (0.495, 0.055, 0.16), (0.54, 0.07, 0.0)):
        line = land.hills(rng, w, h * y, h * 0.06, 1.4)
        slope = [(x, py + h * tall * t) for t in (0.0, 0.5, 1.0) for x, py in line]
        canvas.ground(line, mix("#8f4a2b", "#c9d3dc", fade))
        plants.treeline(
            canvas, slope, h * tall, [mix(tone, "#c9d3dc", fade) for tone in tones], 420
        )
    canvas.ground([(-4, shore - h * 0.008), (w + 4, shore - h * 0.008)], "#6f4a35")
    sky.mist(canvas, 0.53, 0.07, "#f7ead8", 0.5)
    water.mirror(canvas, shore, "#2f4f6f", dim=0.4, ripple=1.5, squeeze=1.1)
    plants.blades(canvas, h * 1.02, h * 0.2, ["#a8823f", "#c9a04f", "#6f5a33"], 300)
