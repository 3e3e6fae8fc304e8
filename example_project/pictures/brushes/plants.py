"""
What grows: firs, round trees, trunks, bamboo, grass and blossom.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from random import Random

from ..canvas import Canvas, Point, Sheet
from ..colour import mix

__all__ = ["bamboo", "blades", "bough", "crown", "fir", "firs", "flower", "tree", "treeline"]


def fir(
    sheet: Sheet,
    rng: Random,
    x: float,
    y: float,
    height: float,
    colour: str,
    snow: str | None = None,
) -> None:
    """
    A fir of overlapping skirts, standing at (x, y); maybe with snow on them.
    """
    tiers = 7
    sheet.box(
        x - height * 0.018,
        y - height * 0.12,
        height * 0.036,
        height * 0.12,
        mix(colour, "#2a1c14", 0.5),
    )
    for tier in range(tiers):
        share = tier / tiers
        foot = y - height * (0.07 + 0.80 * share)
        half = height * 0.24 * (1 - share) ** 0.85 * rng.uniform(0.9, 1.08)
        tip = foot - height * 0.26 * (1 - share * 0.35)
        shade = mix(colour, "#ffffff", 0.05 * share)
        notches = [
            (x + half * t, foot + height * 0.018 * (-1) ** i - abs(t) * -height * 0.012)
            for i, t in enumerate((1, 0.6, 0.25, -0.15, -0.5, -0.8, -1))
        ]
        sheet.polygon([(x, tip), *notches], shade)
        sheet.polygon([(x, tip), *notches[:4]], mix(shade, "#060a18", 0.2))
        if snow:
            edge = [
                (x - half * 0.9, foot),
                (x - half * 0.62, foot - height * 0.028),
                (x - half * 0.25, foot - height * 0.045),
                (x + half * 0.1, foot - height * 0.06),
                (x + half * 0.42, foot - height * 0.03),
            ]
            sheet.polygon([(x, tip), *reversed(edge)], snow)


def firs(
    canvas: Canvas,
    line: Sequence[Point],
    height: float,
    colour: str,
    *,
    count: int,
    snow: str | None = None,
    between: tuple[float, float] = (0.0, 1.0),
) -> None:
    """
    A row of firs whose feet follow a line.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(count):
        share = rng.uniform(*between)
        x, y = line[min(len(line) - 1, int(share * len(line)))]
        tall = height * rng.uniform(0.55, 1.15)
        tone = mix(colour, "#0a1020", rng.uniform(0, 0.25))
        fir(sheet, rng, x + rng.uniform(-5, 5), y + tall * 0.06, tall, tone, snow)
    canvas.lay(sheet)


def treeline(
    canvas: Canvas, line: Sequence[Point], height: float, colours: Sequence[str], count: int
) -> None:
    """
    A far wood of round crowns along a line.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    spots = [line[min(len(line) - 1, int(rng.random() * len(line)))] for _ in range(count)]
    for x, y in sorted(spots, key=lambda spot: spot[1] + rng.uniform(-0.2, 0.2) * height):
        size = height * rng.uniform(0.24, 0.46)
        crown(
            sheet,
            rng,
            x + rng.uniform(-0.5, 0.5) * height,
            y - size * 0.6,
            size,
            rng.choice(colours),
        )
    canvas.lay(sheet)


def crown(sheet: Sheet, rng: Random, x: float, y: float, size: float, tone: str) -> None:
    """
    One leafy crown around its middle.
    """
    sheet.ellipse(x, y, size * 0.86, size, mix(tone, "#101426", 0.2))
    for _ in range(11):
        dx, dy = rng.uniform(-0.7, 0.55), rng.uniform(-0.85, 0.6)
        dot = size * rng.uniform(0.2, 0.4)
        light = max(0.0, min(1.0, 0.5 - 0.35 * dx - 0.5 * dy))
        leaf = mix(mix(tone, "#101426", 0.2), mix(tone, "#fff6d0", 0.16), light)
        sheet.ellipse(x + dx * size * 0.8, y + dy * size * 0.9, dot, dot * 0.85, leaf)


def tree(
    sheet: Sheet,
    rng: Random,
    x: float,
    y: float,
    height: float,
    colours: Sequence[str],
    trunk: str,
    spread: float = 0.36,
) -> None:
    """
    A broad tree: forked trunk, and a crown of leaf clusters lit from the upper left.
    """
    top = y - height * 0.62
    sheet.polygon(
        [
            (x - height * 0.035, y),
            (x - height * 0.016, top),
            (x + height * 0.016, top),
            (x + height * 0.035, y),
        ],
        trunk,
    )
    for side in (-1, -0.5, 0.5, 1):
        sheet.line(
            [(x, y - height * 0.34), (x + side * height * spread * 0.6, y - height * 0.68)],
            height * 0.016,
            trunk,
        )
    clusters = []
    for _ in range(80):
        angle, reach = rng.uniform(0, math.tau), math.sqrt(rng.random())
        dx, dy = math.cos(angle) * reach, math.sin(angle) * reach
        clusters.append((dx - dy, dx, dy))
    for light, dx, dy in sorted(clusters, key=lambda c: -c[2] + c[0] * 0.35, reverse=False):
        size = height * rng.uniform(0.05, 0.085) * (1.2 - 0.35 * abs(dx))
        tone = mix(
            rng.choice(colours), "#0d1020", max(0.0, min(0.42, 0.18 + light * 0.2 + dy * 0.16))
        )
        cx, cy = x + dx * height * spread, y - height * 0.68 + dy * height * 0.25
        _leaves(sheet, rng, cx, cy, size, tone)


def _leaves(sheet: Sheet, rng: Random, x: float, y: float, size: float, tone: str) -> None:
    for _ in range(15):
        angle, reach = rng.uniform(0, math.tau), size * rng.uniform(0.1, 1.1)
        dot = size * rng.uniform(0.16, 0.34)
        shade = mix(tone, "#ffffff", rng.uniform(0, 0.16))
        sheet.ellipse(
            x + math.cos(angle) * reach, y + math.sin(angle) * reach * 0.85, dot, dot * 0.85, shade
        )


def bamboo(canvas: Canvas, count: int, colour: str, width: float) -> None:
    """
    Tall stems with their joints, each lit from one side.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    for number in range(count):
        x = canvas.w * (number + rng.uniform(0.1, 0.9)) / count
        lean, thick = rng.uniform(-0.03, 0.03) * canvas.h, width * rng.uniform(0.7, 1.15)
        tone = mix(colour, "#08140c", rng.uniform(0, 0.28))
        ends = (x + lean, -4.0), (x, canvas.h * 1.02)
        sheet.line(ends, thick, tone)
        for part, light in ((-0.27, 0.26), (0.3, -0.25)):
            side = mix(tone, "#ffffff" if light > 0 else "#000000", abs(light))
            sheet.line([(px + part * thick, py) for px, py in ends], thick * 0.22, side)
        joint = rng.uniform(0, 0.1) * canvas.h
        while joint < canvas.h:
            at = x + lean * (1 - joint / canvas.h)
            sheet.box(
                at - thick * 0.56, joint, thick * 1.12, thick * 0.1, mix(tone, "#e9f2c8", 0.5)
            )
            sheet.box(
                at - thick * 0.5,
                joint + thick * 0.1,
                thick,
                thick * 0.1,
                mix(tone, "#000000", 0.35),
            )
            joint += canvas.h * rng.uniform(0.1, 0.14)
    canvas.lay(sheet)


