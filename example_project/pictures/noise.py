"""
Soft random textures: what clouds, mist and film grain are made of.
"""

from __future__ import annotations

from random import Random

from PIL import Image, ImageOps

__all__ = ["curve", "grain", "scaled", "texture"]

TILE = 512


def texture(
    rng: Random, size: tuple[int, int], cells: tuple[int, int], octaves: int = 4
) -> Image.Image:
    """
    Lay ever finer random patches over one another, from black to white.
    """
    small = (max(2, size[0] // 2), max(2, size[1] // 2))
    total = _patches(rng, small, cells)
    weight = 1.0
    for octave in range(1, octaves):
        share = 0.5**octave
        weight += share
        finer = _patches(rng, small, (cells[0] << octave, cells[1] << octave))
        total = Image.blend(total, finer, share / weight)
    return ImageOps.autocontrast(total).resize(size, Image.Resampling.BILINEAR)


def _patches(rng: Random, size: tuple[int, int], cells: tuple[int, int]) -> Image.Image:
    patches = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return patches.resize(size, Image.Resampling.BICUBIC)


def curve(mask: Image.Image, low: float, high: float, strength: float = 1.0) -> Image.Image:
    """
    Make all below `low` clear and all above `high` full, with a smooth slope between.
    """
    table = []
    for value in range(256):
        share = min(1.0, max(0.0, (value / 255 - low) / (high - low)))
        table.append(round(255 * strength * share * share * (3 - 2 * share)))
    return mask.point(table)


def scaled(mask: Image.Image, strength: float) -> Image.Image:
    """
    Make a mask weaker, or a picture darker.
    """
    table = [round(v * min(1.0, strength)) for v in range(256)]
    return mask.point(table * len(mask.getbands()))


def grain(rng: Random, size: tuple[int, int], amount: float) -> Image.Image:
    """
    Fine noise around middle grey; it also hides the steps of a long gradient.
    """
    first, second = (_patches(rng, (TILE, TILE), (TILE, TILE)) for _ in range(2))
    tile = Image.blend(first, second, 0.5).point(
        [round(128 + (v - 128) * amount) for v in range(256)]
    )
    noise = Image.new("L", size)
    for x in range(0, size[0], TILE):
        for y in range(0, size[1], TILE):
            noise.paste(tile, (x, y))
    return Image.merge("RGB", (noise, noise, noise))
