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
from django_trove.client.errors import UnreadableAnswer

from . import indexing, signals
from .connectors.base import Found
from .models import Application, Identity, Item, Library
from .models.people import display_name
from .rows import item_row

__all__ = ["LONGEST_ID", "MOST_ITEMS", "BeingRemoved", "Report", "push"]

MOST_ITEMS = 1000
MOST_TAGS = 100
BATCH = 100  # so that a query names at most BATCH times MOST_TAGS tags: SQLite takes 32,766
LONGEST_ID = 500  # what the index has room for


class BeingRemoved(Exception):
    """
    The person is taking away what the application pushed before.
    """


class Rejected(Exception):
    """
    A record that the index doesn't take; the message says why.
    """


@dataclass(slots=True)
class Report:
    """
    What became of a push.

    :param rejected: each refused record's `index` in what was pushed, and the `error`.
    """

    received: int = 0
    created: int = 0
    updated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


def push(application: Application, person: Any, user_id: str, records: Sequence[Any]) -> Report:
    """
    Put an application's photos into a person's Trove. Each is there once by its id; of two with the
    same id the last one counts.

    :param user_id: the person's id at the application.
    :param records: photos as they came, at most `MOST_ITEMS`.
    :raises BeingRemoved: while the account is on its way out.
    """
    report, photos = Report(received=len(records)), {}
    for index, record in enumerate(records):
        try:
            photo = _read(record)
        except (Rejected, UnreadableAnswer) as wrong:
            report.rejected.append({"index": index, "error": str(wrong)})
        else:
            photos[photo.id] = photo
    if photos:
        _take_in(application, person, user_id, list(photos.values()), report)
    return report


def _take_in(
    application: Application, person: Any, user_id: str, photos: list[Photo], report: Report
) -> None:
    """
    Write the photos, all or none.
    """
    with transaction.atomic():
        Library.objects.touch(person.pk)  # whoever else pushes for this person waits here
        identity = _identity(application, person, user_id)
        owner_name = display_name(person)
        rows = [item_row(identity, _found(photo), {}, owner_name) for photo in photos]
        for start in range(0, len(rows), BATCH):
            _write(identity, rows[start : start + BATCH], report)


def _write(identity: Identity, rows: list[Item], report: Report) -> None:
    there = identity.items.filter(service_id__in=[row.service_id for row in rows]).count()
    indexing.write(identity, rows)
    report.updated += there
    report.created += len(rows) - there


def _identity(application: Application, person: Any, user_id: str) -> Identity:
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
    if held is None or held.state == Identity.State.LEAVING:
        raise BeingRemoved
    return held


def _found(photo: Photo) -> Found:
    kept = replace(photo, extra={})
    written = json.dumps(codec.photo_to_wire(kept), sort_keys=True)
    return Found(photo=photo, stamp=hashlib.sha256(written.encode()).hexdigest())


def _read(record: Any) -> Photo:
    """
    Read one record.

    :raises UnreadableAnswer: if it is no record of a photo.
    :raises Rejected: if the index can't take it.
    """
    photo = codec.photo_from_wire(record)
    if record.get("object_type", Photo.object_type) != Photo.object_type:
        raise Rejected("A record is not a photo.")
    if not photo.id:
        raise Rejected("A record has no id.")
    if len(photo.id) > LONGEST_ID:
        raise Rejected(f"id is longer than {LONGEST_ID} characters.")
    if len(photo.tags) > MOST_TAGS:
        raise Rejected(f"tags are more than {MOST_TAGS}.")
    _check_addresses(photo, record)
    if not all(map(_is_storable, _texts(photo))):
        raise Rejected("A text holds a character that can't be kept.")
    return photo


def _check_addresses(photo: Photo, record: Mapping[str, Any]) -> None:
    """
    Refuse a photo of which the reader left an address out: it takes http and https only.
    """
    urls = record.get("urls")
    sent = urls.items() if isinstance(urls, dict) else ()
    if not photo.urls or any(url and size not in photo.urls for size, url in sent):
        raise Rejected("urls are http or https addresses, one at least.")
    if record.get("original_web_url") and not photo.original_web_url:
        raise Rejected("original_web_url is not an http or https address.")


def _texts(photo: Photo) -> list[str]:
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
