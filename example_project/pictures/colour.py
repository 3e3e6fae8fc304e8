"""
Colours are hex strings, as a designer writes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageColor

__all__ = ["Colours", "Pair", "gradient", "mix", "rgb"]

Colours = tuple[str, ...]
Pair = tuple[str, str]


def rgb(colour: str) -> tuple[int, int, int]:
    """
    Read "#rrggbb".
    """
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def mix(first: str, second: str, share: float) -> str:
    """
    Go from the first colour towards the second, by a share between 0 and 1.
    """
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def gradient(size: tuple[int, int], colours: Sequence[str]) -> Image.Image:
    """
    Fade from the first colour at the top to the last at the bottom, evenly spaced.
    """
    _width, height = size
    stops = [rgb(colour) for colour in colours]
    column = Image.new("RGB", (1, height))
    for y in range(height):
        column.putpixel((0, y), _between(stops, y / max(1, height - 1)))
    return column.resize(size, Image.Resampling.NEAREST)


def _between(stops: Sequence[tuple[int, int, int]], share: float) -> tuple[int, int, int]:
    place = share * (len(stops) - 1)
    index = min(int(place), len(stops) - 2) if len(stops) > 1 else 0
    low, high = stops[index], stops[min(index + 1, len(stops) - 1)]
    red, green, blue = (
        round(a + (b - a) * (place - index)) for a, b in zip(low, high, strict=True)
    )
    return red, green, blue
