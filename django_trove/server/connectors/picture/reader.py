"""
An image file: what it says about itself, and its sizes.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from PIL import Image, UnidentifiedImageError

from django_trove.client.content import Location

from ..base import Rendition
from .captions import Caption, merge_captions, read_iptc, read_xmp
from .exif import read_caption, read_date, read_location, read_orientation

TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
}
"""Formats that are read, by what Pillow finds in the content, and their media types."""

SIZES = {"large": 1600, "medium": 800, "thumbnail": 320}
"""Pixels of the longest side, the largest first: each is made from the one before."""

MAX_PIXELS = 60_000_000
MAX_PROFILE_BYTES = 65_536
TRANSPOSE_BY_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation upright."""

SIDEWAYS_ORIENTATIONS = frozenset({5, 6, 7, 8})
T = TypeVar("T")

lock = threading.Lock()


class Unreadable(Exception):
    """
    A picture that can't be shown.

    :param reason: in plain words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownFormat(Unreadable):
    """
    A file in no format that is read here.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    What an image file says about itself.

    :param type: the media type of the file.
    :param width: upright, in pixels.
    :param height: upright, in pixels.
    """

    type: str
    width: int
    height: int
    caption: Caption
    taken: datetime | None
    place: Location | None
    renditions: dict[str, Rendition]


def read(path: Path | BinaryIO) -> Picture:
    """
    Read a picture and make its sizes.

    :param path: where it is, or its content as an open file.

    :raises Unreadable: if it is damaged, too large or no picture; with the reason.
    """
    try:
        with _suppress_warnings(), Image.open(path, formats=list(TYPES.keys() - {"MPO"})) as image:
            return _read_image(image)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise UnknownFormat("It is not a JPEG, PNG, WebP, GIF or TIFF picture.") from None
    except PermissionError:
        raise Unreadable("Its permissions don't let the Trove read it.") from None
    except FileNotFoundError:
        raise Unreadable("It went away while it was read.") from None
    except Image.DecompressionBombError:
        raise Unreadable("It has more pixels than are safe to read.") from None
    except Exception as error:  # Pillow raises whatever a damaged file leads to
        raise Unreadable("It is damaged or incomplete.") from error


def _read_image(image: Image.Image) -> Picture:
    width, height = image.size
    written = _read_or_default(image.getexif, Image.Exif())
    turned = _read_or_default(lambda: read_orientation(written), 1)
    caption = merge_captions(
        _read_or_default(lambda: read_xmp(image), Caption()),
        _read_or_default(lambda: read_iptc(image), Caption()),
        _read_or_default(lambda: read_caption(written), Caption()),
    )
    return Picture(
        type=TYPES[str(image.format)],
        width=height if turned in SIDEWAYS_ORIENTATIONS else width,
        height=width if turned in SIDEWAYS_ORIENTATIONS else height,
        caption=caption,
        taken=_read_or_default(lambda: read_date(written), None),
        place=_read_or_default(lambda: read_location(written), None),
        renditions=_make_renditions(image, turned),
    )


def _read_or_default(read_it: Callable[[], T], default: T) -> T:
    """
    Read one kind of metadata. What is broken there must not cost the picture.
    """
    try:
        return read_it()
    except Exception:  # a damaged block raises anything
        return default


def _make_renditions(image: Image.Image, turned: int) -> dict[str, Rendition]:
    """
    Make the sizes, upright and without metadata. None is larger than the picture, and those that
    come out the same are one.
    """
    longest = max(SIZES.values())
    image.draft("RGB", (longest, longest))  # lets a JPEG decode at a fraction of its size
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable("It has more pixels than are safe to read.")
    image.load()
    picture, profile = _convert_for_web(image)
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if turned in TRANSPOSE_BY_ORIENTATION:
        picture = picture.transpose(TRANSPOSE_BY_ORIENTATION[turned])
    rendition = _encode(picture, profile)
    made = {}
    for size, side in SIZES.items():
        if max(picture.size) > side:
            picture.thumbnail((side, side), Image.Resampling.LANCZOS)
            rendition = _encode(picture, profile)
        made[size] = rendition
    return made


def _convert_for_web(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """
    Return the picture in a mode that browsers show, and the colour profile if it still fits.
    """
    profile = image.info.get("icc_profile")
    fits = image.mode in ("RGB", "RGBA") and profile and len(profile) <= MAX_PROFILE_BYTES
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if clear else "RGB"), profile if fits else None


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
    Keep Pillow's warnings about odd files out of the host's log. Warning filters belong to the
    whole process, so one thread at a time.
    """
    with lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
