"""
Base class of services that store files, such as WebDAV servers and buckets.
"""

from .connector import RemoteFiles
from .entries import FileFailed, FolderListing, Listing, RemoteFile, RemoteFolder

__all__ = ["FileFailed", "FolderListing", "Listing", "RemoteFile", "RemoteFiles", "RemoteFolder"]
