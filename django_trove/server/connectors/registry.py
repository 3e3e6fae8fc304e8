"""
The services that this Trove knows.
"""

from __future__ import annotations

from .base import Connector
from .facebook import Facebook
from .flickr import Flickr
from .folder import Folder
from .google import Google
from .smugmug import SmugMug

__all__ = ["CONNECTORS"]

ALL: tuple[type[Connector], ...] = (Folder, Flickr, SmugMug, Google, Facebook)

CONNECTORS: dict[str, type[Connector]] = {connector.name: connector for connector in ALL}
"""Connectors by the service's name."""
