"""
Reading of image files.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from ..base import Rendition
from .exif import read_orientation
from .memory import MEGABYTE, get_limit, is_reducible, required_memory
from .metadata import Metadata, read_metadata, read_or_default

TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
}
"""Media types of supported formats, by Pillow's name."""

SIZES = {"large": 1600, "medium": 800, "thumbnail": 320}
"""Pixels of the longest side, in descending order: each size is created from the previous one."""

LARGEST = (max(SIZES.values()), max(SIZES.values()))
MAX_PIXELS = 60_000_000
PROFILE_MODES = ("RGB", "RGBA")  # the profile does not apply to a picture that is converted
MAX_PROFILE_BYTES = 65_536
FIRST_SIDEWAYS_ORIENTATION = 5  # 5 to 8 exchange width and height

lock = threading.Lock()


class Unreadable(Exception):
    """
    A picture that cannot be read.

    :param reason: one sentence for the user.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownFormat(Unreadable):
    """
    The file has no supported image format.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Metadata and sizes of an image file.

    :param type: the media type of the file.
    :param width: in pixels, after rotation.
    :param height: in pixels, after rotation.
    """

    type: str
    width: int
    height: int
    metadata: Metadata
    renditions: dict[str, Rendition]


def read(path: Path | BinaryIO) -> Picture:
    """
    Read a picture and create its sizes.

    :param path: a path, or an open file.
    :raises Unreadable: if it is damaged, too large or not a picture.
    """
    try:
        with _suppress_warnings(), Image.open(path, formats=list(TYPES.keys() - {"MPO"})) as image:
            return _read_image(image)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise UnknownFormat("The file is not a JPEG, PNG, WebP, GIF or TIFF picture.") from None
    except PermissionError:
        raise Unreadable("The server has no permission to read the file.") from None
    except FileNotFoundError:
        raise Unreadable("The file was removed while it was being read.") from None
    except Image.DecompressionBombError:
        raise Unreadable("The picture has too many pixels.") from None
    except Exception as error:  # Pillow raises many types for damaged files
        raise Unreadable("The file is damaged or incomplete.") from error


def _read_image(image: Image.Image) -> Picture:
    width, height = image.size
    _prepare(image)  # before the metadata: Pillow loads a PNG to read its EXIF
    metadata = read_metadata(image)
    exif = read_or_default(image.getexif, Image.Exif())
    picture, profile = _decode(image)
    # After loading: Pillow itself rotates a TIFF, and then removes the orientation.
    orientation = read_or_default(lambda: read_orientation(exif), 1)
    if orientation >= FIRST_SIDEWAYS_ORIENTATION:
        width, height = height, width
    return Picture(
        type=TYPES[str(image.format)],
        width=width,
        height=height,
        metadata=metadata,
        renditions=_make_renditions(_transpose(picture, orientation), profile),
    )


def _prepare(image: Image.Image) -> None:
    """
    Select the size at which a JPEG is decoded, and check the number of pixels and the memory that
    the picture requires.
    """
    full_size = image.size
    image.draft("RGB", LARGEST)  # decodes a JPEG at a fraction of its size
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable("The picture has too many pixels.")
    required, limit = required_memory(image, full_size), get_limit()
    if required > limit:
        raise Unreadable(
            f"The picture requires {required // MEGABYTE} MB of memory. The limit of this Trove is "
            f"{limit // MEGABYTE} MB."
        )


def _decode(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """
    Load the picture, reduced to the largest size, and return its color profile.
    """
    image.load()
    profile = image.info.get("icc_profile") if image.mode in PROFILE_MODES else None
    if is_reducible(image):  # requires less memory than converting the full size
        image.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    picture = _convert_for_web(image)
    picture.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    return picture, profile if profile and len(profile) <= MAX_PROFILE_BYTES else None


def _transpose(picture: Image.Image, orientation: int) -> Image.Image:
    """
    Rotate a picture. Its own EXIF is removed, because it may be damaged.
    """
    picture.info.clear()
    picture.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(picture)


def _make_renditions(picture: Image.Image, profile: bytes | None) -> dict[str, Rendition]:
    """
    Create the sizes, without metadata. No size is larger than the picture; equal sizes share one
    rendition.
    """
    rendition = _encode(picture, profile)
    renditions = {}
    for size, side in SIZES.items():
        if max(picture.size) > side:
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            rendition = _encode(picture, profile)
        renditions[size] = rendition
    return renditions


def _convert_for_web(image: Image.Image) -> Image.Image:
    """
    Return the picture in a mode that browsers support.
    """
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if transparent else "RGB")


def _encode(picture: Image.Image, profile: bytes | None) -> Rendition:
    buffer = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(buffer, "WEBP", quality=82, icc_profile=profile, exif=b"", xmp=b"")
        return Rendition(buffer.getvalue(), "image/webp")
    picture.save(
        buffer, "JPEG", quality=82, optimize=True, progressive=True, icc_profile=profile, exif=b""
    )
    return Rendition(buffer.getvalue(), "image/jpeg")


@contextmanager
def _suppress_warnings() -> Iterator[None]:
    """
    Suppress Pillow's warnings about unusual files. Warning filters are global, so a lock is
    required.
    """
    with lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
