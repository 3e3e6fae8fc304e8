"""
Metadata of pictures and videos: one reader for each standard.
"""

from .embedded import (
    read_metadata,
    read_orientation,
    read_tiff_metadata,
    read_tiff_orientation,
)
from .fields import Metadata, merge_metadata, read_or_default
from .tiff import find_damaged_tags
from .xmp import read_xmp_packet

__all__ = [
    "Metadata",
    "find_damaged_tags",
    "merge_metadata",
    "read_metadata",
    "read_or_default",
    "read_orientation",
    "read_tiff_metadata",
    "read_tiff_orientation",
    "read_xmp_packet",
]
