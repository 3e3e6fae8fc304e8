"""
Metadata in image files and sidecars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PIL import Image

from .exif import read_exif
from .fields import Metadata, merge_metadata
from .iptc import read_iptc
from .xmp import read_xmp, read_xmp_packet

__all__ = ["Metadata", "merge_metadata", "read_metadata", "read_xmp_packet"]

T = TypeVar("T")


def read_metadata(image: Image.Image) -> Metadata:
    """
    Read XMP, IPTC and EXIF. Damaged metadata is ignored.
    """
    exif = read_or_default(lambda: read_exif(image.getexif()), Metadata())
    xmp = read_or_default(lambda: read_xmp(image), Metadata())
    iptc = read_or_default(lambda: read_iptc(image), Metadata())
    return merge_metadata(xmp, iptc, exif)


def read_or_default(reader: Callable[[], T], default: T) -> T:
    """
    Read one kind of metadata. Damaged metadata must not make the picture unreadable.
    """
    try:
        return reader()
    except Exception:  # damaged metadata raises many types
        return default
