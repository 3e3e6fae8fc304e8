"""
Connector for a directory of files.
"""

from .connector import Folder, contains_pictures

__all__ = ["Folder", "contains_pictures"]
