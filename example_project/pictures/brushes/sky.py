"""
What is above: light, clouds and weather.
"""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from ..canvas import Canvas
from ..colour import gradient, mix
from ..noise import curve, scaled, texture
from ..sheet import Point, Sheet

__all__ = ["clouds", "glow", "mist", "moon", "rainbow", "rays", "sky", "sun"]


def sky(canvas: Canvas, *colours: str, horizon: float = 1.0) -> None:
    """
    Fill the sky from the top down to the horizon, and its last colour below it.
    """
    canvas.image.paste(colours[-1], (0, 0, canvas.w, canvas.h))
    canvas.image.paste(gradient((canvas.w, round(canvas.h * horizon)), colours), (0, 0))


def glow(canvas: Canvas, place: Point, radius: float, colour: str, strength: float = 0.8) -> None:
    """
    Let light spread softly from a point.
    """
    # Pillow's gradient is 180 at the middle of each edge, and 255 in the corners only.
    table = [round(255 * strength * max(0.0, 1 - v / 179) ** 1.9) for v in range(256)]
    reach = radius * 1.25
    edge = round(reach * 2)
    spot = Image.radial_gradient("L").point(table)
    light = Image.new("L", canvas.size)
    corner = round(place[0] - reach), round(place[1] - reach)
    light.paste(spot.resize((edge, edge), Image.Resampling.BICUBIC), corner)
    canvas.wash(light, colour)


def sun(canvas: Canvas, place: Point, radius: float, colour: str, halo: str) -> None:
    """
    A bright disc in a wide halo and a narrow one.
    """
    glow(canvas, place, radius * 9, halo, 0.75)
    glow(canvas, place, radius * 3.2, colour, 0.7)
    with canvas.stencil(mix(colour, "#ffffff", 0.45), colour) as disc:
        disc.ellipse(place, radius, radius)


def moon(canvas: Canvas, place: Point, radius: float) -> None:
    """
    A full moon with faint seas.
    """
    colour = "#fdf6df"
    glow(canvas, place, radius * 9, mix(colour, "#8fa9e0", 0.5), 0.42)
    glow(canvas, place, radius * 3, colour, 0.5)
    with canvas.stencil(colour, mix(colour, "#d8cfb4", 0.6)) as disc:
        disc.ellipse(place, radius, radius)
    with canvas.stencil("#a59f92", opacity=0.25) as seas:
        face = seas.at(*place, radius)
        for x, y, size in ((-0.3, -0.25, 0.3), (0.28, 0.05, 0.22), (-0.15, 0.4, 0.2)):
            face.ellipse(x, y, size, size * 0.9, 255)


def clouds(
    canvas: Canvas,
    colour: str,
    *,
    top: float,
    bottom: float,
    cover: float = 0.5,
    stretch: float = 3.0,
    opacity: float = 0.8,
) -> None:
    """
    Blow clouds over a band of the sky; more `stretch` makes them flat and wide.
    """
    height = round(canvas.h * (bottom - top))
    cells = max(2, round(canvas.w / height * 4 / stretch)), 4
    puffs = curve(texture(canvas.rng, (canvas.w, height), cells, 5), 1 - cover, 1.25 - cover * 0.6)
    band = Image.new("L", canvas.size)
    band.paste(ImageChops.multiply(puffs, _window(puffs.size)), (0, round(canvas.h * top)))
    canvas.wash(band, colour, opacity=opacity)


def mist(canvas: Canvas, y: float, height: float, colour: str, opacity: float = 0.6) -> None:
    """
    Let a bank of mist lie around a height.
    """
    size = canvas.w, max(4, round(height * canvas.h))
    wisps = curve(texture(canvas.rng, size, (3, 2), 3), -0.5, 0.9)
    band = Image.new("L", canvas.size)
    bank = ImageChops.multiply(wisps, _window(size))
    band.paste(bank, (0, round(y * canvas.h - size[1] / 2)))
    canvas.wash(band, colour, opacity=opacity)


def _window(size: tuple[int, int]) -> Image.Image:
    """
    Full in the middle, clear at the top and the bottom edge.
    """
    column = Image.new("L", (1, 128))
    for y in range(128):
        column.putpixel((0, y), round(255 * math.sin(math.pi * (y + 0.5) / 128) ** 1.3))
    return column.resize(size, Image.Resampling.BICUBIC)


def rays(canvas: Canvas, place: Point, colour: str, opacity: float = 0.25) -> None:
    """
    Send broad beams down from a light.
    """
    reach = math.hypot(canvas.w, canvas.h)
    beams = Image.new("L", canvas.size)
    for _ in range(9):
        angle = canvas.rng.uniform(0.15, math.pi - 0.15)
        width = canvas.rng.uniform(0.02, 0.06)
        ends = [
            (place[0] + reach * math.cos(a), place[1] + reach * math.sin(a))
            for a in (angle - width, angle + width)
        ]
        beams = ImageChops.add(beams, scaled(canvas.cut([place, *ends]), 0.5))
    small = beams.resize((max(1, canvas.w // 16), max(1, canvas.h // 16)))
    canvas.wash(small.resize(canvas.size, Image.Resampling.BICUBIC), colour, opacity=opacity)


def rainbow(canvas: Canvas, place: Point, radius: float, width: float) -> None:
    """
    A faint bow around a point, red on the outside.
    """
    bands = ["#000000", "#6a2018", "#774c18", "#777228", "#2b6031", "#23466c", "#3a2b61", "#000000"]
    sheet = Sheet(canvas.size, "RGB")
    for step in range(56):
        along = step / 55 * 6.999
        index = int(along)
        edge = radius - width * step / 56
        sheet.ellipse(place, edge, edge, mix(bands[index], bands[index + 1], along - index))
    sheet.ellipse(place, radius - width, radius - width, "#060606")
    canvas.image = ImageChops.screen(canvas.image, sheet.image.reduce(2))
