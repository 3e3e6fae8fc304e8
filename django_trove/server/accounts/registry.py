"""
The services that this Trove knows, and those that people add themselves, in a browser.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.utils.module_loading import import_string

from ..conf import conf
from ..connectors.base import Connector, ServiceFailed
from ..connectors.folder import Folder
from ..connectors.registry import CONNECTORS, OTHER_SOURCES
from ..connectors.remote import Credentials, RemoteConnector
from ..models import Identity
from .credentials import StoredCredentials

logger = logging.getLogger(__name__)


def get_connector_classes() -> dict[str, type[Connector]]:
    """
    Return all connectors by the service's name: the package's, and those of the settings.

    :raises ImportError: if one of the settings isn't there.
    """
    own: list[type[Connector]] = [import_string(path) for path in conf.connectors]
    return CONNECTORS | {connector.name: connector for connector in own}


def get_service_titles() -> dict[str, str]:
    """
    Return what people call each service.
    """
    return {name: connector.title for name, connector in get_connector_classes().items()}


def get_connector_class(identity: Identity) -> type[Connector] | None:
    """
    Return the class of what speaks to an account's service; None if this Trove doesn't know that.
    """
    other: type[Connector] | None = OTHER_SOURCES.get(identity.settings.get("by", ""))
    return other or get_connector_classes().get(identity.service)


def get_connector(identity: Identity) -> Connector:
    """
    Return what speaks to an account's service.

    :raises ServiceFailed: if this Trove doesn't know that service, or its token can't be opened.
    """
    connector = get_connector_class(identity)
    if connector is None:
        raise ServiceFailed(f"This Trove doesn't know the service {identity.service} any more.")
    if issubclass(connector, RemoteConnector):
        return connector(identity.settings, StoredCredentials(identity))
    return connector(identity.settings)


def get_remote_connector(name: str) -> RemoteConnector | None:
    """
    Return what asks for people's leave at a service on the web; None for another kind of service,
    or one that the operator has no keys of.
    """
    connector = get_connector_classes().get(name)
    config = conf.services.get(name, {})
    if connector is None or not issubclass(connector, RemoteConnector):
        return None
    return connector({}, Credentials(config)) if all(map(config.get, connector.keys)) else None


def addable_services() -> list[str]:
    """
    Return the names of the services that a person can add.
    """
    folder = [Folder.name] if conf.folder_root else []
    return [*folder, *(name for name in get_connector_classes() if get_remote_connector(name))]


def get_attributions(services: Iterable[str]) -> list[str]:
    """
    Return what these services want to be said wherever what they have is shown.
    """
    known = get_connector_classes()
    kinds = [known[name] for name in services if name in known]
    return [
        kind.attribution for kind in kinds if issubclass(kind, RemoteConnector) and kind.attribution
    ]
