"""
The exposure of a photo as text.
"""

from __future__ import annotations

from django.utils.formats import number_format

from ..client.content import Photo
from ..client.values import Camera

FRACTION_LIMIT = 0.4  # seconds; cameras display shorter times as a fraction
SHORTEST_TIME = 1e-9  # seconds; shorter ones are invalid, and their reciprocals may be infinite


def format_exposure(photo: Photo) -> str:
    """
    Return the exposure as text, such as "1/250 s, f/2.8, ISO 100, 50 mm", or "".
    """
    camera = photo.camera
    parts = (
        _format_time(camera),
        camera.aperture and f"f/{_format_number(camera.aperture)}",
        camera.iso and f"ISO {camera.iso}",
        camera.focal_length and f"{_format_number(camera.focal_length)} mm",
    )
    return ", ".join(str(part) for part in parts if part)


def _format_time(camera: Camera) -> str:
    if camera.exposure_time < SHORTEST_TIME:
        return ""
    if camera.exposure_time < FRACTION_LIMIT:
        number = f"1/{round(1 / camera.exposure_time)}"
    else:
        number = _format_number(camera.exposure_time)
    return f"{number} s"


def _format_number(value: float) -> str:
    return number_format(round(value, 1) if value % 1 else int(value))
