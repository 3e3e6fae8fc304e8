"""
A picture in the making.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

from PIL import Image, ImageChops

from .colour import gradient
from .noise import curve, grain, scaled
from .sheet import Point, Sheet

__all__ = ["Canvas"]


class Canvas:
    """
    One picture: its pixels, its size, and its own source of chance.
    """

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self.size = size
        self.w, self.h = size
        self.rng = Random(seed)
        self.image = Image.new("RGB", size)

    def at(self, x: float, y: float) -> Point:
        """
        Where a share of the width and of the height lies.
        """
        return self.w * x, self.h * y

    @contextmanager
    def stencil(self, *colours: str, opacity: float = 1.0) -> Iterator[Sheet]:
        """
        A sheet to cut shapes into, and then paint through in one go.
        """
        sheet = Sheet(self.size, "L")
        yield sheet
        self.wash(sheet.image.reduce(2), *colours, opacity=opacity)

    @contextmanager
    def sheet(self, opacity: float = 1.0) -> Iterator[Sheet]:
        """
        A sheet for shapes in many colours, laid on the picture in the end.
        """
        sheet = Sheet(self.size, "RGBA")
        yield sheet
        self.lay(sheet, opacity)

    def cut(self, points: Sequence[Point]) -> Image.Image:
        """
        The mask of one polygon.
        """
        sheet = Sheet(self.size, "L")
        sheet.polygon(points)
        return sheet.image.reduce(2)

    def wash(self, mask: Image.Image, *colours: str, opacity: float = 1.0) -> None:
        """
        Paint through a mask, in one colour or fading from its top to its bottom.
        """
        box = mask.getbbox()
        if box is None:
            return
        fill = gradient((box[2] - box[0], box[3] - box[1]), colours)
        self.image.paste(fill, box, scaled(mask.crop(box), opacity))

    def lay(self, sheet: Sheet, opacity: float = 1.0) -> None:
        """
        Put a coloured sheet on the picture.
        """
        box = sheet.image.getbbox()
        if box is None:
            return
        left, top = box[0] // 2, box[1] // 2
        cut = sheet.image.crop((left * 2, top * 2, box[2] + box[2] % 2, box[3] + box[3] % 2))
        small = cut.reduce(2)
        alpha = scaled(small.getchannel("A"), opacity)
        self.image.paste(small.convert("RGB"), (left, top), alpha)

    def shape(self, points: Sequence[Point], *colours: str, opacity: float = 1.0) -> None:
        """
        Paint one polygon.
        """
        self.wash(self.cut(points), *colours, opacity=opacity)

    def ground(self, line: Sequence[Point], *colours: str, opacity: float = 1.0) -> None:
        """
        Paint everything below a line that runs from left to right.
        """
        corners = [(self.w + 4.0, self.h + 2.0), (-4.0, self.h + 2.0)]
        self.shape([*line, *corners], *colours, opacity=opacity)

    def finish(self) -> Image.Image:
        """
        Darken the corners a little and add a fine grain.
        """
        corners = curve(Image.radial_gradient("L"), 0.5, 1.3, 0.36)
        self.image.paste("#0a0a18", (0, 0), corners.resize(self.size, Image.Resampling.BICUBIC))
        noise = grain(self.rng, self.size, 0.06)
        return ImageChops.add(self.image, noise, 1, -128)
