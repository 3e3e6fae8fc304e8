"""
Index items that an application pushes, under a service of the application's slug (protocol,
section 3.4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django_trove.client import codec
from django_trove.client.content import Content
from django_trove.core.database import atomic

from ..connectors.base import FoundItem
from ..connectors.registry import get_connector_classes
from ..errors import APIError, IdentityDeleting
from ..index.batches import split_into_batches
from ..index.items import build_item
from ..index.write import write_items
from ..models import Application, Identity, Item, Library
from ..models.identities import display_name
from .pushed_records import RejectedRecord, parse_record

MAX_ITEMS = 1000


@dataclass(slots=True)
class PushReport:
    """
    The result of a push.

    :param rejected: the `index` and `error` of each rejected record.
    """

    received: int
    created: int = 0
    updated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


def push_items(
    application: Application, user: Any, user_id: str, content_type: str, records: Sequence[Any]
) -> PushReport:
    """
    Index an application's items in a user's Trove. An item is identified by its type and its id;
    the last of several with the same id is used.

    :param user_id: the user's id in the application.
    :param records: decoded JSON, at most `MAX_ITEMS`.
    :raises IdentityDeleting: while the account is being removed.
    """
    report, items = PushReport(received=len(records)), {}
    for index, record in enumerate(records):
        try:
            content = parse_record(record, content_type)
        except RejectedRecord as error:
            report.rejected.append({"index": index, "error": str(error)})
        else:
            items[content.id] = content
    if items:
        _ingest_items(application, user, user_id, list(items.values()), report)
    return report


def _ingest_items(
    application: Application, user: Any, user_id: str, items: list[Content], report: PushReport
) -> None:
    with atomic(Identity):
        Library.objects.touch(user.pk)  # serialize concurrent pushes for this user
        identity = _get_or_create_identity(application, user, user_id)
        owner_name = display_name(user)
        rows = [build_item(identity, _build_item(content), {}, owner_name) for content in items]
        for batch in split_into_batches(rows):
            _write_rows(identity, batch, report)


def _write_rows(identity: Identity, rows: Sequence[Item], report: PushReport) -> None:
    updated = identity.items.filter(service_id__in=[row.service_id for row in rows]).count()
    write_items(identity, rows)
    report.updated += updated
    report.created += len(rows) - updated


def _get_or_create_identity(application: Application, user: Any, user_id: str) -> Identity:
    """
    Return the user's account at the application, locked until the transaction ends.

    :raises APIError: if the user has an account with another `user_id`, or if the slug is the name
        of a connector. A connector can be configured after the application was registered; the
        items would then be added to the user's account at that service.
    """
    if application.slug in get_connector_classes():
        raise _service_conflict()
    _check_user_id(application, user, user_id)
    identity, _ = Identity.objects.add(
        user,
        application.slug,
        user_id,
        name=application.label,
        settings={"pushed": True},
    )
    if not identity.is_pushed:
        raise _service_conflict()
    locked = Identity.objects.select_for_update().filter(pk=identity.pk).first()
    if locked is None or locked.state == Identity.State.DELETING:
        raise IdentityDeleting
    return locked


def _check_user_id(application: Application, user: Any, user_id: str) -> None:
    """
    Reject a second `user_id`: an application has one account per user. Otherwise it could create
    any number of accounts.
    """
    pushed = Identity.objects.of(user).filter(service=application.slug, settings__has_key="pushed")
    other = pushed.exclude(service_id=user_id).first()
    if other is not None and other.state == Identity.State.DELETING:
        raise IdentityDeleting
    if other is not None:
        detail = "The user's Trove contains items that were pushed with another user_id."
        raise APIError(409, "user_conflict", detail)


def _service_conflict() -> APIError:
    return APIError(
        409, "service_conflict", "The application has the service name of another service."
    )


def _build_item(content: Content) -> FoundItem:
    data = json.dumps(codec.content_to_wire(content), sort_keys=True)
    return FoundItem(content=content, etag=hashlib.sha256(data.encode()).hexdigest())
