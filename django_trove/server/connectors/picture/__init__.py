"""
Metadata and sizes of image files.
"""

from .captions import Caption
from .reader import Picture, Unreadable, read

__all__ = ["Caption", "Picture", "Unreadable", "read"]
