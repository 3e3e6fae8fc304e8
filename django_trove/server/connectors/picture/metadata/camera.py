"""
The camera and its exposure.
"""

from __future__ import annotations

import math

from django_trove.client.values import Camera

DAY = 86_400
MAX_APERTURE = 1_000
MAX_ISO = 10_000_000
MAX_FOCAL_LENGTH = 20_000
MAX_NAME_LENGTH = 200
PLACEHOLDERS = ("unknown", "none", "n/a", "undef", "inf")


def build_camera(
    *,
    make: str = "",
    model: str = "",
    lens: str = "",
    exposure_time: float = 0,
    aperture: float = 0,
    iso: float = 0,
    focal_length: float = 0,
) -> Camera:
    """
    Build a camera without invalid values.
    """
    return Camera(
        make=_clean_name(make),
        model=_clean_model(_clean_name(model)),
        lens=_clean_name(lens),
        exposure_time=_limit(exposure_time, DAY, 9),
        aperture=_limit(aperture, MAX_APERTURE, 2),
        iso=int(_limit(iso, MAX_ISO, 0)),
        focal_length=_limit(focal_length, MAX_FOCAL_LENGTH, 2),
    )


def _clean_name(name: str) -> str:
    """
    Return "" for placeholders, such as "----" and "0.0 mm f/0.0".
    """
    name = " ".join(name.split())[:MAX_NAME_LENGTH]
    is_placeholder = name.casefold() in PLACEHOLDERS or not name.strip("-0. mf/")
    return "" if is_placeholder else name


def _clean_model(name: str) -> str:
    """
    Remove the make if it is repeated: "Canon Canon EOS 5D".
    """
    first, _, rest = name.partition(" ")
    return rest if rest.casefold().startswith(first.casefold() + " ") else name


def _limit(value: float, maximum: float, digits: int) -> float:
    if not math.isfinite(value) or not 0 < value <= maximum:
        return 0
    return round(value, digits)
