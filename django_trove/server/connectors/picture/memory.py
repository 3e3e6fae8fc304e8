"""
The memory that decoding an image requires, determined from its header.

The factors were measured with Pillow 11 to 13 and pillow-heif 1.8 as the peak memory of a process;
see `tests/server/connectors/test_memory.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from PIL import Image

MEGABYTE = 1024 * 1024
DEFAULT_LIMIT = 512 * MEGABYTE
FIXED_BYTES = 24 * MEGABYTE  # buffers of the decoder, and the sizes that are created

STORED_BYTES = {"1": 1, "L": 1, "P": 1, "PA": 4, "LA": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes per pixel of Pillow's modes; 4 for all others."""

REDUCIBLE_MODES = ("L", "RGB", "CMYK", "YCbCr", "LA", "RGBA")
TRANSPARENT_MODES = ("LA", "RGBA", "PA")

CONVERSION_BYTES = 6  # per pixel: a copy in RGB, and half of it while it is resized
PREMULTIPLIED_BYTES = 4  # per pixel, for resizing a picture with transparency
WEBP_DECODER_BYTES = 10  # per pixel, in addition to the image
AVIF_DECODER_BYTES = 4
HEIF_DECODER_BYTES = 3
DEEP_HEIF_DECODER_BYTES = 9  # with more than 8 bits per channel

_limit: ContextVar[int] = ContextVar("image_memory", default=DEFAULT_LIMIT)


@contextmanager
def limit_memory(size: int) -> Iterator[None]:
    """
    Limit the memory of images that are read in this context.

    :param size: in bytes.
    """
    token = _limit.set(size)
    try:
        yield
    finally:
        _limit.reset(token)


def get_limit() -> int:
    return _limit.get()


def is_reducible(image: Image.Image) -> bool:
    """
    Return whether an image can be resized before it is converted.
    """
    return image.mode in REDUCIBLE_MODES and "transparency" not in image.info


def required_memory(image: Image.Image, full_size: tuple[int, int]) -> int:
    """
    Return the peak memory of decoding and resizing an image, in bytes.

    :param image: an opened image that is not loaded, after `draft`.
    :param full_size: the size before `draft`.
    """
    pixel = STORED_BYTES.get(image.mode, 4) * 1.5  # half of it while it is resized
    if not is_reducible(image):
        pixel += CONVERSION_BYTES
    if image.mode in TRANSPARENT_MODES or "transparency" in image.info:
        pixel += PREMULTIPLIED_BYTES
    if image.format == "WEBP":
        pixel += WEBP_DECODER_BYTES
    if image.format == "AVIF":
        pixel += AVIF_DECODER_BYTES
    if image.format == "HEIF":
        is_deep = image.info.get("bit_depth", 8) > 8
        pixel += DEEP_HEIF_DECODER_BYTES if is_deep else HEIF_DECODER_BYTES
    if image.format == "TIFF":
        pixel += _tiff_sample_bytes(image)
    size = int(image.width * image.height * pixel) + FIXED_BYTES
    if image.format in ("JPEG", "MPO"):
        size += _jpeg_coefficient_bytes(image, full_size)
    return size


def _jpeg_coefficient_bytes(image: Any, full_size: tuple[int, int]) -> int:
    """
    Return the size of the coefficients. libjpeg keeps those of the whole image, at full size, if
    the image has several scans: if it is progressive, or if its components are not interleaved.
    """
    layers = image.layer
    if not image.info.get("progressive") and _first_scan_components(image.fp) == len(layers):
        return 0
    horizontal, vertical = (max(layer[index] for layer in layers) for index in (1, 2))
    share: float = sum(layer[1] * layer[2] for layer in layers) / (horizontal * vertical)
    return int(full_size[0] * full_size[1] * share * 2)


def _first_scan_components(file: Any) -> int:
    """
    Return the number of components in the first scan of a JPEG; 0 if it cannot be determined.
    """
    position = file.tell()
    try:
        file.seek(2)
        while True:
            marker = file.read(2)
            if len(marker) < 2 or marker[0] != 0xFF:
                return 0
            if marker[1] == 0xFF:  # a fill byte
                file.seek(-1, 1)
                continue
            length = int.from_bytes(file.read(2))
            if marker[1] == 0xDA:
                return int(file.read(1)[0])
            file.seek(length - 2, 1)
    except (OSError, IndexError, ValueError):
        return 0
    finally:
        file.seek(position)


def _tiff_sample_bytes(image: Any) -> int:
    """
    Return the bytes per pixel in the file: a strip may contain the whole image.
    """
    bits = image.tag_v2.get(258, (8,))  # BitsPerSample
    samples = image.tag_v2.get(277, 1)  # SamplesPerPixel
    return int(max(sum(bits), max(bits) * samples) + 7) // 8
