"""
The sizes of a picture, without metadata.
"""

from __future__ import annotations

import io

from PIL import ExifTags, Image, ImageDraw, ImageOps

from ..base import Rendition

SIZES = {"large": 1600, "medium": 800, "thumbnail": 320}
"""Pixels of the longest side, in descending order: each size is created from the previous one."""

LARGEST = (max(SIZES.values()), max(SIZES.values()))
MAX_PROFILE_BYTES = 65_536
GRAY, LIGHT_GRAY = (64, 64, 64), (208, 208, 208)
PLACEHOLDER_SIDE = 800


def make_renditions(picture: Image.Image, profile: bytes | None) -> dict[str, Rendition]:
    """
    Create the sizes. None is larger than the picture; equal sizes share one rendition.

    :param picture: it is resized.
    :param profile: its color profile; a large one is not used.
    """
    profile = profile if profile and len(profile) <= MAX_PROFILE_BYTES else None
    picture.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    rendition = _encode(picture, profile)
    renditions = {}
    for size, side in SIZES.items():
        if max(picture.size) > side:
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            rendition = _encode(picture, profile)
        renditions[size] = rendition
    return renditions


def find_average_color(picture: Image.Image) -> str:
    """
    Return the average color of an opaque picture, such as "#3f6e8c", or "".
    """
    if "A" in picture.getbands():
        return ""
    pixel = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return "#{:02x}{:02x}{:02x}".format(*pixel)  # type: ignore[misc]


def transpose(picture: Image.Image, orientation: int) -> Image.Image:
    """
    Rotate a picture. Its own EXIF is removed, because it may be damaged.

    :param orientation: as in EXIF, 1 to 8.
    """
    picture.info.clear()
    picture.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(picture)


def draw_placeholder(width: int, height: int) -> Image.Image:
    """
    Draw the picture of a video without a poster frame: a triangle, in the video's aspect ratio.
    """
    longest = max(width, height, 1)
    width, height = (max(side * PLACEHOLDER_SIDE // longest, 160) for side in (width, height))
    picture = Image.new("RGB", (width, height), GRAY)
    x, y, radius = width / 2, height / 2, min(width, height) / 5
    corners = [(x - radius * 0.7, y - radius), (x - radius * 0.7, y + radius), (x + radius, y)]
    ImageDraw.Draw(picture).polygon(corners, fill=LIGHT_GRAY)
    return picture


def _encode(picture: Image.Image, profile: bytes | None) -> Rendition:
    buffer = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(buffer, "WEBP", quality=82, icc_profile=profile, exif=b"", xmp=b"")
        return Rendition(buffer.getvalue(), "image/webp", *picture.size)
    picture.save(
        buffer, "JPEG", quality=82, optimize=True, progressive=True, icc_profile=profile, exif=b""
    )
    return Rendition(buffer.getvalue(), "image/jpeg", *picture.size)
