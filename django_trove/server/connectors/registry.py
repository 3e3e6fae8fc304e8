"""
The connectors of this package and of the settings.
"""

from __future__ import annotations

from ..conf import conf
from .base import Connector
from .facebook.connector import Facebook
from .flickr.connector import Flickr
from .folder import Folder
from .google import Google
from .immich.connector import Immich
from .nextcloud.connector import Nextcloud
from .s3.connector import S3
from .smugmug.connector import SmugMug
from .takeout.connector import Takeout
from .webdav import WebDav

CONNECTOR_CLASSES: tuple[type[Connector], ...] = (
    Folder,
    Flickr,
    SmugMug,
    Google,
    Facebook,
    WebDav,
    Nextcloud,
    Immich,
    S3,
)

CONNECTORS: dict[str, type[Connector]] = {
    connector.name: connector for connector in CONNECTOR_CLASSES
}

OTHER_SOURCES: dict[str, type[Connector]] = {"takeout": Takeout}
"""Connectors for other sources of these services, selected by an identity's `settings["by"]`."""


def get_connector_classes() -> dict[str, type[Connector]]:
    """
    Return all connector classes by service name.

    :raises ImportError: if a class in the setting `CONNECTORS` cannot be imported.
    """
    return CONNECTORS | {connector.name: connector for connector in conf.import_connectors()}
