"""
The sea, its coasts and harbours.
"""

from __future__ import annotations

from ..brushes import land, plants, sky, things, town, water
from ..canvas import Canvas, Point
from ..colour import mix

__all__ = ["beach", "big_bridge", "canal", "cliffs", "harbour", "lighthouse", "sunset"]


def sunset(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    deep: tuple[str, ...],
    light: str,
    halo: str,
    x: float = 0.6,
    boats: bool = False,
    headland: str | None = None,
) -> None:
    """
    The sun goes down behind the sea.
    """
    w, h = canvas.w, canvas.h
    horizon = h * 0.6
    sky.sky(canvas, *heaven, horizon=0.6)
    sky.clouds(
        canvas, mix(heaven[0], halo, 0.35), top=0.0, bottom=0.5, cover=0.5, stretch=6, opacity=0.7
    )
    sky.clouds(
        canvas, mix(light, halo, 0.35), top=0.22, bottom=0.58, cover=0.42, stretch=9, opacity=0.75
    )
    sky.sun(canvas, w * x, h * 0.525, h * 0.05, light, halo, 11)
    water.sea(canvas, horizon, *deep)
    sky.glow(canvas, w * x, horizon, h * 0.5, halo, 0.5)
    water.glitter(canvas, w * x, horizon, light, width=0.1, count=900)
    sheet = canvas.sheet()
    if headland:
        _headland(canvas, horizon, headland)
    if boats:
        things.sailing_boat(
            sheet,
            w * 0.3,
            h * 0.78,
            h * 0.3,
            hull=mix(deep[-1], "#0a0618", 0.6),
            sail=mix(light, halo, 0.35),
        )
        water.reflect(canvas, sheet, h * 0.79, 0.4)
        things.sailing_boat(
            sheet,
            w * 0.8,
            h * 0.635,
            h * 0.06,
            hull=mix(deep[-1], "#0a0618", 0.5),
            sail=mix(light, halo, 0.6),
        )
    things.birds(sheet, canvas.rng, w * 0.36, h * 0.26, h * 0.1, mix(heaven[0], "#10081c", 0.6))
    canvas.lay(sheet)


def _headland(canvas: Canvas, horizon: float, colour: str) -> None:
    w, h = canvas.w, canvas.h
    for reach, low, tone in ((0.4, 0.1, mix(colour, "#ffb48a", 0.35)), (0.24, 0.17, colour)):
        line = []
        for x, y in land.ridge(canvas.rng, w * reach, 0, h * low * 0.28, 0.5):
            along = max(0.0, min(1.0, x / (w * reach)))
            line.append((x, horizon - h * low * (1 - along**1.8) + y * (1 - along)))
        canvas.shape(
            [*line, (w * reach * 1.03, horizon + 2), (-4, horizon + h * low * 0.14)],
            tone,
            mix(tone, "#0c0a20", 0.2),
        )


def beach(canvas: Canvas) -> None:
    """
    Clear water, a white line of surf and warm sand.
    """
    w, h = canvas.w, canvas.h
    sky.sky(canvas, "#3f8fd0", "#86c2e6", "#d6eef2", horizon=0.42)
    sky.clouds(canvas, "#ffffff", top=0.02, bottom=0.4, cover=0.5, stretch=2.6, opacity=0.95)
    water.sea(canvas, h * 0.42, "#2a7fb0", "#27a0b4", "#58c9bd", "#a9e6cf")
    _headland(canvas, h * 0.42, "#5d8f8a")
    shore = land.hills(canvas.rng, w, h * 0.78, h * 0.09, 0.6)
    water.foam(canvas, h * 0.68, h * 0.03, opacity=0.55)
    wet = [(x, y - h * 0.025) for x, y in shore]
    canvas.ground(wet, "#cdb98c", "#e3cc9b")
    canvas.ground(shore, "#f0dcae", "#e2c48d")
    stencil = canvas.stencil()
    for x, y in wet[::1]:
        for _ in range(5):
            size = canvas.rng.uniform(0.002, 0.007) * h
            stencil.ellipse(
                x + canvas.rng.uniform(-7, 7),
                y + canvas.rng.uniform(-0.004, 0.004) * h,
                size * 2.2,
                size,
            )
    canvas.paint(stencil, "#ffffff", opacity=0.9)
    land.shade(canvas, h * 0.8, "#c9a36c", 0.4, 6)
    plants.blades(canvas, h * 1.02, h * 0.2, ["#7c9a55", "#a3b268", "#5f8048", "#c3bd78"], 260)
    sheet = canvas.sheet()
    things.sailing_boat(sheet, w * 0.66, h * 0.5, h * 0.1, hull="#f6f3ea", sail="#ffffff")
    things.birds(sheet, canvas.rng, w * 0.3, h * 0.2, h * 0.08, "#f7fbff")
    canvas.lay(sheet)


