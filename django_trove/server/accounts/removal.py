"""
What goes, part by part, so that nobody waits for a library of any size: whoever is stopped on the
way leaves the rest to the next one.
"""

from __future__ import annotations

import logging
from typing import Any

from ..connectors.base import ServiceFailed
from ..connectors.remote import RemoteConnector
from ..index.write import delete_items, delete_unused_tags
from ..models import AccessToken, AddLink, Identity, Library, RequestToken, Tag
from .registry import get_connector

BATCH = 500

logger = logging.getLogger(__name__)


def delete_identity_data(identity: Identity) -> None:
    """
    Delete an account that is leaving, its items first.
    """
    clear_items(identity)
    _revoke_at_service(identity)
    identity.delete()
    delete_unused_tags(identity.user_id)


def clear_items(identity: Identity) -> None:
    """
    Delete an account's items.
    """
    while items := list(identity.items.only("pk", "files")[:BATCH]):
        delete_items(identity, items)


def _revoke_at_service(identity: Identity) -> None:
    """
    Tell the service that we go, where it can be told and nobody else here has that account.
    """
    same = Identity.objects.filter(service=identity.service, service_id=identity.service_id)
    if identity.__dict__.get("token") is None or same.exclude(pk=identity.pk).exists():
        return
    try:
        connector = get_connector(identity)
        if isinstance(connector, RemoteConnector):
            connector.revoke()
    except ServiceFailed as failed:
        logger.warning("%s wasn't told that we left: %s", identity.service, failed.reason)


def delete_user_data(user: Any) -> None:
    """
    Delete everything that a person has here. The user stays, and the applications that they
    registered, which other people may have allowed.
    """
    Identity.objects.of(user).update(state=Identity.State.DELETING)
    for identity in Identity.objects.of(user):
        delete_identity_data(identity)
    for rows in (AccessToken, RequestToken, AddLink, Library):
        rows.objects.filter(user=user).delete()
    Tag.objects.filter(owner=user).delete()
