"""
Reading of pictures and videos.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ..base import Rendition
from ..messages import Message as _
from .errors import (
    Damaged,
    TooLarge,
    UnknownFormat,
    Unreadable,
    WholeFileRequired,
)
from .formats import BOX_VIDEOS, HEADER_BYTES, PICTURES, RAW, VIDEOS, detect_type
from .items import find_metadata
from .memory import MEGABYTE, get_limit, is_reducible, required_memory
from .metadata import Metadata, read_metadata, read_orientation
from .openers import OPENERS
from .poster import read_container_info, read_poster
from .raw import open_preview
from .renditions import (
    LARGEST,
    draw_placeholder,
    find_average_color,
    make_renditions,
    transpose,
)
from .video import SIDEWAYS, VideoInfo, read_video_info

__all__ = ["Picture", "UnknownFormat", "Unreadable", "read"]

ITEM_PICTURES = ("image/heic", "image/heif", "image/avif")
MAX_METADATA_BYTES = 500_000
MAX_PIXELS = 60_000_000
MAX_JPEG_PIXELS = 250_000_000  # decoded at a fraction of the size
WEBP_METADATA = 0x0C  # flags of EXIF and XMP
PROFILE_MODES = ("RGB", "RGBA")  # the profile does not apply to a picture that is converted

lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Metadata and sizes of a picture or video.

    :param type: the media type of the file.
    :param width: in pixels, after rotation.
    :param height: in pixels, after rotation.
    :param renditions: of a video, its poster.
    :param average_color: of a picture, as in the protocol, or "".
    :param duration: of a video, in seconds; 0 if it is unknown.
    """

    type: str
    width: int
    height: int
    metadata: Metadata
    renditions: dict[str, Rendition]
    average_color: str = ""
    duration: float = 0

    @property
    def is_video(self) -> bool:
        return self.type.startswith("video/")


def read(source: Path | BinaryIO, name: str = "") -> Picture:
    """
    Read a picture or video and create its sizes.

    :param source: a path, or an open file, which must be seekable.
    :param name: the file name of an open file: some RAW formats are recognized by their suffix.
    :raises Unreadable: if it is damaged, too large or has no supported format.
    """
    with _convert_errors():
        if isinstance(source, Path):
            with source.open("rb") as file:
                return _read_file(file, source.name, source)
        return _read_file(source, name, None)


def read_facts(file: BinaryIO, name: str) -> Picture:
    """
    Read the metadata of a picture or video, without sizes. Only the parts of the file that contain
    it are read.

    :param file: must be seekable.
    :raises WholeFileRequired: if this is not possible for the format.
    :raises Unreadable: as `read`.
    """
    with _convert_errors():
        kind = _detect_type(file, name)
        if kind in VIDEOS.values():
            info = _read_video_info(file, kind)
            return _build_video(info, kind, {})
        if kind in RAW.values() or (kind == "image/webp" and _has_metadata_at_end(file)):
            raise WholeFileRequired
        if kind in ITEM_PICTURES:
            _load_metadata(file)
        with _suppress_warnings(), _open_image(file, kind) as image:
            size = image.size
            _prepare(image)
            metadata, orientation = read_metadata(image), read_orientation(image)
            width, height = size[::-1] if orientation in SIDEWAYS else size
            return Picture(type=kind, width=width, height=height, metadata=metadata, renditions={})


def _load_metadata(file: BinaryIO) -> None:
    """
    Read the metadata: a partial file contains only the parts that were read, and the decoder loads
    the complete file.
    """
    for start, length in find_metadata(file):
        file.seek(start)
        file.read(min(length, MAX_METADATA_BYTES))
    file.seek(0)


@contextmanager
def _convert_errors() -> Iterator[None]:
    try:
        yield
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable(_("The server does not have enough memory to read the file.")) from None
    except PermissionError:
        raise Unreadable(_("The server has no permission to read the file.")) from None
    except FileNotFoundError:
        raise Unreadable(_("The file was removed while it was being read.")) from None
    except Exception as error:  # Pillow raises many types for damaged files
        raise Damaged from error


def read_info(path: Path) -> VideoInfo:
    """
    Read the metadata of a video with boxes, without its poster.

    :raises Unreadable: if it is damaged.
    """
    try:
        with path.open("rb") as file:
            return read_video_info(file)
    except OSError:
        raise Damaged from None