def cliffs(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    rock: tuple[str, str],
    deep: tuple[str, ...],
    turf: str,
) -> None:
    """
    Headland after headland falls into the sea.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.5)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.46, cover=0.5, stretch=3.4, opacity=0.8)
    water.sea(canvas, h * 0.5, *deep)
    for reach, top, foot, share in (
        (0.74, 0.4, 0.535, 0.0),
        (0.6, 0.33, 0.61, 0.35),
        (0.45, 0.25, 0.74, 0.68),
        (0.27, 0.18, 0.98, 1.0),
    ):
        light, dark = (mix(heaven[-1], tone, 0.35 + 0.65 * share) for tone in rock)
        crown = [
            (x, y - h * 0.02) for x, y in land.hills(rng, w * reach * 0.86, h * top, h * 0.03, 0.8)
        ]
        crown = [(x, y + h * 0.05 * (max(0.0, x) / (w * reach * 0.86)) ** 4) for x, y in crown]
        face = land.ridge(rng, h * (foot - top) - (crown[-1][1] - h * top), 0, w * 0.02, 0.55)
        edge = [
            (
                w * reach * 0.86 + w * 0.1 * (max(0.0, d) / (h * (foot - top))) ** 1.6 + off,
                crown[-1][1] + max(0.0, d),
            )
            for d, off in face
        ]
        canvas.shape([*crown, *edge, (-4, h * foot)], light, mix(light, dark, 0.5))
        inner = [(x - w * 0.11 * (0.3 + 0.7 * share) - (y - h * top) * 0.12, y) for x, y in edge]
        canvas.shape([*edge, *reversed(inner)], dark, mix(dark, light, 0.25))
        land.strata(canvas, [*crown, *edge, (-4, h * foot)], dark, 0.5 * share + 0.1)
        green = mix(heaven[-1], turf, 0.4 + 0.6 * share)
        under = [
            (x, y + h * 0.035 * (0.4 + share) + rng.uniform(0, 0.02) * h)
            for x, y in reversed(crown)
        ]
        canvas.shape(
            [*crown, (edge[0][0] + w * 0.008, crown[-1][1] + h * 0.03), *under],
            mix(green, "#ffffff", 0.12),
            green,
        )
        _surf(canvas, edge[-1][0], h * foot, h * 0.012 * (0.4 + share))
    sheet = canvas.sheet()
    things.birds(sheet, rng, w * 0.7, h * 0.28, h * 0.09, "#ffffff", 9)
    canvas.lay(sheet)


def _surf(canvas: Canvas, right: float, y: float, height: float) -> None:
    stencil = canvas.stencil()
    for _ in range(260):
        x = right + height * 3 - abs(canvas.rng.gauss(0, 0.5)) * right
        size = height * canvas.rng.uniform(0.2, 1)
        stencil.ellipse(
            x,
            y + canvas.rng.gauss(0, 0.35) * height,
            size * 1.8,
            size * 0.5,
            canvas.rng.randint(120, 255),
        )
    canvas.paint(stencil, "#ffffff", opacity=0.9)


def lighthouse(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    deep: tuple[str, ...],
    rock: str,
    stripe: str,
    night: bool = False,
) -> None:
    """
    A striped tower on its rock.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    sky.sky(canvas, *heaven, horizon=0.68)
    sky.clouds(
        canvas,
        mix(heaven[-1], "#ffffff", 0.35),
        top=0.05,
        bottom=0.66,
        cover=0.48,
        stretch=4.5,
        opacity=0.75,
    )
    water.sea(canvas, h * 0.68, *deep)
    base, x = h * 0.72, w * 0.68
    line = []
    for px, py in land.ridge(rng, w * 0.72, 0, h * 0.05, 0.55):
        along = max(0.0, min(1.0, px / (w * 0.4)))
        line.append(
            (px + w * 0.3, base + py * 0.4 + h * 0.24 * (1 - along) ** 1.7 + py * (1 - along))
        )
    sheet = canvas.sheet()
    things.lighthouse(sheet, x, base + h * 0.02, h * 0.5, stripe=stripe)
    sheet.box(x + h * 0.07, base - h * 0.075, h * 0.17, h * 0.11, "#efe6d6")
    sheet.polygon(
        [
            (x + h * 0.06, base - h * 0.074),
            (x + h * 0.09, base - h * 0.125),
            (x + h * 0.22, base - h * 0.125),
            (x + h * 0.25, base - h * 0.074),
        ],
        stripe,
    )
    for share in (0.09, 0.15, 0.2):
        sheet.box(
            x + h * share, base - h * 0.05, h * 0.018, h * 0.03, "#ffd98a" if night else "#4d5b77"
        )
    canvas.lay(sheet)
    lamp = base + h * 0.02 - h * 0.425
    if night:
        _beam(canvas, x, lamp)
    _rocks(canvas, line, rock, heaven[-1])
    sky.glow(canvas, x, lamp, h * 0.16, "#fff0b8", 0.8)


