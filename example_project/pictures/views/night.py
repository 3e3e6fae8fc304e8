"""
Night: lakes, northern lights, lit towns.
"""

from __future__ import annotations

from ..brushes import land, night, plants, sky, things, town, water
from ..canvas import Canvas
from ..colour import mix

__all__ = [
    "desert_stars",
    "fireworks",
    "gate",
    "lake",
    "lone_tree",
    "northern_lights",
    "roofs",
    "skyline",
]


def lake(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    far: str,
    near: str,
    at: tuple[float, float] | None,
    path: bool = False,
) -> None:
    """
    Stars, maybe a moon, and a still lake under the hills.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    shore = h * 0.62
    sky.sky(canvas, *heaven, horizon=0.62)
    if path:
        night.milky_way(canvas)
    night.stars(canvas, 1100, 0.62)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#c7d3f5", 0.3),
        top=0.2,
        bottom=0.6,
        cover=0.36,
        stretch=8,
        opacity=0.4,
    )
    if at:
        sky.moon(canvas, w * at[0], h * at[1], h * 0.05)
    land.ranges(canvas, far, near, top=0.5, bottom=0.6, layers=4, height=0.11, haze=0.25)
    water.mirror(canvas, shore, mix(near, "#060a1c", 0.4), dim=0.35, ripple=1.2)
    if at:
        water.glitter(canvas, w * at[0], shore, "#f3ecd0", width=0.05, count=420, opacity=0.7)
    bank = land.hills(rng, w, h * 1.0, h * 0.1, 0.7)
    dark = mix(near, "#02040c", 0.7)
    plants.firs(canvas, bank, h * 0.42, dark, count=9, between=(0.0, 0.2))
    plants.firs(canvas, bank, h * 0.3, dark, count=7, between=(0.86, 1.0))
    canvas.ground(bank, dark)
    plants.blades(canvas, h * 1.0, h * 0.12, [dark, mix(dark, near, 0.25)], 240)


def northern_lights(
    canvas: Canvas, *, low: str, high: str, water_at: float = 0.72, cottage: bool = False
) -> None:
    """
    Green curtains over snow and a fjord.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, "#050b24", "#0b1d3f", "#12395a", "#2a6470", horizon=0.75)
    night.stars(canvas, 800, 0.7)
    for y, sway, height in ((0.42, 0.06, 0.34), (0.5, 0.08, 0.5), (0.58, 0.05, 0.42)):
        night.aurora(canvas, y, sway, height, low, high)
    base = h * (water_at + 0.01)
    for x, y, spread in (
        (0.12, 0.46, 0.26),
        (0.9, 0.42, 0.28),
        (0.42, 0.58, 0.2),
        (0.68, 0.55, 0.2),
    ):
        land.peak(
            canvas,
            w * x,
            h * y,
            spread * max(w, h),
            base,
            light="#2c4a63",
            dark="#13243f",
            snow="#a9d3cf",
        )
    line = land.hills(rng, w, base - h * 0.01, h * 0.03, 1)
    canvas.ground(line, "#16304a", "#0e2138")
    plants.firs(canvas, line, h * 0.045, "#081426", count=90)
    water.mirror(canvas, base, "#071428", dim=0.35, ripple=1.3)
    bank = land.hills(rng, w, h * 0.96, h * 0.07, 0.6)
    plants.firs(canvas, bank, h * 0.26, "#050d1c", count=12, snow="#3f6f7c")
    canvas.ground(bank, "#8fbcbf", "#3f6b80", "#223f5a")
    if cottage:
        sheet = canvas.sheet()
        town.cabin(sheet, w * 0.34, h * 0.955, h * 0.13, wall="#7c2f2c", roof="#b5d6d6")
        canvas.lay(sheet)
        sky.glow(canvas, w * 0.34 + h * 0.065, h * 0.93, h * 0.16, "#ffc875", 0.5)


