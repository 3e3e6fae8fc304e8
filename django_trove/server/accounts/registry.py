"""
Connector instances of accounts and services.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..conf import conf
from ..connectors.authorization import Credentials
from ..connectors.base import Connector
from ..connectors.errors import ServiceFailed
from ..connectors.folder import Folder
from ..connectors.messages import Message as _
from ..connectors.registry import OTHER_SOURCES, get_connector_classes
from ..connectors.remote import RemoteConnector
from ..models import Identity
from .credentials import StoredCredentials

logger = logging.getLogger(__name__)


def get_service_titles() -> dict[str, str]:
    """
    Return the display name of each service.
    """
    return {name: connector.title for name, connector in get_connector_classes().items()}


def get_connector_class(identity: Identity) -> type[Connector] | None:
    """
    Return the connector class of an account; None if its service is unknown.
    """
    other: type[Connector] | None = OTHER_SOURCES.get(identity.settings.get("by", ""))
    return other or get_connector_classes().get(identity.service)


def get_connector(identity: Identity) -> Connector:
    """
    Return the connector of an account.

    :raises ServiceFailed: if the service is unknown, or the token cannot be decrypted.
    """
    connector = get_connector_class(identity)
    if connector is None:
        raise ServiceFailed(
            _("The service %(service)s is not configured.", service=identity.service)
        )
    if issubclass(connector, RemoteConnector):
        return connector(identity.settings, StoredCredentials(identity))
    return connector(identity.settings)


def get_remote_connector(name: str) -> RemoteConnector | None:
    """
    Return a connector without an account, which starts authorizations; None if the service is not a
    web service or is not in the setting `SERVICES` with its keys.
    """
    connector = get_connector_classes().get(name)
    config = conf.services.get(name)
    if config is None or connector is None or not issubclass(connector, RemoteConnector):
        return None
    return connector({}, Credentials(config)) if all(map(config.get, connector.keys)) else None


def addable_services() -> list[str]:
    """
    Return the names of the services that a user can add.
    """
    folder = [Folder.name] if conf.folder_root else []
    return [*folder, *(name for name in get_connector_classes() if get_remote_connector(name))]


def get_attributions(services: Iterable[str]) -> list[str]:
    """
    Return the attribution texts that services require wherever their photos are displayed.
    """
    connectors = get_connector_classes()
    classes = [connectors[name] for name in services if name in connectors]
    return [
        connector.attribution
        for connector in classes
        if issubclass(connector, RemoteConnector) and connector.attribution
    ]
