"""
Metadata and sizes of image files.
"""

from .metadata import Metadata
from .reader import Picture, Unreadable, read

__all__ = ["Metadata", "Picture", "Unreadable", "read"]
