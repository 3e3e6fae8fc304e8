"""
A picture in the making, and the sheets that are cut out and laid on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw

from .colour import gradient
from .noise import curve, grain, scaled

__all__ = ["Canvas", "Point", "Sheet"]

Point = tuple[float, float]


class Sheet:
    """
    A see-through sheet, drawn at twice the size so that its edges come out smooth.
    """

    def __init__(self, size: tuple[int, int], mode: str) -> None:
        self.image = Image.new(mode, (size[0] * 2, size[1] * 2))
        self._draw = ImageDraw.Draw(self.image)
        self._full: int | str = 255 if mode == "L" else "#fff"

    def polygon(self, points: Sequence[Point], colour: int | str | None = None) -> None:
        self._draw.polygon([(x * 2, y * 2) for x, y in points], fill=self._ink(colour))

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: int | str | None = None
    ) -> None:
        """
        Draw an ellipse around its middle.
        """
        box = (x * 2 - rx * 2, y * 2 - ry * 2, x * 2 + rx * 2, y * 2 + ry * 2)
        self._draw.ellipse(box, fill=self._ink(colour))

    def box(
        self, x: float, y: float, width: float, height: float, colour: int | str | None = None
    ) -> None:
        """
        Draw a box from its top left corner.
        """
        right, bottom = (x + width) * 2 - 1, (y + height) * 2 - 1
        corners = (x * 2, y * 2, max(x * 2, right), max(y * 2, bottom))
        self._draw.rectangle(corners, fill=self._ink(colour))

    def line(self, points: Sequence[Point], width: float, colour: int | str | None = None) -> None:
        doubled = [(x * 2, y * 2) for x, y in points]
        thick = max(1, round(width * 2))
        self._draw.line(doubled, fill=self._ink(colour), width=thick, joint="curve")

    def _ink(self, colour: int | str | None) -> int | str:
        return self._full if colour is None else colour


class Canvas:
    """
    One picture: its pixels, its size, and its own source of chance.
    """

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self.size = size
        self.w, self.h = size
        self.rng = Random(seed)
        self.image = Image.new("RGB", size)

    def stencil(self) -> Sheet:
        """
        A sheet for one shape that is then painted in one go.
        """
        return Sheet(self.size, "L")

    def sheet(self) -> Sheet:
        """
        A sheet for many shapes in many colours.
        """
        return Sheet(self.size, "RGBA")

    def paint(self, stencil: Sheet, *colours: str, opacity: float = 1.0) -> None:
        """
        Fill what the stencil shows with a colour, or a gradient from its top to its bottom.
        """
        self.wash(stencil.image.reduce(2), *colours, opacity=opacity)

    def wash(self, mask: Image.Image, *colours: str, opacity: float = 1.0) -> None:
        """
        Paint through a mask of the canvas' own size.
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
        stencil = self.stencil()
        stencil.polygon(points)
        self.paint(stencil, *colours, opacity=opacity)

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
