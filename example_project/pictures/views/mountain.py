"""
Mountains, hills and dunes.
"""

from __future__ import annotations

from ..brushes import land, plants, sky, things, town
from ..canvas import Canvas
from ..colour import mix

__all__ = ["balloons", "desert", "layers", "peaks", "rainbow_moor", "snow_valley"]


def layers(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    far: str,
    near: str,
    sun: tuple[float, float],
    light: str = "#fff0c4",
    halo: str = "#ffc58a",
    soft: bool = False,
    top: float = 0.45,
) -> None:
    """
    Range behind range in the haze of a low sun.
    """
    sky.sky(canvas, *heaven, horizon=0.75)
    sky.clouds(
        canvas, mix(light, halo, 0.4), top=0.05, bottom=0.45, cover=0.45, stretch=5, opacity=0.5
    )
    sky.sun(canvas, canvas.w * sun[0], canvas.h * sun[1], canvas.h * 0.04, light, halo)
    land.ranges(canvas, far, near, top=top, bottom=0.9, layers=6, height=0.15, haze=0.4, soft=soft)
    sky.glow(canvas, canvas.w * sun[0], canvas.h * (sun[1] + 0.12), canvas.h * 0.6, halo, 0.28)
    line = land.hills(canvas.rng, canvas.w, canvas.h * 0.97, canvas.h * 0.09, 0.8)
    plants.firs(canvas, line, canvas.h * 0.15, mix(near, "#05060f", 0.45), count=48)
    canvas.ground(line, mix(near, "#05060f", 0.5))


def peaks(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    light: str,
    dark: str,
    snow: str,
    hills: tuple[str, str],
    cloud: str = "#ffffff",
) -> None:
    """
    Snowy summits over foothills.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.7)
    sky.clouds(canvas, cloud, top=0.0, bottom=0.42, cover=0.46, stretch=4)
    pale = mix(heaven[-1], light, 0.45)
    land.ranges(
        canvas,
        mix(heaven[-1], pale, 0.4),
        pale,
        top=0.42,
        bottom=0.5,
        layers=2,
        height=0.16,
        haze=0.2,
    )
    for x, y, spread in (
        (0.16, 0.33, 0.2),
        (0.86, 0.3, 0.22),
        (0.36, 0.24, 0.2),
        (0.64, 0.14, 0.3),
    ):
        canvas_spread = spread * max(w, h * 1.3)
        land.peak(canvas, w * x, h * y, canvas_spread, h * 0.74, light=light, dark=dark, snow=snow)
    sky.mist(canvas, 0.7, 0.26, mix(heaven[-1], "#ffffff", 0.35), 0.85)
    for y, share, count in ((0.74, 0.0, 70), (0.82, 0.45, 60), (0.92, 1.0, 40)):
        line = land.hills(rng, w, h * y, h * 0.08, 1.1)
        tone = mix(*hills, share)
        plants.firs(
            canvas, line, h * (0.05 + 0.11 * share), mix(tone, "#0c1a2a", 0.35), count=count
        )
        canvas.ground(line, tone, mix(tone, "#0b1420", 0.3))


def snow_valley(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    far: str,
    snow: tuple[str, str],
    wood: str,
    home: bool = True,
    light: tuple[float, float, str] | None = None,
    flakes: int = 0,
) -> None:
    """
    White hills with snow-laden firs, and perhaps a cabin.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.7)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.5, cover=0.5, stretch=4, opacity=0.4)
    if light:
        sky.sun(canvas, w * light[0], h * light[1], h * 0.035, "#fffaf0", light[2])
    land.ranges(
        canvas,
        mix(far, heaven[-1], 0.5),
        far,
        top=0.42,
        bottom=0.52,
        layers=3,
        height=0.16,
        haze=0.3,
    )
    white, blue = snow
    for step, (y, tall, count) in enumerate(((0.6, 0.09, 70), (0.7, 0.17, 34), (0.84, 0.34, 9))):
        line = land.hills(rng, w, h * y, h * 0.1, 0.9)
        tone = mix(wood, heaven[-1], 0.45 - 0.22 * step)
        if step < 2:
            plants.firs(
                canvas, line, h * tall, tone, count=count, snow=mix(white, tone, 0.3 - 0.14 * step)
            )
        canvas.ground(
            line,
            mix(white, heaven[-1], 0.3 - 0.15 * step),
            mix(blue, heaven[-1], 0.25 - 0.12 * step),
            blue,
        )
    land.shade(canvas, h * 0.72, mix(blue, wood, 0.2), 0.4, 6)
    if home:
        _cabin(canvas, wood, white)
    for x, y, tall in (
        (0.05, 1.0, 0.62),
        (0.93, 1.04, 0.74),
        (0.17, 0.97, 0.4),
        (0.82, 0.95, 0.34),
    ):
        sheet = canvas.sheet()
        plants.fir(sheet, rng, w * x, h * y, h * tall, wood, white)
        canvas.lay(sheet)
    land.speckle(canvas, -h * 0.5, ["#ffffff"], count=flakes, size=0.0038, tall=1)


