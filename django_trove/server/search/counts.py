"""
How many items a query finds: from counts that are kept, or counted once and remembered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from django_trove.client.query import Query

from ..conf import conf
from ..index.values import normalize_tag, parse_ids, to_epoch_seconds
from ..models import Library, Tag, Tally
from .selection import Selection

SECONDS = 24 * 60 * 60
"""How long a total is remembered. It is never wrong before that: its key has the version."""


def count_results(
    person: Any, query: Query, kind: int, tags: Mapping[str, Tag], selection: Selection
) -> int | None:
    """
    Return how many items of a person's a query finds; None where it doesn't want that known, and
    it would have to be counted.

    :param tags: those of the query's tags that the person has, by name.
    :param selection: what the query finds, to be counted where no kept count says it.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    if not required <= tags.keys():
        return 0
    if _needs_count(query) or len(required) > 1:
        return _cached_count(person, query, kind, selection)
    if not required:
        return _from_tallies(person, query, kind)
    if query.services or query.identities_by_id:
        return _cached_count(person, query, kind, selection)
    return sum(tags[name].items for name in required)


def _needs_count(query: Query) -> bool:
    """
    Whether it asks for more than services, identities and required tags.
    """
    return any(
        (
            query.tags_optional,
            query.date_from,
            query.date_to,
            query.geo_sw,
            query.geo_near_center,
            query.attributes,
        )
    )


def _from_tallies(person: Any, query: Query, kind: int) -> int:
    tallies = Tally.objects.filter(identity__user=person, kind=kind)
    if query.services:
        tallies = tallies.filter(identity__service__in=query.services)
    if query.identities_by_id:
        tallies = tallies.filter(identity__in=parse_ids(query.identities_by_id))
    return tallies.aggregate(items=Sum("items"))["items"] or 0


def _cached_count(person: Any, query: Query, kind: int, selection: Selection) -> int | None:
    """
    The version is read before the items are counted: a change in between makes another version,
    so that its count is never taken for an older one's.
    """
    version = Library.objects.filter(user=person).values_list("version", flat=True).first()
    key = _cache_key(person, version, query, kind)
    total: int | None = conf.cache.get(key)
    if total is None and query.total:
        total = selection.count()
        conf.cache.set(key, total, SECONDS)
    return total


def _cache_key(person: Any, version: int | None, query: Query, kind: int) -> str:
    """
    One key for all queries that find the same, whatever page they ask for and in whatever order.
    """
    asked = [
        str(person.pk),
        version,
        kind,
        sorted(set(query.services or ())),
        bool(query.identities_by_id),
        sorted(set(parse_ids(query.identities_by_id))),
        sorted({normalize_tag(tag) for tag in query.tags_required}),
        sorted({normalize_tag(tag) for tag in query.tags_optional}),
        to_epoch_seconds(query.date_from),
        to_epoch_seconds(query.date_to),
        query.geo_sw,
        query.geo_ne,
        query.geo_near_center,
        query.geo_near_center and query.geo_near_radius,
        query.attributes,
    ]
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return f"trove-total-{digest}"
