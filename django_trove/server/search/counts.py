"""
The total number of results of a query, from stored counts or a cached count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from django_trove.client.query import Query

from ..conf import conf
from ..index.values import normalize_tag, parse_ids
from ..models import Library, Tag, Tally
from ..models.index import to_epoch_seconds
from .selection import Selection

CACHE_SECONDS = 24 * 60 * 60  # a total is never stale: its cache key contains the version


def count_results(
    user: Any, query: Query, kind: int, tags: Mapping[str, Tag], selection: Selection
) -> int | None:
    """
    Return the total, or None if the query does not request it and it would have to be counted.
    `tags` are the existing tags of the query, by name.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    if not required <= tags.keys():
        return 0
    if _needs_count(query) or len(required) > 1:
        return _cached_count(user, query, kind, selection)
    if not required:
        return _from_tallies(user, query, kind)
    if query.services or query.identities_by_id:
        return _cached_count(user, query, kind, selection)
    return sum(tags[name].items for name in required)


def _needs_count(query: Query) -> bool:
    return any(
        (
            query.tags_optional,
            query.date_from,
            query.date_to,
            query.day_from,
            query.day_to,
            query.geo_sw,
            query.geo_near_center,
            query.attributes,
        )
    )


def _from_tallies(user: Any, query: Query, kind: int) -> int:
    tallies = Tally.objects.filter(identity__user=user, kind=kind)
    if query.services:
        tallies = tallies.filter(identity__service__in=query.services)
    if query.identities_by_id:
        tallies = tallies.filter(identity__in=parse_ids(query.identities_by_id))
    return tallies.aggregate(items=Sum("items"))["items"] or 0


def _cached_count(user: Any, query: Query, kind: int, selection: Selection) -> int | None:
    """
    Read the version before counting, so that a concurrent change never results in a stale total for
    the new version.
    """
    version = Library.objects.filter(user=user).values_list("version", flat=True).first()
    key = _cache_key(user, version, query, kind)
    total: int | None = conf.cache.get(key)
    if total is None and query.total:
        total = selection.count()
        conf.cache.set(key, total, CACHE_SECONDS)
    return total


def _cache_key(user: Any, version: int | None, query: Query, kind: int) -> str:
    """
    Return a key that is independent of page and order.
    """
    parts = [
        str(user.pk),
        version,
        kind,
        sorted(set(query.services or ())),
        bool(query.identities_by_id),
        sorted(set(parse_ids(query.identities_by_id))),
        sorted({normalize_tag(tag) for tag in query.tags_required}),
        sorted({normalize_tag(tag) for tag in query.tags_optional}),
        to_epoch_seconds(query.date_from),
        to_epoch_seconds(query.date_to),
        str(query.day_from),
        str(query.day_to),
        query.geo_sw,
        query.geo_ne,
        query.geo_near_center,
        query.geo_near_center and query.geo_near_radius,
        query.attributes,
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f"trove-total-{digest}"
