"""
What applications give of their own: each is a service by its own name (protocol, "push").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import transaction

from django_trove.client import codec
from django_trove.client.content import Photo
from django_trove.client.errors import InvalidResponse

from .. import signals
from ..connectors.base import FoundItem
from ..errors import IdentityDeleting
from ..index.write import build_item, write_items
from ..models import Application, Identity, Item, Library
from ..models.identities import display_name

MAX_ITEMS = 1000
MAX_TAGS = 100
BATCH = 100  # so that a query names at most BATCH times MOST_TAGS tags: SQLite takes 32,766
MAX_ID_LENGTH = 500  # what the index has room for


class RejectedRecord(Exception):
    """
    A record that the index doesn't take; the message says why.
    """


@dataclass(slots=True)
class PushReport:
    """
    What became of a push.

    :param rejected: each refused record's `index` in what was pushed, and the `error`.
    """

    received: int = 0
    created: int = 0
    updated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


def push_items(
    application: Application, person: Any, user_id: str, records: Sequence[Any]
) -> PushReport:
    """
    Put an application's photos into a person's Trove. Each is there once by its id; of two with the
    same id the last one counts.

    :param user_id: the person's id at the application.
    :param records: photos as they came, at most `MAX_ITEMS`.
    :raises BeingRemoved: while the account is on its way out.
    """
    report, photos = PushReport(received=len(records)), {}
    for index, record in enumerate(records):
        try:
            photo = _parse_record(record)
        except (RejectedRecord, InvalidResponse) as wrong:
            report.rejected.append({"index": index, "error": str(wrong)})
        else:
            photos[photo.id] = photo
    if photos:
        _ingest_photos(application, person, user_id, list(photos.values()), report)
    return report


def _ingest_photos(
    application: Application, person: Any, user_id: str, photos: list[Photo], report: PushReport
) -> None:
    """
    Write the photos, all or none.
    """
    with transaction.atomic():
        Library.objects.touch(person.pk)  # whoever else pushes for this person waits here
        identity = _get_or_create_identity(application, person, user_id)
        owner_name = display_name(person)
        rows = [build_item(identity, _build_item(photo), {}, owner_name) for photo in photos]
        for start in range(0, len(rows), BATCH):
            _write_rows(identity, rows[start : start + BATCH], report)


def _write_rows(identity: Identity, rows: list[Item], report: PushReport) -> None:
    there = identity.items.filter(service_id__in=[row.service_id for row in rows]).count()
    write_items(identity, rows)
    report.updated += there
    report.created += len(rows) - there


def _get_or_create_identity(application: Application, person: Any, user_id: str) -> Identity:
    """
    Return the person's account at the application, which nobody removes until the transaction ends.
    """
    identity, new = Identity.objects.add(
        person,
        application.slug,
        user_id,
        name=application.label,
        settings={"pushed": True},
    )
    if new:
        send = partial(signals.identity_added.send, Identity, identity=identity)
        transaction.on_commit(send)
    held = Identity.objects.select_for_update().filter(pk=identity.pk).first()
    if held is None or held.state == Identity.State.DELETING:
        raise IdentityDeleting
    return held


def _build_item(photo: Photo) -> FoundItem:
    kept = replace(photo, extra={})
    written = json.dumps(codec.photo_to_wire(kept), sort_keys=True)
    return FoundItem(photo=photo, etag=hashlib.sha256(written.encode()).hexdigest())


def _parse_record(record: Any) -> Photo:
    """
    Read one record.

    :raises UnreadableAnswer: if it is no record of a photo.
    :raises Rejected: if the index can't take it.
    """
    photo = codec.photo_from_wire(record)
    if record.get("object_type", Photo.object_type) != Photo.object_type:
        raise RejectedRecord("A record is not a photo.")
    if not photo.id:
        raise RejectedRecord("A record has no id.")
    if len(photo.id) > MAX_ID_LENGTH:
        raise RejectedRecord(f"id is longer than {MAX_ID_LENGTH} characters.")
    if len(photo.tags) > MAX_TAGS:
        raise RejectedRecord(f"tags are more than {MAX_TAGS}.")
    _check_urls(photo, record)
    if not all(map(_is_storable, _iter_texts(photo))):
        raise RejectedRecord("A text holds a character that can't be kept.")
    return photo


def _check_urls(photo: Photo, record: Mapping[str, Any]) -> None:
    """
    Refuse a photo of which the reader left an address out: it takes http and https only.
    """
    urls = record.get("urls")
    sent = urls.items() if isinstance(urls, dict) else ()
    if not photo.urls or any(url and size not in photo.urls for size, url in sent):
        raise RejectedRecord("urls are http or https addresses, one at least.")
    if record.get("original_web_url") and not photo.original_web_url:
        raise RejectedRecord("original_web_url is not an http or https address.")


def _iter_texts(photo: Photo) -> list[str]:
    return [
        photo.id,
        photo.title,
        photo.owner,
        photo.description,
        photo.album_id,
        photo.license,
        photo.original_web_url,
        *photo.urls,
        *photo.urls.values(),
        *photo.tags,
    ]


def _is_storable(text: str) -> bool:
    """
    JSON can spell NUL and halves of surrogate pairs, which no database keeps.
    """
    return "\0" not in text and text.encode(errors="ignore").decode() == text
