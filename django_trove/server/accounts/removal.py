"""
Delete accounts in batches; an interrupted deletion is resumed by the next worker.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F

from django_trove.core.outages import close_broken_connections

from ..connectors.base import ServiceFailed
from ..connectors.remote import RemoteConnector
from ..index.write import delete_items, delete_unused_tags
from ..models import AccessToken, AddLink, Identity, Library, Tag
from ..models.oauth2 import delete_pending_authorizations
from .registry import get_connector

BATCH = 500
UNEXPECTED_MESSAGE = "The data could not be deleted. The server log has the details."

logger = logging.getLogger(__name__)


@contextmanager
def record_error(identity: Identity) -> Iterator[None]:
    """
    Record an exception in the account's row, so that loops continue with the next account.

    :raises OperationalError: if the database is unavailable.
    """
    try:
        yield
    except Exception:
        logger.exception("The data of identity %s could not be deleted.", identity.pk)
        close_broken_connections()
        failure = {"failures": F("failures") + 1, "last_error": UNEXPECTED_MESSAGE}
        Identity.objects.filter(pk=identity.pk).update(**failure)


def resume_deletions() -> None:
    """
    Delete the accounts in the state `DELETING`.
    """
    for identity in list(Identity.objects.being_deleted()):
        with record_error(identity):
            delete_identity_data(identity)


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
    except Exception:  # the deletion must not depend on the service
        logger.exception("The token could not be revoked at %s.", identity.service)


def delete_user_data(user: Any) -> None:
    """
    Delete all data of a user. The user and their registered applications are kept, since other
    users may have authorized the applications.
    """
    Identity.objects.of(user).update(state=Identity.State.DELETING)
    for identity in Identity.objects.of(user):
        with record_error(identity):
            delete_identity_data(identity)
    delete_pending_authorizations(user=user)
    for rows in (AccessToken, AddLink):
        rows.objects.filter(user=user).delete()
    if not Identity.objects.of(user).exists():  # otherwise `trove_sync` continues the deletion
        Library.objects.filter(user=user).delete()
        Tag.objects.filter(owner=user).delete()
