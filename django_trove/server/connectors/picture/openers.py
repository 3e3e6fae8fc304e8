"""
Opening of pictures, by format.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from PIL import GifImagePlugin, Image, PngImagePlugin, WebPImagePlugin

from ..messages import Message as _
from .avif import open_avif
from .errors import MissingPackage
from .jpeg import JpegFile
from .tiff import open_tiff


def _open_heif(file: BinaryIO) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile  # noqa: PLC0415  an extra, which loads libheif
    except ImportError:
        raise MissingPackage(_("HEIC and HEIF pictures"), "heic") from None
    opener: Callable[[BinaryIO], Image.Image] = HeifImageFile
    return opener(file)


OPENERS: dict[str, Callable[[BinaryIO], Image.Image]] = {
    "image/jpeg": JpegFile,
    "image/png": PngImagePlugin.PngImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/tiff": open_tiff,
    "image/avif": open_avif,
    "image/heic": _open_heif,
    "image/heif": _open_heif,
}
"""Pillow's classes are used directly: `Image.open` limits the pixels of all formats alike."""