def _cabin(canvas: Canvas, wood: str, white: str) -> None:
    x, y, wide = canvas.w * 0.56, canvas.h * 0.84, canvas.h * 0.17
    sheet = canvas.sheet()
    town.cabin(sheet, x, y, wide, wall="#7a4630", roof=white)
    canvas.lay(sheet)
    sky.glow(canvas, x + wide * 0.5, y - wide * 0.15, wide * 1.3, "#ffc46b", 0.4)
    smoke = canvas.stencil()
    for puff in range(26):
        share = puff / 25
        radius = wide * (0.03 + 0.1 * share)
        smoke.ellipse(
            x + wide * (0.73 + share * 0.5 * share),
            y - wide * (0.86 + share * 0.75),
            radius,
            radius * 0.8,
            round(150 * (1 - share)),
        )
    canvas.paint(smoke, "#ffffff", opacity=0.55)


def desert(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    light: str,
    dark: str,
    sun: tuple[float, float] | None = None,
    halo: str = "#ffd9a0",
) -> None:
    """
    Dunes behind dunes.
    """
    w, h = canvas.w, canvas.h
    sky.sky(canvas, *heaven, horizon=0.7)
    if sun:
        sky.clouds(canvas, "#fff3e0", top=0.05, bottom=0.45, cover=0.4, stretch=6, opacity=0.45)
        sky.sun(canvas, w * sun[0], h * sun[1], h * 0.045, "#fff6da", halo)
    haze = mix(heaven[-1], light, 0.4)
    for x, y, base, near in (
        (0.8, 0.56, 0.72, 0.2),
        (0.22, 0.54, 0.78, 0.42),
        (0.66, 0.6, 0.92, 0.72),
        (0.28, 0.72, 1.2, 1.0),
    ):
        lit, shaded = mix(haze, light, near), mix(mix(haze, dark, 0.35), dark, near)
        land.dune(canvas, (w * x, h * y), h * base, light=lit, dark=shaded, lean=0.1 + 0.25 * near)
    land.shade(canvas, h * 0.62, mix(light, "#ffffff", 0.3), 0.16, 8)


def balloons(canvas: Canvas) -> None:
    """
    A morning of balloons over a rocky valley.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, "#5f86c4", "#a9b8de", "#f3cdb8", "#ffdca8", horizon=0.72)
    sky.clouds(canvas, "#fff0e0", top=0.0, bottom=0.5, cover=0.42, stretch=6, opacity=0.6)
    sky.sun(canvas, w * 0.24, h * 0.6, h * 0.035, "#fff7dd", "#ffcf8a")
    land.ranges(
        canvas, "#dfb3a6", "#8a5566", top=0.62, bottom=0.86, layers=5, height=0.13, haze=0.45
    )
    inks = [
        ("#d9483b", "#f6e7c8"),
        ("#e8a02f", "#b7372f"),
        ("#2f6f9f", "#f3d9a0"),
        ("#7c4a8f", "#f0b24a"),
        ("#2e8b7f", "#f7eed8"),
    ]
    sheet = canvas.sheet()
    spots = [
        (0.1, 0.36, 0.06),
        (0.38, 0.5, 0.045),
        (0.47, 0.18, 0.075),
        (0.9, 0.44, 0.07),
        (0.56, 0.42, 0.04),
        (0.82, 0.14, 0.06),
        (0.3, 0.16, 0.1),
        (0.69, 0.34, 0.26),
    ]
    for number, (x, y, size) in enumerate(spots):
        things.balloon(sheet, w * x, h * y, h * size, inks[number % 5])
    canvas.lay(sheet)
    line = land.ridge(rng, w, h * 0.93, h * 0.1, 0.45)
    canvas.ground(line, "#5b3348", "#3a2038")


def rainbow_moor(canvas: Canvas) -> None:
    """
    Rain moves off over the moor.
    """
    w, h = canvas.w, canvas.h
    sky.sky(canvas, "#566273", "#7d8b9b", "#a9b4ba", "#cfd3cd", horizon=0.62)
    sky.clouds(canvas, "#454f60", top=-0.1, bottom=0.5, cover=0.6, stretch=3, opacity=0.75)
    sky.clouds(canvas, "#d8dcda", top=0.1, bottom=0.6, cover=0.4, stretch=5, opacity=0.6)
    sky.rainbow(canvas, w * 0.58, h * 0.86, h * 0.74, h * 0.075)
    land.ranges(
        canvas,
        "#8e9b9c",
        "#5f6b4e",
        top=0.52,
        bottom=0.72,
        layers=4,
        height=0.09,
        haze=0.35,
        soft=True,
    )
    line = land.hills(canvas.rng, w, h * 0.76, h * 0.06, 0.7)
    canvas.ground(line, "#8a8a4f", "#5b5a38", "#3c3f2c")
    land.shade(canvas, h * 0.74, "#c9b563", 0.5, 5)
    land.speckle(
        canvas,
        h * 0.78,
        ["#8f5a86", "#a8709a", "#6f4a6e", "#7c7a3c"],
        count=2600,
        size=0.008,
        tall=0.6,
    )
    plants.blades(canvas, h * 1.0, h * 0.12, ["#6b6a37", "#8c8548", "#4a4d2d", "#a3945a"], 420)
