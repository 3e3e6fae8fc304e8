"""
What grows: firs, broad trees, bamboo, grass and blossom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from ..canvas import Canvas
from ..colour import mix
from ..sheet import Frame, Point

__all__ = ["bamboo", "blades", "crown", "fir", "firs", "flower", "tree", "treeline"]


def fir(at: Frame, rng: Random, colour: str, snow: str | None = None) -> None:
    """
    A fir of overlapping skirts, maybe with snow on them.
    """
    at.box(-0.018, -0.12, 0.036, 0.12, mix(colour, "#2a1c14", 0.5))
    for tier in range(7):
        share = tier / 7
        half = 0.24 * (1 - share) ** 0.85 * rng.uniform(0.9, 1.08)
        skirt = at.at(0, -0.07 - 0.8 * share, 1)
        tip = -0.26 * (1 - share * 0.35)
        shade = mix(colour, "#ffffff", 0.05 * share)
        notches = [
            f"{half * t},{0.018 * (-1) ** i + 0.012 * abs(t)}"
            for i, t in enumerate((1, 0.6, 0.25, -0.15, -0.5, -0.8, -1))
        ]
        skirt.polygon(f"0,{tip} " + " ".join(notches), shade)
        skirt.polygon(f"0,{tip} " + " ".join(notches[:4]), mix(shade, "#060a18", 0.2))
        if snow:
            edge = ((0.42, -0.03), (0.1, -0.06), (-0.25, -0.045), (-0.62, -0.028), (-0.9, 0))
            skirt.polygon(f"0,{tip} " + " ".join(f"{half * x},{y}" for x, y in edge), snow)


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
    with canvas.sheet() as sheet:
        for _ in range(count):
            share = rng.uniform(*between)
            x, y = line[min(len(line) - 1, int(share * len(line)))]
            tall = height * rng.uniform(0.55, 1.15)
            tone = mix(colour, "#0a1020", rng.uniform(0, 0.25))
            fir(sheet.at(x + rng.uniform(-5, 5), y + tall * 0.06, tall), rng, tone, snow)


def treeline(
    canvas: Canvas, line: Sequence[Point], height: float, colours: Sequence[str], count: int
) -> None:
    """
    A far wood of round crowns along a line.
    """
    rng = canvas.rng
    spots = [line[min(len(line) - 1, int(rng.random() * len(line)))] for _ in range(count)]
    with canvas.sheet() as sheet:
        for x, y in sorted(spots, key=lambda spot: spot[1] + rng.uniform(-0.2, 0.2) * height):
            size = height * rng.uniform(0.24, 0.46)
            spot = sheet.at(x + rng.uniform(-0.5, 0.5) * height, y - size * 0.6, size)
            crown(spot, rng, rng.choice(colours))


def crown(at: Frame, rng: Random, tone: str) -> None:
    """
    One leafy crown around its middle, lit from the upper left.
    """
    dark, bright = mix(tone, "#101426", 0.2), mix(tone, "#fff6d0", 0.16)
    at.ellipse(0, 0, 0.86, 1, dark)
    for _ in range(11):
        dx, dy = rng.uniform(-0.7, 0.55), rng.uniform(-0.85, 0.6)
        dot = rng.uniform(0.2, 0.4)
        light = max(0.0, min(1.0, 0.5 - 0.35 * dx - 0.5 * dy))
        at.ellipse(dx * 0.8, dy * 0.9, dot, dot * 0.85, mix(dark, bright, light))


def tree(at: Frame, rng: Random, colours: Sequence[str], trunk: str, spread: float = 0.36) -> None:
    """
    A broad tree: a forked trunk, and clusters of leaves lit from the upper left.
    """
    at.polygon("-.035,0 -.016,-.62 .016,-.62 .035,0", trunk)
    for side in (-0.6, -0.3, 0.3, 0.6):
        at.line(f"0,-.34 {side * spread},-.68", 0.016, trunk)
    clusters = []
    for _ in range(80):
        angle, reach = rng.uniform(0, math.tau), math.sqrt(rng.random())
        clusters.append((math.cos(angle) * reach, math.sin(angle) * reach))
    for dx, dy in sorted(clusters, key=lambda c: 0.35 * c[0] - 1.35 * c[1]):
        size = rng.uniform(0.05, 0.085) * (1.2 - 0.35 * abs(dx))
        dark = max(0.0, min(0.42, 0.18 + 0.2 * dx - 0.04 * dy))
        tone = mix(rng.choice(colours), "#0d1020", dark)
        _leaves(at.at(dx * spread, dy * 0.25 - 0.68, size), rng, tone)


def _leaves(at: Frame, rng: Random, tone: str) -> None:
    for _ in range(15):
        angle, reach = rng.uniform(0, math.tau), rng.uniform(0.1, 1.1)
        dot = rng.uniform(0.16, 0.34)
        shade = mix(tone, "#ffffff", rng.uniform(0, 0.16))
        at.ellipse(math.cos(angle) * reach, math.sin(angle) * reach * 0.85, dot, dot * 0.85, shade)


def bamboo(canvas: Canvas, count: int, colour: str, width: float) -> None:
    """
    Tall stems with their joints, each lit from one side.
    """
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for number in range(count):
            x = canvas.w * (number + rng.uniform(0.1, 0.9)) / count
            stem = sheet.at(x, canvas.h, width * rng.uniform(0.7, 1.15))
            tone = mix(colour, "#08140c", rng.uniform(0, 0.28))
            _stem(stem, rng, tone, rng.uniform(-0.03, 0.03))


def _stem(at: Frame, rng: Random, tone: str, lean: float) -> None:
    tall = at.y / at.size
    slant = tall * lean
    for side, thick, shade in ((0, 1, 0.0), (-0.27, 0.22, 0.26), (0.3, 0.22, -0.25)):
        ink = mix(tone, "#ffffff" if shade > 0 else "#000000", abs(shade))
        at.line(f"{side + slant},{-tall} {side},1", thick, ink)
    joint = tall * rng.uniform(0.9, 1)
    while joint > 0:
        x = slant * joint / tall
        at.box(x - 0.56, -joint, 1.12, 0.1, mix(tone, "#e9f2c8", 0.5))
        at.box(x - 0.5, 0.1 - joint, 1, 0.1, mix(tone, "#000000", 0.35))
        joint -= tall * rng.uniform(0.1, 0.14)


def blades(canvas: Canvas, y: float, height: float, colours: Sequence[str], count: int) -> None:
    """
    Blades of grass that grow from a line and bend.
    """
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for _ in range(count):
            x, foot = rng.uniform(-10, canvas.w + 10), y + rng.uniform(-0.1, 0.4) * height
            tall, bend = rng.uniform(0.5, 1.1), rng.uniform(-0.5, 0.5)
            side, knee = bend * 0.3, -tall * 0.6
            outline = f"-.022,0 {side - 0.013},{knee} {bend},{-tall} {side + 0.013},{knee} .022,0"
            sheet.at(x, foot, height).polygon(outline, rng.choice(colours))


def flower(at: Frame, rng: Random, colour: str, heart: str, stem: float = 0.0) -> None:
    """
    Five petals around a heart, on a stem if it has a length.
    """
    if stem:
        at.line(f"0,0 .3,{stem / 2} .1,{stem}", 0.16, "#3f6b35")
    turn = rng.uniform(0, 2)
    for petal in range(5):
        angle = turn + math.tau * petal / 5
        tone = mix(colour, "#ffffff" if petal % 2 else "#2a0a20", 0.12)
        at.ellipse(math.cos(angle) * 0.5, math.sin(angle) * 0.42, 0.48, 0.42, tone)
    at.ellipse(0, 0, 0.24, 0.21, heart)
