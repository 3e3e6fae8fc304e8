"""
The nearest populated place of a location, from GeoNames (https://www.geonames.org, CC BY 4.0).
"""

from __future__ import annotations

import gzip
import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct, json

from django_trove.client.values import Location, Place

DATA = Path(__file__).with_name("places.json.gz")
VERSION = 1  # increment it when the data or the search changes
UNITS_PER_DEGREE = 1000
MAX_KM = 50.0  # more distant places are no places of a location, at sea for example
KM_PER_UNIT = 111.195 / UNITS_PER_DEGREE  # of latitude
BAND = 100  # units of latitude
FULL_CIRCLE = 360 * UNITS_PER_DEGREE


class Columns(Struct):
    """
    The data file.

    :param regions: country and region.
    :param region: the index of each place's region.
    """

    regions: list[tuple[str, str]]
    region: list[int]
    latitude: list[int]
    longitude: list[int]
    names: list[str]


class Gazetteer:
    """
    Places, sorted by bands of latitude and by longitude.
    """

    def __init__(self, columns: Columns) -> None:
        keys = [
            (latitude // BAND, longitude)
            for latitude, longitude in zip(columns.latitude, columns.longitude, strict=True)
        ]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self._regions = columns.regions
        self._region = array("H", [columns.region[number] for number in order])
        self._latitudes = array("i", [columns.latitude[number] for number in order])
        self._longitudes = array("i", [columns.longitude[number] for number in order])
        self._names = [columns.names[number] for number in order]
        self._bands = _find_starts([keys[number][0] for number in order])

    def find(self, latitude: float, longitude: float) -> Place | None:
        """
        Return the nearest place within `MAX_KM`, or None.
        """
        north, east = latitude * UNITS_PER_DEGREE, longitude * UNITS_PER_DEGREE
        nearest, limit = None, MAX_KM / KM_PER_UNIT
        for band in _bands_by_distance(north, limit):
            if _distance_to_band(north, band) > limit or band not in self._bands:
                continue
            for turn in (0, -FULL_CIRCLE, FULL_CIRCLE):
                number, limit = self._find_in_band(band, north, east + turn, limit)
                nearest = nearest if number is None else number
        if nearest is None:
            return None
        country, region = self._regions[self._region[nearest]]
        return Place(name=self._names[nearest], region=region, country=country)

    def _find_in_band(
        self, band: int, north: float, east: float, limit: float
    ) -> tuple[int | None, float]:
        """
        Return the nearest place within the limit, and its distance, or None and the limit.
        """
        start, end = self._bands[band]
        middle = bisect_left(self._longitudes, east, start, end)
        nearest, ratio = None, _degree_width(north, band)
        for numbers in (range(middle, end), range(middle - 1, start - 1, -1)):
            for number in numbers:
                if abs(self._longitudes[number] - east) * ratio > limit:
                    break
                distance = self._distance(number, north, east)
                if distance < limit:
                    nearest, limit = number, distance
        return nearest, limit

    def _distance(self, number: int, north: float, east: float) -> float:
        """
        Return the distance by the equirectangular approximation, in units of latitude.
        """
        height = self._latitudes[number] - north
        middle = math.radians((self._latitudes[number] + north) / 2 / UNITS_PER_DEGREE)
        return math.hypot(height, (self._longitudes[number] - east) * math.cos(middle))


@cache
def get_gazetteer() -> Gazetteer:
    """
    Load the data at the first call.
    """
    return Gazetteer(json.decode(gzip.decompress(DATA.read_bytes()), type=Columns))


def find_place(location: Location) -> Place | None:
    """
    Return the nearest place of a location, or None if there is none within `MAX_KM`.
    """
    return get_gazetteer().find(*location)


def _find_starts(bands: Sequence[int]) -> dict[int, tuple[int, int]]:
    """
    Return the range of indexes of each band in a sorted list.
    """
    starts = [n for n, band in enumerate(bands) if not n or bands[n - 1] != band]
    ends = [*starts[1:], len(bands)]
    return {bands[start]: (start, end) for start, end in zip(starts, ends, strict=True)}


def _bands_by_distance(north: float, limit: float) -> Iterator[int]:
    middle = math.floor(north / BAND)
    yield middle
    for distance in range(1, math.ceil(limit / BAND) + 1):
        yield middle - distance
        yield middle + distance


def _distance_to_band(north: float, band: int) -> float:
    return max(0.0, band * BAND - north, north - (band + 1) * BAND)


def _degree_width(north: float, band: int) -> float:
    """
    Return the smallest ratio of a degree of longitude to one of latitude between a latitude and a
    band.
    """
    farthest = max(abs(north), abs(band * BAND), abs((band + 1) * BAND)) / UNITS_PER_DEGREE
    return math.cos(math.radians(min(farthest, 90.0)))
