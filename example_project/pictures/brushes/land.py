"""
What the land is made of: ridges, hills, peaks and dunes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops

from ..canvas import Canvas
from ..colour import mix
from ..noise import curve, texture
from ..sheet import Point
from .sky import mist

__all__ = ["dune", "hills", "peak", "ranges", "ridge", "shade", "snowfall", "speckle", "strata"]


def ridge(rng: Random, width: float, y: float, height: float, rough: float = 0.52) -> list[Point]:
    """
    A jagged line from left to right, by halving it again and again.
    """
    heights = [rng.uniform(-0.5, 0.5) for _ in range(5)]
    step = 0.5
    while len(heights) < 250:
        finer = []
        for left, right in itertools.pairwise(heights):
            finer += [left, (left + right) / 2 + rng.uniform(-step, step)]
        heights = [*finer, heights[-1]]
        step *= rough
    gap = (width + 8) / (len(heights) - 1)
    return [(-4 + i * gap, y - value * height) for i, value in enumerate(heights)]


def hills(rng: Random, width: float, y: float, height: float, waves: float = 2.0) -> list[Point]:
    """
    A soft rolling line from left to right.
    """
    parts = [(waves * f, rng.uniform(0, math.tau), 1 / f**1.4) for f in (1, 1.7, 2.9)]
    line = []
    for i in range(121):
        x = i / 120
        wave = sum(size * math.sin(turns * math.tau * x + phase) for turns, phase, size in parts)
        line.append((-4 + x * (width + 8), y - height * wave / 2))
    return line


def ranges(
    canvas: Canvas,
    far: str,
    near: str,
    *,
    top: float,
    bottom: float,
    layers: int = 5,
    height: float = 0.16,
    haze: float = 0.35,
    soft: bool = False,
) -> None:
    """
    One range before another, each darker and lower, with haze between them.
    """
    for layer in range(layers):
        share = layer / max(1, layers - 1)
        y = canvas.h * (top + (bottom - top) * share**1.15)
        colour = mix(far, near, share)
        tall = canvas.h * height * (0.75 + 0.5 * share)
        line = (hills if soft else ridge)(canvas.rng, canvas.w, y, tall)
        canvas.ground(line, colour, mix(colour, far, 0.55), mix(colour, far, 0.7))
        if layer < layers - 1 and haze:
            mist(canvas, y / canvas.h + 0.1, 0.2, mix(far, "#ffffff", 0.18), haze)


def peak(canvas: Canvas, top: Point, foot: Point, *, light: str, dark: str, snow: str) -> None:
    """
    A snowy mountain with a lit and a shaded side; `foot` is how far it spreads, and its base.
    """
    (x, y), (spread, base), rng = top, foot, canvas.rng
    left = _slope(rng, (x - spread, base), (x, y))
    right = _slope(rng, (x, y), (x + spread * 1.1, base))
    spine = _slope(rng, (x, y), (x + spread * 0.12, base), 0.05)
    haze = mix(mix(light, dark, 0.5), "#ffffff", 0.1)
    outline, shaded = [*left, *right], [*spine, *reversed(right)]
    canvas.shape(outline, light, mix(light, haze, 0.8))
    canvas.shape(shaded, dark, mix(dark, haze, 0.8))
    cover = _snow_cover(canvas, y, base)
    for side, colour in ((outline, snow), (shaded, mix(snow, "#5d76a8", 0.5))):
        canvas.wash(ImageChops.multiply(canvas.cut(side), cover), colour)


def _slope(rng: Random, start: Point, end: Point, rough: float = 0.04) -> list[Point]:
    points = [start, end]
    step = math.dist(start, end) * rough
    for _ in range(6):
        finer: list[Point] = []
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            shift = rng.uniform(-step, step)
            finer += [(ax, ay), ((ax + bx) / 2 + shift, (ay + by) / 2 + shift * 0.6)]
        points = [*finer, points[-1]]
        step *= 0.55
    return points


def _snow_cover(canvas: Canvas, top: float, base: float) -> Image.Image:
    """
    Snow lies thick at the top, and lower down only in the gullies.
    """
    fall = Image.new("L", (1, canvas.h))
    for row in range(canvas.h):
        depth = (row - top) / (base - top) * 1.6
        fall.putpixel((0, row), round(255 * max(0.0, min(1.0, 1 - depth))))
    streaks = texture(canvas.rng, canvas.size, (34, 9), 4)
    cover = curve(ImageChops.add(fall.resize(canvas.size), streaks, 1, -110), 0.36, 0.5)
    return ImageChops.multiply(cover, curve(fall, 0.05, 0.2).resize(canvas.size))


def dune(
    canvas: Canvas, crest: Point, base: float, *, light: str, dark: str, lean: float = 0.25
) -> None:
    """
    A dune whose crest winds down towards the viewer, lit on one side.
    """
    (x, y), w, h = crest, canvas.w, canvas.h
    shares = [i / 39 for i in range(40)]
    drops = [y + (base - y) * (1 - math.cos(t * math.pi)) * 0.5 for t in shares]
    left = [(x - t * w * 0.75, drop) for t, drop in zip(shares, drops, strict=True)]
    right = [(x + t * w * 0.85, drop) for t, drop in zip(shares, drops, strict=True)]
    edge = [
        (x + w * lean * (t**0.8 + 0.32 * math.sin(t * 6.2)), y + (base - y) * t) for t in shares
    ]
    corners = [(right[-1][0], h * 1.2), (left[-1][0], h * 1.2)]
    canvas.shape([*reversed(left), *right, *corners], light, mix(light, dark, 0.28))
    foot = edge[-1][0] + w * lean * 0.5, h * 1.2
    canvas.shape([*edge, foot, corners[0], *reversed(right)], dark, mix(dark, light, 0.35))


def strata(canvas: Canvas, outline: Sequence[Point], colour: str, opacity: float) -> None:
    """
    Layers of rock, seen within an outline.
    """
    lines = curve(texture(canvas.rng, canvas.size, (3, 26), 4).rotate(4), 0.5, 0.7)
    canvas.wash(ImageChops.multiply(canvas.cut(outline), lines), colour, opacity=opacity)


def shade(canvas: Canvas, top: float, colour: str, opacity: float, stretch: float = 4) -> None:
    """
    Uneven light over the ground below `top`, in long flat patches.
    """
    size = canvas.w, max(8, canvas.h - round(top))
    patches = texture(canvas.rng, size, (max(2, round(12 / stretch)), 7), 4)
    mask = Image.new("L", canvas.size)
    fade = curve(Image.linear_gradient("L").resize(size), 0.0, 0.4)
    mask.paste(ImageChops.multiply(curve(patches, 0.45, 0.95), fade), (0, round(top)))
    canvas.wash(mask, colour, opacity=opacity)


def speckle(canvas: Canvas, top: float, colours: Sequence[str], *, count: int, size: float) -> None:
    """
    Scatter dots over the ground, small far away and large close by.
    """
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for depth in sorted(rng.random() ** 0.75 for _ in range(count)):
            spot = rng.uniform(0, canvas.w), top + (canvas.h - top) * depth**1.7
            radius = size * canvas.h * (0.12 + depth**2)
            colour = mix(rng.choice(colours), "#ffffff", rng.uniform(0, 0.15))
            sheet.ellipse(spot, radius, radius * 0.6, colour)


def snowfall(canvas: Canvas, count: int) -> None:
    """
    Flakes in the air, a few of them near.
    """
    with canvas.sheet(0.9) as sheet:
        for _ in range(count):
            spot = canvas.rng.uniform(0, canvas.w), canvas.rng.uniform(0, canvas.h)
            size = canvas.h * (0.0008 + 0.0032 * canvas.rng.random() ** 3)
            sheet.ellipse(spot, size, size, "#ffffff")