def _rocks(canvas: Canvas, line: list[Point], rock: str, glint: str) -> None:
    """
    The headland in three steps down to the water, with surf at its foot.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    for step in range(3):
        lower = [
            (x - step * w * 0.02, y + step * h * 0.075 + rng.uniform(0, 0.012) * h * step)
            for x, y in line
        ]
        tone = mix(rock, "#0a0a1c", 0.22 * step)
        canvas.shape(
            [*lower, (w + 4, h + 4), (lower[0][0], h + 4)],
            mix(tone, glint, 0.3 - 0.08 * step),
            tone,
            mix(tone, "#0a0a1c", 0.4),
        )
    stencil = canvas.stencil()
    for _ in range(420):
        x, y = rng.gauss(w * 0.3, w * 0.06), h * rng.uniform(0.93, 1.0)
        size = h * rng.uniform(0.003, 0.012)
        stencil.ellipse(
            x + (y / h - 0.93) * w * 0.3, y, size * 2.2, size * 0.6, rng.randint(90, 240)
        )
    canvas.paint(stencil, "#ffffff", opacity=0.8)


def _beam(canvas: Canvas, x: float, y: float) -> None:
    for side in (-1, 1):
        for wide, light in ((0.16, 0.1), (0.1, 0.14), (0.05, 0.18)):
            end = x + side * canvas.w
            canvas.shape(
                [
                    (x, y - 2),
                    (end, y - canvas.h * (wide + 0.1)),
                    (end, y + canvas.h * (wide - 0.1)),
                    (x, y + 2),
                ],
                "#fff0b8",
                opacity=light,
            )


def harbour(
    canvas: Canvas,
    *,
    heaven: tuple[str, ...],
    walls: tuple[str, ...],
    hill: str,
    tint: str,
    light: str | None = None,
) -> None:
    """
    Painted boats lie in calm water before the town.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    shore = h * 0.54
    sky.sky(canvas, *heaven, horizon=0.54)
    sky.clouds(canvas, "#ffffff", top=0.0, bottom=0.4, cover=0.46, stretch=4, opacity=0.7)
    if light:
        sky.sun(canvas, w * 0.26, h * 0.3, h * 0.035, "#fffbe8", light)
    land.ranges(
        canvas,
        mix(hill, heaven[-1], 0.65),
        hill,
        top=0.3,
        bottom=0.4,
        layers=3,
        height=0.1,
        haze=0.3,
        soft=True,
    )
    line = land.hills(rng, w, h * 0.44, h * 0.06, 0.8)
    town.hillside(
        canvas,
        line,
        shore - h * 0.02,
        walls,
        roofs=("#c4553d", "#b5483a", "#d0694a"),
        glass="#52627f",
        size=0.042,
    )
    canvas.ground([(-4, shore - h * 0.012), (w + 4, shore - h * 0.012)], "#8f8578", "#6f675f")
    water.mirror(canvas, shore, tint, dim=0.5, ripple=1.4)
    water.swell(canvas, shore, "#ffffff", 0.16)
    inks = [
        ("#c8402f", "#f3e3c0"),
        ("#2c6fa5", "#f4c95d"),
        ("#2f8a6a", "#e8543f"),
        ("#e9b13c", "#2d5d8f"),
        ("#f2eee3", "#c0392b"),
    ]
    spots = [
        (0.12, 0.62, 0.1),
        (0.42, 0.6, 0.085),
        (0.68, 0.63, 0.11),
        (0.9, 0.6, 0.085),
        (0.29, 0.74, 0.18),
        (0.8, 0.8, 0.24),
        (0.05, 0.9, 0.26),
        (0.5, 0.92, 0.3),
    ]
    for number, (x, y, size) in enumerate(spots):
        _moored(canvas, w * x, h * y, h * size, inks[number % 5])


