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

from ..connectors.messages import Message as _
from ..index.write import delete_items, delete_unused_tags
from ..models import AccessToken, AddLink, Identity, Library, Tag
from ..models.oauth2 import delete_pending_authorizations
from .revocation import get_revocable_connector, revoke_token

BATCH = 500
UNEXPECTED_MESSAGE = _("The data could not be deleted. The server log has the details.")

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
    if connector := get_revocable_connector(identity):
        revoke_token(connector)
    identity.delete()
    delete_unused_tags(identity.user_id)


def clear_items(identity: Identity) -> None:
    while items := list(identity.items.only("pk", "files")[:BATCH]):
        delete_items(identity, items)


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
