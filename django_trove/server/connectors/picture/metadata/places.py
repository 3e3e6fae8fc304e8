"""
Positions as cameras and programs write them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from django_trove.client.values import Location

from ...values import as_location

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
REFERENCE = re.compile(r"[NSEW]", re.IGNORECASE)
NEGATIVE_REFERENCES = ("S", "W")


def parse_location(
    latitude: Sequence[float], longitude: Sequence[float], references: tuple[str, str]
) -> Location | None:
    """
    Return the position; None if it is invalid or (0, 0). If a reference is missing, at least one
    number must be negative: otherwise, they may be unsigned.

    :param latitude: degrees, minutes and seconds, or fewer numbers. Unknown ones are not finite.
    :param references: "N" or "S", and "E" or "W", or words that start with these letters.
    """
    north_south, east_west = (reference.strip()[:1].upper() for reference in references)
    degrees = _to_degrees(latitude, north_south), _to_degrees(longitude, east_west)
    if None in degrees:
        return None
    if not (north_south or east_west) and not _contains_negative(degrees):
        return None
    if north_south not in ("N", "S", "") or east_west not in ("E", "W", ""):
        return None
    if bool(north_south) != bool(east_west) and not _contains_negative(degrees):
        return None
    return as_location(*degrees)


def parse_location_texts(latitude: str, longitude: str) -> Location | None:
    """
    Parse the format of XMP, "40,42.5N", or signed degrees.
    """
    return as_location(_parse_degrees(latitude, "NS"), _parse_degrees(longitude, "EW"))


def _parse_degrees(text: str, references: str) -> float | None:
    match = REFERENCE.search(text)
    reference = match[0].upper() if match else ""
    if reference and reference not in references:
        return None
    return _to_degrees([float(number) for number in NUMBER.findall(text)[:3]], reference)


def _to_degrees(parts: Sequence[float], reference: str) -> float | None:
    if not 1 <= len(parts) <= 3 or not math.isfinite(parts[0]):
        return None
    known = [abs(part) if math.isfinite(part) else 0 for part in parts]
    degrees = sum((part / 60**power for power, part in enumerate(known)), 0.0)
    is_negative = math.copysign(1, parts[0]) < 0 or reference in NEGATIVE_REFERENCES
    return -degrees if is_negative else degrees


def _contains_negative(degrees: tuple[float | None, ...]) -> bool:
    return any(part is not None and part < 0 for part in degrees)