def _read_file(file: BinaryIO, name: str, path: Path | None) -> Picture:
    kind = _detect_type(file, name)
    if kind in VIDEOS.values():
        return _read_video(file, kind)
    with _suppress_warnings():
        if kind in RAW.values():
            return _read_raw(file, kind, path)
        with _open_image(file, kind) as image:
            return _read_image(image, kind)


def _detect_type(file: BinaryIO, name: str) -> str:
    file.seek(0)
    kind = detect_type(file.read(HEADER_BYTES), name)
    file.seek(0)
    return kind


def _open_image(file: BinaryIO, kind: str) -> Image.Image:
    if kind not in PICTURES.values():
        raise UnknownFormat
    return OPENERS[kind](file)


def _has_metadata_at_end(file: BinaryIO) -> bool:
    """
    Return whether a WebP picture has EXIF or XMP, which follow the pixels.
    """
    header = file.read(21)
    file.seek(0)
    return header[12:16] == b"VP8X" and bool(header[20] & WEBP_METADATA)


def _read_image(image: Image.Image, kind: str, orientation: int = 0) -> Picture:
    """
    :param orientation: as in EXIF, 1 to 8; 0 for the one of the image.
    """
    size = image.size
    _prepare(image)  # before the metadata: Pillow loads a PNG to read its EXIF
    metadata = read_metadata(image)
    orientation = orientation or read_orientation(image)
    image.load()
    profile = image.info.get("icc_profile") if image.mode in PROFILE_MODES else None
    picture = transpose(_convert(image), orientation)
    renditions = make_renditions(picture, profile)
    width, height = size[::-1] if orientation in SIDEWAYS else size
    return Picture(
        type=kind,
        width=width,
        height=height,
        metadata=metadata,
        renditions=renditions,
        average_color=find_average_color(picture),
    )


def _read_raw(file: BinaryIO, kind: str, path: Path | None) -> Picture:
    preview = open_preview(file, path)
    picture = _read_image(preview.image, kind, preview.orientation)
    is_sideways = (picture.height > picture.width) != (preview.size[1] > preview.size[0])
    width, height = preview.size[::-1] if is_sideways else preview.size
    return replace(picture, width=width, height=height, metadata=preview.metadata)


def _read_video(file: BinaryIO, kind: str) -> Picture:
    info = _read_video_info(file, kind)
    poster = read_poster(file, kind)
    if poster:
        poster = transpose(poster, info.orientation)
    picture = poster or draw_placeholder(info.width, info.height)
    return _build_video(info, kind, make_renditions(picture, None))


def _read_video_info(file: BinaryIO, kind: str) -> VideoInfo:
    return read_video_info(file) if kind in BOX_VIDEOS else read_container_info(file, kind)


def _build_video(info: VideoInfo, kind: str, renditions: dict[str, Rendition]) -> Picture:
    return Picture(
        type=kind,
        width=info.width,
        height=info.height,
        metadata=info.metadata,
        renditions=renditions,
        duration=info.duration,
    )


def _prepare(image: Image.Image) -> None:
    """
    Select the size at which a JPEG is decoded, and check the number of pixels and the memory that
    the picture requires.
    """
    full_size = image.size
    image.draft("RGB", _fit(full_size))  # decodes a JPEG at a fraction of its size
    is_too_large = full_size[0] * full_size[1] > MAX_JPEG_PIXELS
    if is_too_large or image.width * image.height > MAX_PIXELS:
        raise Unreadable(_("The picture has too many pixels."))
    required, limit = required_memory(image, full_size), get_limit()
    if required > limit:
        raise TooLarge(
            _(
                "The picture requires %(required)s MB of memory. The limit of this Trove is "
                "%(limit)s MB.",
                required=required // MEGABYTE,
                limit=limit // MEGABYTE,
            )
        )


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    """
    Return the largest size that is created of a picture.
    """
    scale = min(LARGEST[0] / max(size), 1)
    return max(int(size[0] * scale), 1), max(int(size[1] * scale), 1)


def _convert(image: Image.Image) -> Image.Image:
    """
    Return the picture in a mode that browsers support, reduced to the largest size.
    """
    if is_reducible(image):  # requires less memory than converting the full size
        image.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    picture = image.convert("RGBA" if transparent else "RGB")
    picture.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    return picture


@contextmanager
def _suppress_warnings() -> Iterator[None]:
    """
    Suppress Pillow's warnings about unusual files. Warning filters are global, so a lock is
    required.
    """
    with lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
