"""
System checks of connectors, and of what the operator got from services on the web.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error, Info, Warning
from django.utils.module_loading import import_string

from ..conf import conf
from ..connectors.base import Connector
from ..connectors.registry import get_connector_classes
from ..connectors.remote import RemoteConnector


def check_services() -> list[CheckMessage]:
    """
    Run those that always matter.
    """
    return [*_connectors(), *_services()]


def services_not_offered() -> Iterator[CheckMessage]:
    """
    Say of each service on the web that there are no keys of why people can't add it.
    """
    try:
        known = get_connector_classes()
    except (ImportError, AttributeError):  # E015 says so
        return
    on_the_web = {name: kind for name, kind in known.items() if issubclass(kind, RemoteConnector)}
    for name, kind in on_the_web.items():
        if name not in conf.services:
            yield Info(
                f"{kind.title} is not offered: this Trove has no keys of it.",
                hint=f"To offer it, write {' and '.join(kind.keys)} from {kind.title} into "
                f"TROVE_SERVER['SERVICES'][{name!r}].",
                id="trove_server.I001",
            )


def _connectors() -> Iterator[CheckMessage]:
    for path in conf.connectors:
        try:
            connector = import_string(path)
            fits = issubclass(connector, Connector) and bool(connector.name and connector.title)
        except (ImportError, TypeError, AttributeError):
            fits = False
        if not fits:
            yield Error(
                f"TROVE_SERVER['CONNECTORS'] has {path!r}, which is no connector.",
                hint="Write the dotted path of a Connector with a name and a title.",
                id="trove_server.E015",
            )


def _services() -> Iterator[CheckMessage]:
    try:
        known = get_connector_classes()
    except (ImportError, AttributeError):  # E015 says so
        return
    for name, said in conf.services.items():
        connector = known.get(name)
        if connector is None or not issubclass(connector, RemoteConnector):
            on_the_web = [key for key, found in known.items() if issubclass(found, RemoteConnector)]
            yield Error(
                f"TROVE_SERVER['SERVICES'] has {name!r}, which is no service on the web.",
                hint=f"Those are {', '.join(on_the_web)}.",
                id="trove_server.E016",
            )
        elif missing := [key for key in connector.keys if not said.get(key)]:
            yield Warning(
                f"{connector.title} is not offered without {' and '.join(missing)}.",
                hint=f"Get them from {connector.title}, and write them into "
                f"TROVE_SERVER['SERVICES'][{name!r}].",
                id="trove_server.W006",
            )
        if connector is not None and issubclass(connector, RemoteConnector):
            yield from _service_settings(name, connector, said)


def _service_settings(
    name: str, connector: type[RemoteConnector], said: Mapping[str, Any]
) -> Iterator[CheckMessage]:
    for key in sorted(said.keys() - {*connector.keys, *connector.defaults}):
        yield Warning(
            f"TROVE_SERVER['SERVICES'][{name!r}] has {key!r}, which nothing reads.",
            hint=f"It takes {', '.join([*connector.keys, *connector.defaults])}.",
            id="trove_server.W007",
        )
    keep = said.get("RETENTION_SECONDS")
    if keep is not None and (isinstance(keep, bool) or not isinstance(keep, (int, float))):
        yield Error(
            f"TROVE_SERVER['SERVICES'][{name!r}]['RETENTION_SECONDS'] is {keep!r}, which is no time.",
            hint="Write how many seconds what the service said is kept, or None for as long as "
            "the account is here.",
            id="trove_server.E017",
        )
