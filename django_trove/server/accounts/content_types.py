"""
The content types that this Trove offers to applications.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from django_trove.client import codec

from ..conf import conf
from ..connectors.base import DEFAULT_CONTENT_TYPES
from ..connectors.registry import get_connector_classes
from ..connectors.remote import RemoteConnector
from .registry import get_remote_connector

CONTENT_TYPE_NAMES = {
    "photos": _("photos"),
    "videos": _("videos"),
    "status": _("status updates"),
    "checkins": _("check-ins"),
    "friends": _("friends"),
}


def offered_content_types() -> list[str]:
    """
    Return the content types that a source can supply: photos and videos, which can be in folders,
    those of the configured services, and those of `CONTENT_TYPES`, which applications push.
    """
    offered = {*DEFAULT_CONTENT_TYPES, *conf.content_types}
    for name, connector in get_connector_classes().items():
        if not issubclass(connector, RemoteConnector):
            offered.update(connector.content_types)
        elif service := get_remote_connector(name):
            offered.update(service.wanted_types)
    return [name for name in codec.CONTENT_CLASSES if name in offered]


def limit_to_offered(requested: Iterable[str]) -> list[str]:
    """
    Return the requested content types that are offered, in the order of the protocol.
    """
    names = set(requested)
    return [name for name in offered_content_types() if name in names]


def join_names(content_types: Iterable[str]) -> str:
    return ", ".join(str(CONTENT_TYPE_NAMES.get(name, name)) for name in content_types)
