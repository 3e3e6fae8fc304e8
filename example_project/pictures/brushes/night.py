"""
What is above after dark.
"""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageFilter

from ..canvas import Canvas
from ..colour import gradient, mix
from ..noise import curve, texture
from .sky import glow

__all__ = ["aurora", "fireworks", "meteors", "milky_way", "stars"]


def stars(canvas: Canvas, count: int, bottom: float = 0.8) -> None:
    """
    Scatter stars, thinning towards the horizon; a few are bright.
    """
    rng = canvas.rng
    sheet = canvas.sheet()
    for _ in range(count):
        x, y = rng.uniform(0, canvas.w), canvas.h * bottom * rng.random() ** 1.4
        tint = mix(rng.choice(["#ffffff", "#cfe0ff", "#ffe9cf"]), "#4b5f92", rng.random() * 0.75)
        size = 0.45 + 1.1 * rng.random() ** 4
        sheet.ellipse(x, y, size, size, tint)
    canvas.lay(sheet)
    for _ in range(count // 90):
        x, y = rng.uniform(0, canvas.w), canvas.h * bottom * rng.random() ** 1.3
        glow(canvas, x, y, canvas.h * 0.012, "#e4edff", 0.9)


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


def aurora(
    canvas: Canvas,
    y: float,
    sway: float,
    height: float,
    low: str = "#5dffb0",
    high: str = "#7a4fd0",
) -> None:
    """
    Hang one waving curtain of light in the sky.
    """
    rng = canvas.rng
    width, tall = canvas.w // 2, canvas.h // 2
    light = texture(rng, (width, 2), (14, 1), 4).crop((0, 0, width, 1))
    phase, turns = rng.uniform(0, 6), rng.uniform(1.2, 2.0)
    column = gradient(
        (1, 128), ["#000000", mix("#000000", high, 0.55), mix(high, low, 0.6), low, "#000000"]
    )
    layer = Image.new("RGB", (width, tall))
    for x in range(width):
        bright = int(light.getpixel((x, 0)) or 0) / 255  # type: ignore[arg-type]
        wave = math.sin(phase + turns * math.tau * x / width) + 0.4 * math.sin(
            phase * 3 + 11 * x / width
        )
        foot = tall * (y + sway * wave)
        reach = max(4, round(tall * height * (0.45 + 0.55 * bright)))
        strip = column.resize((1, reach)).point(
            [round(v * (0.25 + 0.75 * bright)) for v in range(256)] * 3
        )
        layer.paste(strip, (x, round(foot) - reach))
    layer = layer.filter(ImageFilter.GaussianBlur(3)).resize(canvas.size, Image.Resampling.BICUBIC)
    canvas.image = ImageChops.screen(canvas.image, layer)


def meteors(canvas: Canvas, count: int) -> None:
    """
    Shooting stars that come from one point of the sky.
    """
    rng = canvas.rng
    for _ in range(count):
        x, y = rng.uniform(0.1, 0.95) * canvas.w, rng.uniform(0.05, 0.45) * canvas.h
        angle = math.atan2(y + canvas.h * 0.3, x - canvas.w * 0.35)
        length = rng.uniform(0.08, 0.2) * canvas.h
        dx, dy = math.cos(angle), math.sin(angle)
        tail = canvas.stencil()
        tail.polygon(
            [
                (x, y),
                (x + dx * length - dy * 1.6, y + dy * length + dx * 1.6),
                (x + dx * length + dy * 1.6, y + dy * length - dx * 1.6),
            ]
        )
        canvas.paint(tail, "#e9f0ff", opacity=0.85)
        glow(canvas, x + dx * length, y + dy * length, canvas.h * 0.014, "#ffffff", 0.9)


def fireworks(canvas: Canvas, x: float, y: float, radius: float, colour: str) -> None:
    """
    One burst: sparks that fall a little as they fly.
    """
    rng = canvas.rng
    glow(canvas, x, y, radius * 2.1, colour, 0.6)
    sheet = canvas.sheet()
    for spark in range(90):
        angle = math.tau * spark / 90 + rng.uniform(-0.04, 0.04)
        reach = radius * rng.choice([1.0, 0.72, 0.42]) * rng.uniform(0.88, 1.06)
        path = [
            (
                x + math.cos(angle) * reach * t / 9,
                y + math.sin(angle) * reach * t / 9 + reach * 0.16 * (t / 9) ** 2,
            )
            for t in range(3, 10)
        ]
        sheet.line(path, 1.1, mix(colour, "#ffffff", 0.12))
        sheet.line(path[4:], 1.5, mix(colour, "#ffffff", 0.45))
        sheet.ellipse(*path[-1], 2.6, 2.6, mix(colour, "#ffffff", 0.75))
    canvas.lay(sheet, 0.95)
