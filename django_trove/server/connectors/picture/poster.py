"""
Frames of videos, and videos in formats without boxes, such as WebM and AVI.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, BinaryIO

from PIL import Image

from ..messages import Message as _
from .errors import Damaged, MissingPackage, UnknownFormat
from .formats import BOX_VIDEOS
from .memory import get_limit
from .metadata import Metadata
from .metadata.text import decode_text
from .renditions import LARGEST
from .video import VideoInfo, parse_date

# FFmpeg's names. They are passed, because some formats, such as playlists, open other files.
CONTAINERS = {
    **dict.fromkeys(BOX_VIDEOS, "mov"),
    "video/webm": "matroska",
    "video/matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "video/x-ms-wmv": "asf",
    "video/x-flv": "flv",
}

FIRST_TOLERANT_VERSION = 19  # of PyAV: it decodes texts with surrogateescape without an option
MICROSECONDS = 1_000_000
POSTER_SECONDS = 1  # many videos start with a black frame
MAX_PACKETS = 2000
MAX_PIXELS = 60_000_000
FRAME_BYTES = 12  # per pixel; measured were up to 4 for one frame of H.264, HEVC, VP9 and ProRes


def has_package() -> bool:
    return find_spec("av") is not None


def read_poster(file: BinaryIO, kind: str) -> Image.Image | None:
    """
    Return a frame of a video, not rotated, and not larger than the largest size; None if it cannot
    be decoded, or the package is missing.

    :param kind: the media type.
    """
    if not has_package():
        return None
    try:
        with _open_container(file, kind) as container:
            return _decode_frame(container)
    except Exception:  # damaged videos raise many types; a video without a poster can be played
        return None


def read_container_info(file: BinaryIO, kind: str) -> VideoInfo:
    """
    Read the metadata of a video without boxes.

    :raises Unreadable: if it is damaged, or contains no video.
    """
    if not has_package():
        raise MissingPackage(_("Videos in this format"), "video")
    try:
        with _open_container(file, kind) as container:
            return _read_info(container)
    except UnknownFormat:
        raise
    except Exception as error:  # damaged videos raise many types
        raise Damaged from error


def _open_container(file: BinaryIO, kind: str) -> Any:
    import av  # noqa: PLC0415  an extra, which loads FFmpeg

    file.seek(0)
    is_strict = int(av.__version__.partition(".")[0]) < FIRST_TOLERANT_VERSION
    options: dict[str, Any] = {"metadata_errors": "surrogateescape"} if is_strict else {}
    return av.open(file, format=CONTAINERS[kind], **options)


def _decode_frame(container: Any) -> Image.Image | None:
    stream = container.streams.video[0]
    codec = stream.codec_context
    codec.thread_count = 1
    codec.skip_frame = "NONKEY"
    codec.options = {"max_pixels": str(min(get_limit() // FRAME_BYTES, MAX_PIXELS))}
    _seek(container)
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return _to_image(frame)
        if number >= MAX_PACKETS:
            break
    return None


def _seek(container: Any) -> None:
    if container.duration and container.duration > 3 * POSTER_SECONDS * MICROSECONDS:
        container.seek(POSTER_SECONDS * MICROSECONDS)


def _to_image(frame: Any) -> Image.Image:
    scale = min(1, LARGEST[0] / max(frame.width, frame.height))
    width, height = (max(round(side * scale), 1) for side in (frame.width, frame.height))
    image: Image.Image = frame.to_image(width=width, height=height)
    return image


def _read_info(container: Any) -> VideoInfo:
    if not container.streams.video:
        raise UnknownFormat
    codec = container.streams.video[0].codec_context
    taken, __ = parse_date(container.metadata.get("creation_time", ""))
    title = container.metadata.get("title", "").encode(errors="surrogateescape")
    return VideoInfo(
        width=codec.width,
        height=codec.height,
        orientation=1,
        duration=(container.duration or 0) / MICROSECONDS,
        metadata=Metadata(title=decode_text(title), taken=taken),
        is_live_photo=False,
    )
