"""
Index photos that an application pushes, under a service of the application's slug (protocol,
section 3.4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from django_trove.client import codec
from django_trove.client.content import Photo
from django_trove.client.errors import InvalidResponse
from django_trove.core.database import atomic

from ..connectors.base import FoundItem
from ..connectors.registry import get_connector_classes
from ..errors import APIError, IdentityDeleting
from ..index.batches import split_into_batches
from ..index.write import build_item, write_items
from ..models import Application, Identity, Item, Library
from ..models.identities import display_name

MAX_ITEMS = 1000
MAX_TAGS = 100
MAX_ID_LENGTH = 500  # length of the column


class RejectedRecord(Exception):
    """
    The record is invalid; the message is the reason.
    """


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
    application: Application, user: Any, user_id: str, records: Sequence[Any]
) -> PushReport:
    """
    Index an application's photos in a user's Trove. A photo is identified by its id; the last of
    several with the same id is used.

    :param user_id: the user's id in the application.
    :param records: decoded JSON, at most `MAX_ITEMS`.
    :raises IdentityDeleting: while the account is being removed.
    """
    report, photos = PushReport(received=len(records)), {}
    for index, record in enumerate(records):
        try:
            photo = _parse_record(record)
        except (RejectedRecord, InvalidResponse) as error:
            report.rejected.append({"index": index, "error": str(error)})
        else:
            photos[photo.id] = photo
    if photos:
        _ingest_photos(application, user, user_id, list(photos.values()), report)
    return report


def _ingest_photos(
    application: Application, user: Any, user_id: str, photos: list[Photo], report: PushReport
) -> None:
    with atomic(Identity):
        Library.objects.touch(user.pk)  # serialize concurrent pushes for this user
        identity = _get_or_create_identity(application, user, user_id)
        owner_name = display_name(user)
        rows = [build_item(identity, _build_item(photo), {}, owner_name) for photo in photos]
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
        of a connector. A connector can be configured after
        the application was registered; the photos would then be added to the user's account at that
        service.
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
        detail = "The user's Trove contains photos that were pushed with another user_id."
        raise APIError(409, "user_conflict", detail)


def _service_conflict() -> APIError:
    return APIError(
        409, "service_conflict", "The application has the service name of another service."
    )


def _build_item(photo: Photo) -> FoundItem:
    stored = replace(photo, extra={})
    data = json.dumps(codec.content_to_wire(stored), sort_keys=True)
    return FoundItem(photo=photo, etag=hashlib.sha256(data.encode()).hexdigest())


def _parse_record(record: Any) -> Photo:
    """
    :raises InvalidResponse: if the record is malformed.
    :raises RejectedRecord: if it is not an acceptable photo.
    """
    photo: Photo = codec.content_from_wire(record)
    if record.get("object_type", Photo.object_type) != Photo.object_type:
        raise RejectedRecord("The record is not a photo.")
    if not photo.id:
        raise RejectedRecord("The record has no id.")
    if len(photo.id) > MAX_ID_LENGTH:
        raise RejectedRecord(f"id must have at most {MAX_ID_LENGTH} characters.")
    if len(photo.tags) > MAX_TAGS:
        raise RejectedRecord(f"tags must contain at most {MAX_TAGS} values.")
    _check_urls(photo, record)
    if not all(map(_is_storable, _iter_texts(codec.content_to_wire(replace(photo, extra={}))))):
        raise RejectedRecord("A string contains a character that cannot be stored.")
    return photo


def _check_urls(photo: Photo, record: Mapping[str, Any]) -> None:
    """
    Reject a record with an unsafe URL. The parser drops every URL except http and https.
    """
    urls = record.get("urls")
    sent = urls.items() if isinstance(urls, dict) else ()
    if not photo.urls or any(url and size not in photo.urls for size, url in sent):
        raise RejectedRecord("urls must contain at least one http or https URL, and no other URL.")
    if record.get("original_web_url") and not photo.original_web_url:
        raise RejectedRecord("original_web_url must be an http or https URL.")


def _iter_texts(value: Any) -> Iterator[str]:
    """
    Yield all strings in JSON data.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _iter_texts([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _iter_texts(item)


def _is_storable(text: str) -> bool:
    """
    Return False for NUL and lone surrogates: JSON can contain them, databases cannot store them.
    """
    return "\0" not in text and text.encode(errors="ignore").decode() == text
