"""
What is above after dark.
"""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageFilter

from ..canvas import Canvas
from ..colour import gradient, mix
from ..noise import curve, scaled, texture
from ..sheet import Point
from .sky import glow

__all__ = ["aurora", "fireworks", "meteors", "milky_way", "stars"]

BICUBIC = Image.Resampling.BICUBIC


def stars(canvas: Canvas, count: int, bottom: float = 0.8) -> None:
    """
    Scatter stars, thinning towards the horizon; a few are bright.
    """
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for _ in range(count):
            spot = rng.uniform(0, canvas.w), canvas.h * bottom * rng.random() ** 1.4
            colour = rng.choice(["#ffffff", "#cfe0ff", "#ffe9cf"])
            size = 0.45 + 1.1 * rng.random() ** 4
            sheet.ellipse(spot, size, size, mix(colour, "#4b5f92", rng.random() * 0.75))
    for _ in range(count // 90):
        spot = rng.uniform(0, canvas.w), canvas.h * bottom * rng.random() ** 1.3
        glow(canvas, spot, canvas.h * 0.009, "#e4edff", 0.9)


def milky_way(canvas: Canvas, colour: str = "#b9b4e6") -> None:
    """
    A bright dusty band from the lower left to the upper right.
    """
    long = round(math.hypot(canvas.w, canvas.h)) + 40
    wide = round(canvas.h * 0.62)
    column = Image.new("L", (1, 100))
    for y in range(100):
        column.putpixel((0, y), round(255 * math.exp(-(((y - 50) / 20) ** 2))))
    band = column.resize((long, wide), Image.Resampling.BICUBIC)
    dust = curve(texture(canvas.rng, (long, wide), (9, 4), 5), 0.15, 0.85)
    band = ImageChops.multiply(band, dust).rotate(38, expand=True)
    mask = Image.new("L", canvas.size)
    mask.paste(band, ((canvas.w - band.width) // 2, (canvas.h - band.height) // 2 - canvas.h // 8))
    canvas.wash(mask, colour, "#e8b7c9", opacity=0.55)


def aurora(canvas: Canvas, y: float, height: float, low: str, high: str) -> None:
    """
    Hang one waving curtain of light in the sky.
    """
    rng = canvas.rng
    width, tall = canvas.w // 2, canvas.h // 2
    light = texture(rng, (width, 2), (14, 1), 4).crop((0, 0, width, 1)).tobytes()
    phase, turns = rng.uniform(0, 6), rng.uniform(1.2, 2.0)
    fold = ["#000000", mix("#000000", high, 0.55), mix(high, low, 0.6), low, "#000000"]
    column = gradient((1, 128), fold)
    layer = Image.new("RGB", (width, tall))
    for x in range(width):
        bright, along = light[x] / 255, x / width
        wave = math.sin(phase + turns * math.tau * along) + 0.4 * math.sin(phase * 3 + 11 * along)
        reach = max(4, round(tall * height * (0.45 + 0.55 * bright)))
        strip = scaled(column.resize((1, reach)), 0.25 + 0.75 * bright)
        layer.paste(strip, (x, round(tall * (y + 0.06 * wave)) - reach))
    layer = layer.filter(ImageFilter.GaussianBlur(3)).resize(canvas.size, BICUBIC)
    canvas.image = ImageChops.screen(canvas.image, layer)


def meteors(canvas: Canvas, count: int) -> None:
    """
    Shooting stars that come from one point of the sky.
    """
    rng = canvas.rng
    for _ in range(count):
        x, y = rng.uniform(0.1, 0.85) * canvas.w, rng.uniform(0.05, 0.4) * canvas.h
        angle = math.atan2(y + canvas.h * 0.3, x - canvas.w * 0.35)
        length = rng.uniform(0.08, 0.2) * canvas.h
        dx, dy = math.cos(angle), math.sin(angle)
        end = x + dx * length, y + dy * length
        wide = [(end[0] + side * dy * 1.6, end[1] - side * dx * 1.6) for side in (-1, 1)]
        canvas.shape([(x, y), *wide], "#e9f0ff", opacity=0.85)
        glow(canvas, end, canvas.h * 0.014, "#ffffff", 0.9)


def fireworks(canvas: Canvas, place: Point, radius: float, colour: str) -> None:
    """
    One burst: sparks that fall a little as they fly.
    """
    rng = canvas.rng
    glow(canvas, place, radius * 2, colour, 0.6)
    with canvas.sheet(0.95) as sheet:
        for spark in range(90):
            angle = math.tau * spark / 90 + rng.uniform(-0.04, 0.04)
            reach = radius * rng.choice([1.0, 0.72, 0.42]) * rng.uniform(0.88, 1.06)
            path = _flight(place, angle, reach)
            sheet.line(path, 1.1, mix(colour, "#ffffff", 0.12))
            sheet.line(path[4:], 1.5, mix(colour, "#ffffff", 0.45))
            sheet.ellipse(path[-1], 2.6, 2.6, mix(colour, "#ffffff", 0.75))


def _flight(place: Point, angle: float, reach: float) -> list[Point]:
    x, y = place
    dx, dy = math.cos(angle) * reach, math.sin(angle) * reach
    return [(x + dx * t, y + dy * t + reach * 0.16 * t**2) for t in (i / 9 for i in range(3, 10))]
