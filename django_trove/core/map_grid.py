"""
Cells of a map in the Web Mercator projection. At level n, the map has 2 ** n columns and rows.

A cell is identified by the first of its cells at the deepest level, which are numbered in Z-order:
the numbers of the cells in a cell are a range.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from .box import Box

DEEPEST = 19  # its cells have 76 m at the equator
MAX_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
LEVELS_BELOW_TILE = 2  # cells have a quarter of the width of a tile: 64 pixels
MAX_CELLS = 500


def cell_of(latitude: float, longitude: float) -> int:
    """
    Return the number of the deepest cell at a location.
    """
    column, row = _to_position(latitude, longitude, DEEPEST)
    return _interleave(column, row)


def first_cell(cell: int, level: int) -> int:
    """
    Return the number of the first deepest cell in the cell of a level that contains a cell.
    """
    bits = 2 * (DEEPEST - level)
    return cell >> bits << bits


def count_deepest(level: int) -> int:
    """
    Return the number of deepest cells in a cell of a level.
    """
    return 1 << 2 * (DEEPEST - level)


def get_bounds(cell: int, level: int) -> Box:
    """
    Return the bounds of a cell. Those of the first and the last row include the poles.
    """
    column, row = (part >> (DEEPEST - level) for part in _separate(cell))
    size = 2**level
    return Box(
        south=_to_latitude((row + 1) / size) if row + 1 < size else -90.0,
        west=column / size * 360 - 180,
        north=_to_latitude(row / size) if row else 90.0,
        east=(column + 1) / size * 360 - 180,
    )


def choose_level(box: Box, zoom: int) -> int:
    """
    Return the level for a map. In a large box, it is reduced, so that the box has at most about
    `MAX_CELLS` cells.
    """
    level = min(zoom + LEVELS_BELOW_TILE, DEEPEST)
    while level and count_cells(box, level) > MAX_CELLS:
        level -= 1
    return level


def count_cells(box: Box, level: int) -> int:
    """
    Return the number of cells of a level that intersect a box.
    """
    return sum(
        (right - left + 1) * (bottom - top + 1)
        for left, top, right, bottom in _find_rectangles(box, level)
    )


def find_ranges(box: Box, level: int) -> list[tuple[int, int]]:
    """
    Return ranges of deepest cells that contain the cells of a box, and some of their surroundings.
    Larger cells are used, so that there are few ranges.
    """
    while level and count_cells(box, level) > 16:
        level -= 1
    cells = (_interleave(column, row) for column, row in _iter_positions(box, level))
    bits = 2 * (DEEPEST - level)
    ranges: list[tuple[int, int]] = []
    for cell in sorted(cells):
        first, last = cell << bits, ((cell + 1) << bits) - 1
        if ranges and ranges[-1][1] == first - 1:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def intersects(box: Box, cell: int, level: int) -> bool:
    """
    Return whether a cell of a level contains a part of a box. Columns and rows are compared,
    because the degrees of their edges are rounded.
    """
    column, row = (part >> (DEEPEST - level) for part in _separate(cell))
    return any(
        left <= column <= right and top <= row <= bottom
        for left, top, right, bottom in _find_rectangles(box, level)
    )


def _split_longitudes(box: Box) -> list[tuple[float, float]]:
    if box.west <= box.east:
        return [(box.west, box.east)]
    return [(box.west, 180.0), (-180.0, box.east)]


def _iter_positions(box: Box, level: int) -> Iterator[tuple[int, int]]:
    for left, top, right, bottom in _find_rectangles(box, level):
        for column in range(left, right + 1):
            for row in range(top, bottom + 1):
                yield column, row


def _find_rectangles(box: Box, level: int) -> Iterator[tuple[int, int, int, int]]:
    for west, east in _split_longitudes(box):
        yield _to_position(box.north, west, level) + _to_position(box.south, east, level)


def _to_position(latitude: float, longitude: float, level: int) -> tuple[int, int]:
    """
    Return the column from the west and the row from the north.
    """
    size = 2**level
    sine = math.sin(math.radians(max(-MAX_LATITUDE, min(latitude, MAX_LATITUDE))))
    x = (longitude + 180) / 360
    y = 0.5 - math.atanh(sine) / (2 * math.pi)
    column, row = (max(0, min(math.floor(each * size), size - 1)) for each in (x, y))
    return column, row


def _to_latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


def _interleave(column: int, row: int) -> int:
    return _spread(column) | _spread(row) << 1


def _separate(cell: int) -> tuple[int, int]:
    return _gather(cell), _gather(cell >> 1)


def _spread(number: int) -> int:
    """
    Insert a zero before each bit of a number of at most 32 bits.
    """
    for shift, mask in SPREAD_STEPS:
        number = (number | number << shift) & mask
    return number


def _gather(number: int) -> int:
    """
    Return every other bit: the reverse of `_spread`.
    """
    number &= SPREAD_STEPS[-1][1]
    for (shift, _), (_, mask) in zip(
        reversed(SPREAD_STEPS), [*reversed(SPREAD_STEPS[:-1]), (0, 0xFFFFFFFF)], strict=True
    ):
        number = (number | number >> shift) & mask
    return number


SPREAD_STEPS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
