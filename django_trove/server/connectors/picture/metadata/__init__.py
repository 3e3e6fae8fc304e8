"""
Metadata of pictures and videos: one reader for each standard.
"""

from .embedded import read_metadata
from .exif import read_orientation
from .fields import Metadata, merge_metadata, read_or_default
from .xmp import read_xmp_packet

__all__ = [
    "Metadata",
    "merge_metadata",
    "read_metadata",
    "read_or_default",
    "read_orientation",
    "read_xmp_packet",
]