def desert_stars(canvas: Canvas) -> None:
    """
    The Milky Way stands over the dunes and one lit tent.
    """
    w, h = canvas.w, canvas.h
    sky.sky(canvas, "#070a24", "#141a4a", "#3a2f6b", "#9a5f7d", "#d98a72", horizon=0.7)
    night.milky_way(canvas)
    night.stars(canvas, 1700, 0.64)
    land.dune(canvas, (w * 0.76, h * 0.6), h * 0.8, light="#7d5170", dark="#46305c", lean=0.16)
    land.dune(canvas, (w * 0.2, h * 0.62), h * 0.95, light="#6b4361", dark="#35254d", lean=0.22)
    land.dune(canvas, (w * 0.58, h * 0.78), h * 1.25, light="#4f3353", dark="#241b3c", lean=0.3)
    x, y, wide = w * 0.36, h * 0.84, h * 0.12
    sky.glow(canvas, x, y, h * 0.3, "#ffb45e", 0.6)
    canvas.shape(
        [
            (x - wide * 0.7, y + wide * 0.15),
            (x, y - wide * 0.62),
            (x + wide * 0.7, y + wide * 0.15),
        ],
        "#ffd88f",
        "#e8893c",
    )
    canvas.shape(
        [
            (x - wide * 0.12, y + wide * 0.15),
            (x, y - wide * 0.3),
            (x + wide * 0.12, y + wide * 0.15),
        ],
        "#fff1c4",
    )


def skyline(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    tones: tuple[str, str, str],
    lit: str = "#ffd68a",
    stars: int = 0,
    at: tuple[float, float] | None = None,
    share: float = 0.3,
) -> None:
    """
    A town at dusk, doubled in the water.
    """
    w, h = canvas.w, canvas.h
    quay = h * 0.68
    sky.sky(canvas, *heaven, horizon=0.68)
    night.stars(canvas, stars, 0.4)
    sky.clouds(
        canvas,
        mix(heaven[-2], "#ffffff", 0.25),
        top=0.05,
        bottom=0.55,
        cover=0.46,
        stretch=6,
        opacity=0.55,
    )
    if at:
        sky.moon(canvas, w * at[0], h * at[1], h * 0.045)
    sky.glow(canvas, w * 0.55, quay, h * 0.75, heaven[-1], 0.55)
    for step, tone in enumerate(tones):
        town.skyline(
            canvas,
            quay,
            h * (0.46 - 0.1 * step),
            tone,
            lit=lit if step else None,
            share=share * (0, 0.35, 0.6)[step],
            width=0.035 + 0.012 * step,
        )
        sky.mist(canvas, 0.66, 0.16, mix(heaven[-1], tone, 0.3), 0.4 - 0.14 * step)
    canvas.ground([(-4, quay), (w + 4, quay)], mix(tones[-1], "#04060f", 0.4))
    lamps = 28
    for number in range(lamps):
        sky.glow(canvas, w * (number + 0.5) / lamps, quay - h * 0.004, h * 0.02, "#ffe3a8", 0.9)
    water.mirror(canvas, quay + 3, mix(tones[-1], heaven[0], 0.5), dim=0.4, ripple=2.0, squeeze=1.9)


