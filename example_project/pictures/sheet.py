"""
See-through sheets that shapes are drawn on.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

__all__ = ["Frame", "Ink", "Point", "Sheet"]

Point = tuple[float, float]
Ink = int | str
"""A grey between 0 and 255 on a stencil, a colour on a coloured sheet."""


class Sheet:
    """
    A sheet drawn at twice the size, so that edges come out smooth.
    """

    def __init__(self, size: tuple[int, int], mode: str) -> None:
        self.image = Image.new(mode, (size[0] * 2, size[1] * 2))
        self._draw = ImageDraw.Draw(self.image)
        self._full: Ink = 255 if mode == "L" else "#fff"

    def polygon(self, points: Sequence[Point], ink: Ink | None = None) -> None:
        self._draw.polygon([(x * 2, y * 2) for x, y in points], fill=self._ink(ink))

    def ellipse(self, middle: Point, rx: float, ry: float, ink: Ink | None = None) -> None:
        """
        Draw an ellipse around its middle.
        """
        x, y = middle
        box = (x * 2 - rx * 2, y * 2 - ry * 2, x * 2 + rx * 2, y * 2 + ry * 2)
        self._draw.ellipse(box, fill=self._ink(ink))

    def box(self, corner: Point, width: float, height: float, ink: Ink | None = None) -> None:
        """
        Draw a box from its top left corner.
        """
        x, y = corner
        right, bottom = (x + width) * 2 - 1, (y + height) * 2 - 1
        corners = (x * 2, y * 2, max(x * 2, right), max(y * 2, bottom))
        self._draw.rectangle(corners, fill=self._ink(ink))

    def line(self, points: Sequence[Point], width: float, ink: Ink | None = None) -> None:
        doubled = [(x * 2, y * 2) for x, y in points]
        thick = max(1, round(width * 2))
        self._draw.line(doubled, fill=self._ink(ink), width=thick, joint="curve")

    def at(self, x: float, y: float, size: float) -> Frame:
        """
        A place on the sheet to draw one thing at, in its own measure.
        """
        return Frame(self, x, y, size)

    def _ink(self, ink: Ink | None) -> Ink:
        return self._full if ink is None else ink


class Frame:
    """
    The measure of one thing: the origin is where it stands, and 1 is its size.

    Outlines are written as in SVG, "x,y x,y x,y", with y going down.
    """

    def __init__(self, sheet: Sheet, x: float, y: float, size: float) -> None:
        self.sheet = sheet
        self.x, self.y, self.size = x, y, size

    def polygon(self, path: str, ink: Ink) -> None:
        self.sheet.polygon(self._points(path), ink)

    def both(self, path: str, ink: Ink) -> None:
        """
        Draw a polygon and its mirror image on the other side.
        """
        points = self._points(path)
        self.sheet.polygon(points, ink)
        self.sheet.polygon([(2 * self.x - x, y) for x, y in points], ink)

    def ellipse(self, x: float, y: float, rx: float, ry: float, ink: Ink) -> None:
        self.sheet.ellipse(self.point(x, y), rx * self.size, ry * self.size, ink)

    def box(self, x: float, y: float, width: float, height: float, ink: Ink) -> None:
        self.sheet.box(self.point(x, y), width * self.size, height * self.size, ink)

    def line(self, path: str, width: float, ink: Ink) -> None:
        self.sheet.line(self._points(path), width * self.size, ink)

    def at(self, x: float, y: float, size: float) -> Frame:
        """
        A smaller frame within this one.
        """
        return Frame(self.sheet, *self.point(x, y), size * self.size)

    def point(self, x: float, y: float) -> Point:
        return self.x + x * self.size, self.y + y * self.size

    def _points(self, path: str) -> list[Point]:
        pairs = (pair.split(",") for pair in path.split())
        return [self.point(float(x), float(y)) for x, y in pairs]
