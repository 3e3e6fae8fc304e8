"""
Connector for WebDAV servers.
"""

from .connector import WebDav

__all__ = ["WebDav"]
