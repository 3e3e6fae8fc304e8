"""
The services that this Trove knows.
"""

from __future__ import annotations

from .base import Connector
from .facebook.connector import Facebook
from .flickr.connector import Flickr
from .folder import Folder
from .google import Google
from .smugmug.connector import SmugMug
from .takeout.connector import Takeout

CONNECTOR_CLASSES: tuple[type[Connector], ...] = (Folder, Flickr, SmugMug, Google, Facebook)

CONNECTORS: dict[str, type[Connector]] = {
    connector.name: connector for connector in CONNECTOR_CLASSES
}
"""Connectors by the service's name."""

OTHER_SOURCES: dict[str, type[Connector]] = {"takeout": Takeout}
"""Other connectors of some of these services, by what an identity's `settings["by"]` says."""