def roofs(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    walls: tuple[str, ...],
    tiles: tuple[str, ...],
    hill: str,
    glass: str,
    lit: float = 0.0,
    at: tuple[float, float] | None = None,
    stars: int = 0,
    sun: str | None = None,
    sea: str | None = None,
    green: str = "#4f7f4a",
    chapel: str | None = None,
) -> None:
    """
    Houses climb the hills above the bay.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.6)
    night.stars(canvas, stars, 0.4)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#ffffff", 0.5),
        top=0.0,
        bottom=0.4,
        cover=0.46,
        stretch=4,
        opacity=0.6,
    )
    if sea:
        water.sea(canvas, h * 0.42, mix(sea, heaven[-1], 0.4), sea)
    if at and sun:
        sky.sun(canvas, w * at[0], h * at[1], h * 0.035, "#fff4d6", sun)
    elif at:
        sky.moon(canvas, w * at[0], h * at[1], h * 0.06)
    for step, (y, bottom, size) in enumerate(
        ((0.44, 0.62, 0.038), (0.56, 0.84, 0.06), (0.74, 1.08, 0.1))
    ):
        line = land.hills(rng, w, h * y, h * 0.16, 0.62)
        share = 0.55 - 0.27 * step
        canvas.ground(line, mix(hill, heaven[-1], share), hill)
        faded = [mix(wall, heaven[-1], share) for wall in walls]
        town.hillside(
            canvas,
            line,
            h * bottom,
            faded,
            roofs=[mix(tile, heaven[-1], share) for tile in tiles],
            glass=mix(glass, heaven[-1], share * 0.6),
            lit=lit,
            size=size,
            green=mix(green, heaven[-1], share),
        )
        if step < 2:
            sky.mist(canvas, bottom, 0.18, heaven[-1], 0.35)
        if step == 0 and chapel:
            sheet = canvas.sheet()
            town.church(sheet, w * 0.66, h * 0.57, h * 0.2, wall=chapel, roof=tiles[0], glass=glass)
            canvas.lay(sheet)


def fireworks(canvas: Canvas) -> None:
    """
    Midnight on the last day of the year.
    """
    w, h = canvas.w, canvas.h
    quay = h * 0.76
    sky.sky(canvas, "#060920", "#10163f", "#2b2560", "#5d3f78", horizon=0.76)
    night.stars(canvas, 300, 0.5)
    bursts = [
        (0.3, 0.28, 0.2, "#ffb84d"),
        (0.62, 0.2, 0.17, "#ff5f7e"),
        (0.82, 0.36, 0.13, "#6fd3ff"),
        (0.12, 0.44, 0.1, "#9dff9a"),
        (0.47, 0.45, 0.11, "#d79bff"),
    ]
    for x, y, radius, colour in bursts:
        night.fireworks(canvas, w * x, h * y, h * radius, colour)
    town.skyline(canvas, quay, h * 0.2, "#262050", lit=None, width=0.03)
    town.skyline(canvas, quay, h * 0.13, "#15122f", lit="#ffcf86", share=0.34, width=0.04)
    canvas.ground([(-4, quay), (w + 4, quay)], "#0c0c24")
    water.mirror(canvas, quay + 2, "#0a0d2a", dim=0.3, ripple=2.0, squeeze=2.6)


def lone_tree(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    leaves: tuple[str, ...],
    turf: tuple[str, str],
    stars: int = 0,
    falling: int = 0,
    sun: tuple[float, float, str] | None = None,
) -> None:
    """
    One tree on a round hill, against the sky.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.8)
    if stars:
        night.milky_way(canvas)
    night.stars(canvas, stars, 0.72)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#ffffff", 0.3),
        top=0.1,
        bottom=0.7,
        cover=0.42,
        stretch=5,
        opacity=0.5,
    )
    if sun:
        sky.sun(canvas, w * sun[0], h * sun[1], h * 0.05, "#fff3d0", sun[2])
    night.meteors(canvas, falling)
    land.ranges(
        canvas,
        mix(turf[0], heaven[-1], 0.65),
        mix(turf[0], heaven[-1], 0.3),
        top=0.68,
        bottom=0.76,
        layers=3,
        height=0.07,
        haze=0.25,
        soft=True,
    )
    line = [(w * t / 60, h * (0.8 + 0.5 * (t / 60 - 0.56) ** 2)) for t in range(-1, 62)]
    canvas.ground(line, *turf)
    land.shade(canvas, h * 0.8, mix(turf[0], "#fff2b0", 0.3), 0.35, 5)
    sheet = canvas.sheet()
    plants.tree(
        sheet, rng, w * 0.58, h * 0.815, h * 0.5, leaves, mix(turf[1], "#1d1014", 0.6), 0.34
    )
    canvas.lay(sheet)
    plants.blades(canvas, h * 1.0, h * 0.09, [turf[0], turf[1], mix(turf[0], turf[1], 0.5)], 360)


def gate(canvas: Canvas) -> None:
    """
    A red gate in the water at first light.
    """
    w, h = canvas.w, canvas.h
    shore = h * 0.61
    sky.sky(canvas, "#6f7fb8", "#b79cc4", "#f2b8a8", "#ffdfb0", horizon=0.61)
    sky.clouds(canvas, "#ffd9c9", top=0.0, bottom=0.5, cover=0.48, stretch=6, opacity=0.7)
    sky.sun(canvas, w * 0.5, h * 0.515, h * 0.042, "#fff5d8", "#ffc890")
    land.ranges(
        canvas, "#d6a9b8", "#8a7aa3", top=0.565, bottom=0.6, layers=4, height=0.05, haze=0.4
    )
    sheet = canvas.sheet()
    things.gate(sheet, w * 0.5, h * 0.74, h * 0.46, "#c9402f")
    canvas.ground([(-4, shore), (w + 4, shore)], "#d9a9a8")
    water.mirror(canvas, shore, "#6a6a9c", dim=0.35, ripple=1.2)
    water.glitter(canvas, w * 0.5, shore, "#fff0cf", width=0.07, count=420, opacity=0.6)
    water.reflect(canvas, sheet, h * 0.74, 0.55)
    canvas.lay(sheet)
    sky.mist(canvas, 0.62, 0.1, "#ffe6d4", 0.5)
