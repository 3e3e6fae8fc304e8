"""
Water: what it mirrors, and how light lies on it.
"""

from __future__ import annotations

import math

from PIL import Image, ImageFilter

from ..canvas import Canvas
from ..colour import gradient, mix
from ..noise import curve, scaled, texture
from ..sheet import Point, Sheet

__all__ = ["foam", "glitter", "mirror", "reflect", "sea", "swell"]

BICUBIC = Image.Resampling.BICUBIC
FLIP = Image.Transpose.FLIP_TOP_BOTTOM


def sea(canvas: Canvas, horizon: float, *colours: str) -> None:
    """
    Fill all below the horizon, with long soft bands of light and shade.
    """
    y = round(horizon)
    canvas.image.paste(gradient((canvas.w, canvas.h - y), colours), (0, y))
    swell(canvas, y, mix(colours[0], "#ffffff", 0.25), 0.35)
    swell(canvas, y, mix(colours[-1], "#000014", 0.4), 0.3)


def swell(canvas: Canvas, y: float, colour: str, opacity: float) -> None:
    """
    Wide flat ripples, finer towards the horizon.
    """
    height = canvas.h - round(y)
    lines = texture(canvas.rng, (canvas.w, height), (5, 40), 3)
    bent = _recede(lines)
    mask = Image.new("L", canvas.size)
    mask.paste(curve(bent, 0.5, 0.85), (0, round(y)))
    canvas.wash(mask, colour, opacity=opacity)


def _recede(flat: Image.Image) -> Image.Image:
    """
    Squeeze a texture towards its top edge, as a plane seen from above.
    """
    width, height = flat.size
    bands = 24
    bent = Image.new("L", flat.size)
    for band in range(bands):
        a, b = (round(height * math.sqrt((band + i) / bands)) for i in (0, 1))
        top, bottom = (round(height * (band + i) / bands) for i in (0, 1))
        strip = flat.crop((0, a, width, max(a + 1, b)))
        bent.paste(strip.resize((width, max(1, bottom - top)), BICUBIC), (0, top))
    return bent.filter(ImageFilter.GaussianBlur(1))


def mirror(
    canvas: Canvas, horizon: float, tint: str, *, dim: float = 0.25, squeeze: float = 1.0
) -> None:
    """
    Turn what stands above the horizon upside down in the water below it.
    """
    y = round(horizon)
    deep = canvas.h - y
    take = min(y, round(deep * squeeze))
    seen = canvas.image.crop((0, y - take, canvas.w, y)).transpose(FLIP)
    seen = seen.resize((canvas.w, deep), BICUBIC).filter(ImageFilter.GaussianBlur(1.2))
    phase = canvas.rng.uniform(0, 6)
    for row in range(deep):
        depth = row / deep
        wave = math.sin(phase + 46 * math.log(1 + 4 * depth) + 0.7 * math.sin(row * 0.21))
        strip = seen.crop((0, row, canvas.w, row + 1))
        canvas.image.paste(strip, (0, y + row))
        canvas.image.paste(strip, (round((0.8 + 6.5 * depth) * wave), y + row))
    veil = gradient((1, deep), ["#606060", "#ffffff"]).convert("L").resize((canvas.w, deep))
    canvas.image.paste(tint, (0, y, canvas.w, canvas.h), scaled(veil, dim))


def reflect(canvas: Canvas, sheet: Sheet, y: float, opacity: float = 0.5) -> None:
    """
    Lay the trembling mirror image of a thing that stands in the water at a height.
    """
    box = sheet.image.getbbox()
    if box is None:
        return
    left, top, right, bottom = box[0], box[1], box[2], min(box[3], round(y * 2))
    thing = sheet.image.crop((left, top, right, bottom)).transpose(FLIP)
    with canvas.sheet(opacity) as under:
        for row in range(0, thing.height, 2):
            reach = (1.5 + row / 60) * canvas.h / 1067
            shift = round(reach * math.sin(row * 0.055) + 0.5 * reach * math.sin(row * 0.13))
            strip = thing.crop((0, row, thing.width, row + 2))
            under.image.paste(strip, (left + shift, bottom + row))


def glitter(
    canvas: Canvas, source: Point, colour: str, *, width: float = 0.1, count: int = 520
) -> None:
    """
    A path of light on the water, from below a sun or a moon towards the viewer.
    """
    rng = canvas.rng
    x, horizon = source
    with canvas.stencil(mix(colour, "#ffffff", 0.3), colour, opacity=0.8) as stencil:
        for _ in range(count):
            depth = rng.random() ** 1.35
            spread = canvas.w * width * (0.28 + 1.1 * depth)
            dash = (3 + 26 * depth) * canvas.w / 1600 * rng.uniform(0.5, 1.5)
            off = rng.gauss(0, 0.42) * spread
            thick = max(0.45, (0.5 + 2.0 * depth) * canvas.h / 1067)
            light = max(0.15, 1 - abs(off) / (spread * 1.3)) * rng.uniform(0.5, 1)
            spot = x + off, horizon + 1 + (canvas.h - horizon) * depth
            stencil.ellipse(spot, dash, thick, round(255 * light))


def foam(canvas: Canvas, middle: Point, spread: Point, size: float, count: int = 300) -> None:
    """
    Torn white surf around a place.
    """
    rng = canvas.rng
    with canvas.stencil("#ffffff", opacity=0.85) as stencil:
        for _ in range(count):
            spot = rng.gauss(middle[0], spread[0]), rng.gauss(middle[1], spread[1])
            fleck = size * rng.uniform(0.2, 1)
            stencil.ellipse(spot, fleck * 2, fleck * 0.55, rng.randint(100, 255))
