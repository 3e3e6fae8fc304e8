"""
Water: what it mirrors, and how light lies on it.
"""

from __future__ import annotations

import math

from PIL import Image, ImageFilter

from ..canvas import Canvas, Sheet
from ..colour import gradient, mix
from ..noise import curve, texture

__all__ = ["foam", "glitter", "mirror", "reflect", "sea", "swell"]


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
        a, b = band / bands, (band + 1) / bands
        strip = flat.crop(
            (
                0,
                round(height * math.sqrt(a)),
                width,
                max(round(height * math.sqrt(a)) + 1, round(height * math.sqrt(b))),
            )
        )
        top, bottom = round(height * a), round(height * b)
        bent.paste(strip.resize((width, max(1, bottom - top)), Image.Resampling.BICUBIC), (0, top))
    return bent.filter(ImageFilter.GaussianBlur(1))


def mirror(
    canvas: Canvas,
    horizon: float,
    tint: str,
    *,
    dim: float = 0.25,
    ripple: float = 1.0,
    squeeze: float = 1.0,
) -> None:
    """
    Turn what stands above the horizon upside down in the water below it.
    """
    y = round(horizon)
    deep = canvas.h - y
    take = min(y, round(deep * squeeze))
    seen = canvas.image.crop((0, y - take, canvas.w, y)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    seen = seen.resize((canvas.w, deep), Image.Resampling.BICUBIC).filter(
        ImageFilter.GaussianBlur(1.2)
    )
    phase = canvas.rng.uniform(0, 6)
    for row in range(deep):
        depth = row / deep
        near = 0.6 + 5 * depth
        shift = (
            ripple
            * near
            * math.sin(phase + 46 * math.log(1 + 4 * depth) + 0.7 * math.sin(row * 0.21))
        )
        strip = seen.crop((0, row, canvas.w, row + 1))
        canvas.image.paste(strip, (0, y + row))
        canvas.image.paste(strip, (round(shift), y + row))
    veil = (
        gradient((1, deep), ["#606060", "#ffffff"])
        .convert("L")
        .point([round(v * dim) for v in range(256)])
    )
    canvas.image.paste(tint, (0, y, canvas.w, canvas.h), veil.resize((canvas.w, deep)))


def reflect(canvas: Canvas, sheet: Sheet, y: float, opacity: float = 0.5) -> None:
    """
    Lay the trembling mirror image of a thing that stands in the water at a height.
    """
    box = sheet.image.getbbox()
    if box is None:
        return
    left, top, right, bottom = box[0], box[1], box[2], min(box[3], round(y * 2))
    thing = sheet.image.crop((left, top, right, bottom)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    under = canvas.sheet()
    for row in range(0, thing.height, 2):
        reach = (1.5 + row / 60) * canvas.h / 1067
        shift = round(reach * math.sin(row * 0.055) + 0.5 * reach * math.sin(row * 0.13))
        under.image.paste(thing.crop((0, row, thing.width, row + 2)), (left + shift, bottom + row))
    canvas.lay(under, opacity)


def glitter(
    canvas: Canvas,
    x: float,
    horizon: float,
    colour: str,
    *,
    width: float = 0.1,
    count: int = 520,
    opacity: float = 0.85,
) -> None:
    """
    A path of light on the water below a sun or a moon.
    """
    rng = canvas.rng
    stencil = canvas.stencil()
    deep = canvas.h - horizon
    for _ in range(count):
        depth = rng.random() ** 1.35
        spread = canvas.w * width * (0.28 + 1.1 * depth)
        dash = (3 + 26 * depth) * canvas.w / 1600 * rng.uniform(0.5, 1.5)
        off = rng.gauss(0, 0.42) * spread
        thick = max(0.45, (0.5 + 2.0 * depth) * canvas.h / 1067)
        light = round(255 * max(0.15, 1 - abs(off) / (spread * 1.3)) * rng.uniform(0.5, 1))
        stencil.ellipse(x + off, horizon + 1 + deep * depth, dash, thick, light)
    canvas.paint(stencil, mix(colour, "#ffffff", 0.3), colour, opacity=opacity)


def foam(
    canvas: Canvas, y: float, height: float, colour: str = "#ffffff", opacity: float = 0.8
) -> None:
    """
    A line of surf, torn at its edges.
    """
    rng = canvas.rng
    stencil = canvas.stencil()
    phase = rng.uniform(0, 6)
    for step in range(260):
        x = canvas.w * step / 259
        at = y + height * 0.5 * (
            math.sin(phase + x / canvas.w * 7) + 0.5 * math.sin(phase * 2 + x / canvas.w * 19)
        )
        size = height * rng.uniform(0.08, 0.34)
        stencil.ellipse(
            x, at + rng.uniform(-0.1, 0.1) * height, size * 2.4, size * 0.5, rng.randint(130, 255)
        )
    canvas.paint(stencil, colour, opacity=opacity)
