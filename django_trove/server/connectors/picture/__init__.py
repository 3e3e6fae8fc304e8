"""
Read an image file: metadata and renditions.
"""

from .captions import Caption
from .reader import Picture, Unreadable, read

__all__ = ["Caption", "Picture", "Unreadable", "read"]