def _moored(canvas: Canvas, x: float, y: float, size: float, inks: tuple[str, str]) -> None:
    sheet = canvas.sheet()
    things.fishing_boat(sheet, x, y, size, hull=inks[0], trim=inks[1])
    water.reflect(canvas, sheet, y + size * 0.06)
    canvas.lay(sheet)


def canal(canvas: Canvas) -> None:
    """
    Gabled houses and their lights in a still canal.
    """
    w, h = canvas.w, canvas.h
    quay = h * 0.62
    sky.sky(canvas, "#26335f", "#5a5f93", "#c08a94", "#f6b98a", horizon=0.6)
    sky.clouds(canvas, "#f0a58c", top=0.0, bottom=0.45, cover=0.48, stretch=5, opacity=0.6)
    town.gables(
        canvas,
        quay,
        h * 0.34,
        ("#7b3f3a", "#95584a", "#3f4c63", "#a9765a", "#5b3b44", "#c29a74"),
        roof="#3a2c3d",
        glass="#2a3350",
        lit=0.42,
        count=9,
    )
    canvas.ground([(-4, quay), (w + 4, quay)], "#4a3b40", "#2e2733")
    sheet = canvas.sheet()
    for number in range(7):
        x = w * (0.07 + 0.145 * number)
        plants.tree(
            sheet,
            canvas.rng,
            x,
            quay + h * 0.005,
            h * 0.21,
            ("#b5662f", "#cf8a3a", "#8f4a2b"),
            "#2b1f26",
            0.3,
        )
    canvas.lay(sheet)
    for number in range(6):
        sky.glow(canvas, w * (0.145 + 0.145 * number), quay - h * 0.05, h * 0.07, "#ffd68a", 0.85)
    water.mirror(canvas, quay + h * 0.02, "#1c2242", dim=0.45, ripple=1.8)
    boat = canvas.sheet()
    things.fishing_boat(boat, w * 0.3, h * 0.82, h * 0.2, hull="#2c3d5c", trim="#d8a85c")
    things.fishing_boat(boat, w * 0.76, h * 0.74, h * 0.13, hull="#6a2f34", trim="#e3c690")
    canvas.lay(boat)


def big_bridge(canvas: Canvas) -> None:
    """
    A red bridge spans the wide river at the blue hour.
    """
    w, h, rng = canvas.w, canvas.h, canvas.rng
    shore = h * 0.72
    sky.sky(canvas, "#1d2b5e", "#3f4f91", "#9a7fae", "#f2a98f", "#ffcf9a", horizon=0.72)
    sky.clouds(canvas, "#e79aa0", top=0.1, bottom=0.6, cover=0.45, stretch=8, opacity=0.55)
    land.ranges(
        canvas,
        "#8a7aa5",
        "#4a4572",
        top=0.62,
        bottom=0.66,
        layers=3,
        height=0.07,
        haze=0.2,
        soft=True,
    )
    town.skyline(canvas, shore, h * 0.1, "#2c2b55", lit="#ffcf86", share=0.4, width=0.02)
    town.bridge(canvas, h * 0.56, (0.3, 0.72), h * 0.36, "#a83a3c")
    for number in range(36):
        sky.glow(canvas, w * (number + 0.5) / 36, h * 0.553, h * 0.018, "#ffe0a0", 0.9)
    canvas.ground([(-4, shore), (w + 4, shore)], "#1d2148")
    water.mirror(canvas, shore + 2, "#1a2350", dim=0.4, ripple=1.5, squeeze=2.2)
    _ = rng
