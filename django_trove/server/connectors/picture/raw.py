"""
RAW files of cameras. The picture is the preview that the camera embeds; the sensor's data is not
decoded.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from django_trove.client.values import Camera

from ..messages import Message as _
from .errors import MissingPackage, Unreadable
from .jpeg import JpegFile
from .memory import get_limit
from .metadata import (
    Metadata,
    merge_metadata,
    read_metadata,
    read_or_default,
    read_tiff_metadata,
    read_tiff_orientation,
)

NO_PREVIEW = _("The RAW file is damaged, or contains no preview that can be read.")
FLIPS = {3: 3, 5: 8, 6: 6}  # LibRaw's rotation: orientation in EXIF


@dataclass(frozen=True, slots=True)
class Preview:
    """
    :param image: not loaded yet.
    :param size: width and height of the full picture, before rotation.
    :param orientation: of the preview, as in EXIF, 1 to 8.
    :param metadata: of the RAW file.
    """

    image: Image.Image
    size: tuple[int, int]
    orientation: int
    metadata: Metadata


def open_preview(file: BinaryIO, path: Path | None) -> Preview:
    """
    Open the largest preview of a RAW file.

    :param path: the path of the file, if it has one: LibRaw reads only the parts that it needs.
    :raises Unreadable: if it has none.
    """
    try:
        import rawpy  # noqa: PLC0415  an extra, which loads LibRaw
    except ImportError:
        raise MissingPackage(_("RAW pictures"), "raw") from None
    if not path and 2 * file.seek(0, 2) > get_limit():
        raise Unreadable(_("The RAW file requires more memory than the limit of this Trove."))
    file.seek(0)
    try:
        with rawpy.imread(str(path) if path else file) as raw:
            image = _open_thumbnail(raw.extract_thumb())
            size, flip = (raw.sizes.width, raw.sizes.height), FLIPS.get(raw.sizes.flip, 1)
            other = read_or_default(lambda: _read_camera_data(raw.other), Metadata())
    except rawpy.LibRawError:
        raise Unreadable(NO_PREVIEW) from None
    own, orientation = read_tiff_metadata(file), read_tiff_orientation(file)
    is_sideways = _is_portrait(image.size) != _is_portrait(size)  # the preview is upright already
    return Preview(
        image=image,
        size=size,
        orientation=1 if is_sideways else orientation or flip,
        metadata=merge_metadata(own, read_metadata(image), other),
    )


def _open_thumbnail(thumbnail: Any) -> Image.Image:
    if isinstance(thumbnail.data, bytes):
        return JpegFile(io.BytesIO(thumbnail.data))
    return Image.fromarray(thumbnail.data)


def _is_portrait(size: tuple[int, int]) -> bool:
    return size[1] > size[0]


def _read_camera_data(other: Any) -> Metadata:
    """
    Return the data that LibRaw finds in all formats. Its time is the camera's clock; 1970 if it is
    unknown.
    """
    taken: datetime = other.timestamp
    return Metadata(
        taken=taken.replace(tzinfo=UTC) if taken.year > 1970 else None,
        camera=Camera(
            exposure_time=float(other.shutter_speed),
            aperture=float(other.aperture),
            iso=round(other.iso_speed),
            focal_length=float(other.focal_length),
        ),
    )