def blades(
    canvas: Canvas, y: float, height: float, colours: Sequence[str], count: int, droop: float = 0.5
) -> None:
    """
    Blades of grass that grow from a line and bend.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(count):
        x, foot = rng.uniform(-10, canvas.w + 10), y + rng.uniform(-0.1, 0.4) * height
        tall, bend = height * rng.uniform(0.5, 1.1), height * rng.uniform(-droop, droop)
        thick = height * 0.022
        sheet.polygon(
            [
                (x - thick, foot),
                (x + bend * 0.3 - thick * 0.6, foot - tall * 0.6),
                (x + bend, foot - tall),
                (x + bend * 0.3 + thick * 0.6, foot - tall * 0.6),
                (x + thick, foot),
            ],
            rng.choice(colours),
        )
    canvas.lay(sheet)


def flower(
    sheet: Sheet,
    rng: Random,
    x: float,
    y: float,
    size: float,
    colour: str,
    heart: str,
    stem: float = 0.0,
) -> None:
    """
    Five petals around a heart, on a stem if it has a length.
    """
    if stem:
        sheet.line(
            [(x, y), (x + size * 0.3, y + stem * 0.5), (x + size * 0.1, y + stem)],
            size * 0.16,
            "#3f6b35",
        )
    turn = rng.uniform(0, 2)
    for petal in range(5):
        angle = turn + math.tau * petal / 5
        tone = mix(colour, "#ffffff" if petal % 2 else "#2a0a20", 0.12)
        sheet.ellipse(
            x + math.cos(angle) * size * 0.5,
            y + math.sin(angle) * size * 0.42,
            size * 0.48,
            size * 0.42,
            tone,
        )
    sheet.ellipse(x, y, size * 0.24, size * 0.21, heart)


def bough(
    canvas: Canvas, start: Point, end: Point, width: float, *, bark: str, petals: Sequence[str]
) -> None:
    """
    A hanging bough in blossom.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    (ax, ay), (bx, by) = start, end
    sag = math.dist(start, end) * 0.14
    path = [
        (ax + (bx - ax) * t, ay + (by - ay) * t + sag * math.sin(t * math.pi) * (0.4 - t))
        for t in (i / 16 for i in range(17))
    ]
    for i, (p, q) in enumerate(itertools.pairwise(path)):
        sheet.line([p, q], width * (1 - i / 19), bark)
    spots = []
    for x, y in path[3:]:
        for _ in range(2):
            tx, ty = x + rng.uniform(-5, 7) * width, y + rng.uniform(-2.6, 4.2) * width
            sheet.line([(x, y), (tx, ty)], width * 0.16, bark)
            spots += [
                (
                    x + (tx - x) * t + rng.uniform(-1, 1) * width,
                    y + (ty - y) * t + rng.uniform(-1, 1) * width,
                )
                for t in (0.35, 0.6, 0.85, 1, 1)
            ]
    for x, y in spots:
        flower(sheet, rng, x, y, width * rng.uniform(0.55, 0.95), rng.choice(petals), "#b8456b")
    canvas.lay(sheet)
