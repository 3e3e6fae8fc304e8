"""
System checks for connectors and for the options of remote services.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error, Info, Warning
from django.utils.module_loading import import_string

from django_trove.client.codec import CONTENT_CLASSES

from ..conf import conf
from ..connectors.base import Connector
from ..connectors.hosts import is_host_rule
from ..connectors.registry import get_connector_classes
from ..connectors.remote import RemoteConnector
from ..connectors.sessions import load_certificates


def check_services() -> list[CheckMessage]:
    return [
        *_check_connectors(),
        *_check_services(),
        *_check_content_types("TROVE_SERVER['CONTENT_TYPES']", conf.content_types, CONTENT_CLASSES),
    ]


def check_missing_services() -> Iterator[CheckMessage]:
    """
    Inform about the remote services that are not in the settings, which users cannot add.
    """
    for name, connector in _get_remote_connectors().items():
        if name in conf.services:
            continue
        setting = f"TROVE_SERVER['SERVICES'][{name!r}]"
        keys = " and ".join(connector.keys)
        yield Info(
            f"Users cannot add {connector.title}: it is not in TROVE_SERVER['SERVICES'].",
            hint=f"To enable it, set {keys} in {setting}."
            if keys
            else f"To enable it, set {setting} to {{}}.",
            id="trove_server.I001",
        )


def _get_remote_connectors() -> dict[str, type[RemoteConnector]]:
    try:
        connectors = get_connector_classes()
    except (ImportError, AttributeError):  # reported by E015
        return {}
    return {
        name: connector
        for name, connector in connectors.items()
        if issubclass(connector, RemoteConnector)
    }


def _check_connectors() -> Iterator[CheckMessage]:
    for path in conf.connectors:
        try:
            connector = import_string(path)
            valid = issubclass(connector, Connector) and bool(connector.name and connector.title)
        except (ImportError, TypeError, AttributeError):
            valid = False
        if not valid:
            yield Error(
                f"TROVE_SERVER['CONNECTORS'] contains {path!r}, which is not a connector.",
                hint="Set the dotted path of a Connector subclass with a name and a title.",
                id="trove_server.E015",
            )


def _check_services() -> Iterator[CheckMessage]:
    connectors = _get_remote_connectors()
    if not connectors:
        return
    for name, options in conf.services.items():
        connector = connectors.get(name)
        if connector is None:
            yield Error(
                f"TROVE_SERVER['SERVICES'] contains {name!r}, which is not a remote service.",
                hint=f"It must be one of {', '.join(connectors)}.",
                id="trove_server.E016",
            )
            continue
        if missing := [key for key in connector.keys if not options.get(key)]:
            yield Warning(
                f"Users cannot add {connector.title}: {' and '.join(missing)} must be set.",
                hint=f"Register an application at {connector.title}, and set its credentials in "
                f"TROVE_SERVER['SERVICES'][{name!r}].",
                id="trove_server.W006",
            )
        yield from _check_service_options(name, connector, options)


def _check_service_options(
    name: str, connector: type[RemoteConnector], options: Mapping[str, Any]
) -> Iterator[CheckMessage]:
    setting = f"TROVE_SERVER['SERVICES'][{name!r}]"
    for key in sorted(options.keys() - {*connector.keys, *connector.defaults}):
        yield Warning(
            f"{setting} contains the unknown option {key!r}.",
            hint=f"The options are {', '.join([*connector.keys, *connector.defaults])}.",
            id="trove_server.W007",
        )
    retention = options.get("RETENTION_SECONDS")
    if isinstance(retention, bool) or not isinstance(retention, (int, float, type(None))):
        yield Error(
            f"{setting}['RETENTION_SECONDS'] must be a number or None.",
            hint="Set the number of seconds for which content may be stored, or None for no limit.",
            id="trove_server.E017",
        )
    yield from _check_hosts(setting, options.get("HOSTS", ()))
    yield from _check_ca_file(setting, options.get("CA_FILE", ""))
    if options.get("RENDITIONS", "view") not in ("view", "sync"):
        yield Error(
            f'{setting}[\'RENDITIONS\'] must be "view" or "sync", not {options["RENDITIONS"]!r}.',
            hint="Sizes of pictures are created when a picture is first viewed, or by the sync.",
            id="trove_server.E025",
        )
    if "CONTENT_TYPES" in connector.defaults and "CONTENT_TYPES" in options:
        key, types = f"{setting}['CONTENT_TYPES']", options["CONTENT_TYPES"]
        yield from _check_content_types(key, types, connector.content_types)


def _check_hosts(setting: str, value: Any) -> Iterator[CheckMessage]:
    if not isinstance(value, (list, tuple)) or not all(map(is_host_rule, value)):
        yield Error(
            f"{setting}['HOSTS'] must be a list of networks and host names, not {value!r}.",
            hint='Write ["192.168.1.0/24", "nas.local"], without scheme, port and path.',
            id="trove_server.E024",
        )


def _check_ca_file(setting: str, value: Any) -> Iterator[CheckMessage]:
    try:
        if value:
            load_certificates(str(value))
    except OSError as error:  # including ssl.SSLError
        yield Error(
            f"The file in {setting}['CA_FILE'] cannot be read: {error}.",
            hint="Set the path of a file with one or more certificates in the PEM format.",
            id="trove_server.E026",
        )


def _check_content_types(key: str, value: Any, allowed: Collection[str]) -> Iterator[CheckMessage]:
    if not isinstance(value, (list, tuple)) or not set(map(str, value)) <= set(allowed):
        yield Error(
            f"{key} must be a list of content types, not {value!r}.",
            hint=f"They must be from {', '.join(allowed)}.",
            id="trove_server.E021",
        )
