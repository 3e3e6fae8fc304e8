"""
Delete accounts in batches; an interrupted deletion is resumed by the next worker.
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
    Delete an account in the state `DELETING`, starting with its items.
    """
    clear_items(identity)
    _revoke_at_service(identity)
    identity.delete()
    delete_unused_tags(identity.user_id)


def clear_items(identity: Identity) -> None:
    while items := list(identity.items.only("pk", "files")[:BATCH]):
        delete_items(identity, items)


def _revoke_at_service(identity: Identity) -> None:
    """
    Revoke the token at the service, unless another user has connected the same account.
    """
    shared = Identity.objects.filter(service=identity.service, service_id=identity.service_id)
    if identity.__dict__.get("token") is None or shared.exclude(pk=identity.pk).exists():
        return
    try:
        connector = get_connector(identity)
        if isinstance(connector, RemoteConnector):
            connector.revoke()
    except ServiceFailed as error:
        logger.warning("The token could not be revoked at %s: %s", identity.service, error.reason)


def delete_user_data(user: Any) -> None:
    """
    Delete all data of a user. The user and their registered applications are kept, since other
    users may have authorized the applications.
    """
    Identity.objects.of(user).update(state=Identity.State.DELETING)
    for identity in Identity.objects.of(user):
        delete_identity_data(identity)
    for rows in (AccessToken, RequestToken, AddLink, Library):
        rows.objects.filter(user=user).delete()
    Tag.objects.filter(owner=user).delete()
