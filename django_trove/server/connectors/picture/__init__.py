"""
Metadata and sizes of image files and videos.
"""

from .metadata import Metadata
from .reader import Picture, Unreadable, read

__all__ = ["Metadata", "Picture", "Unreadable", "read"]
