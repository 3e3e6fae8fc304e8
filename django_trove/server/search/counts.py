"""
The total number of results of a query, from stored counts or a cached count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from django_trove.client.query import Query

from .. import models
from ..conf import conf
from ..index.values import normalize_tag, parse_ids
from ..models.values import to_epoch_seconds
from .library import Library
from .selection import Selection, select_tallies
from .sql import Sql, fetch_value, select
from .tags import FoundTag

CACHE_SECONDS = 24 * 60 * 60  # a total is never stale: its cache key contains the version


def count_results(
    library: Library, query: Query, tags: Mapping[str, FoundTag], selection: Selection | None
) -> int | None:
    """
    Return the total, or None if the query does not request it and it would have to be counted.
    `tags` are the existing tags of the query, by name.
    """
    required = {normalize_tag(tag) for tag in query.tags_required}
    if selection is None:
        return 0
    if _needs_count(query) or len(required) > 1:
        return _cached_count(library, query, selection)
    if not required:
        if selection.account_items is not None:
            return selection.account_items
        statement = select_tallies("SUM(t.items)", library, query)
        return int(fetch_value(library.using, statement) or 0)
    if query.services or query.identities_by_id:
        return _cached_count(library, query, selection)
    return sum(tags[name].items for name in required)


def selects_place_only(query: Query) -> bool:
    """
    Return whether the query has no filter but `place` and `public`.
    """
    others = replace(query, place="", public=None)
    is_limited = query.tags_required or query.services or query.identities_by_id
    return bool(query.place.strip()) and not (is_limited or _needs_count(others))


def _needs_count(query: Query) -> bool:
    return any(
        (
            query.tags_optional,
            query.date_from,
            query.date_to,
            query.day_from,
            query.day_to,
            query.on_this_day,
            query.geo_sw,
            query.geo_near_center,
            query.attributes,
            query.albums,
            query.public is not None,
            query.text.strip(),
            query.place.strip(),
        )
    )


def _cached_count(library: Library, query: Query, selection: Selection) -> int | None:
    """
    Read the version before counting, so that a concurrent change never results in a stale total for
    the new version.
    """
    table = models.Library._meta.db_table
    where = Sql("user_id = %s", (library.owner,))
    version = fetch_value(library.using, select("version", table, where))
    key = _cache_key(library, version, query)
    total: int | None = conf.cache.get(key)
    if total is None and query.total:
        total = int(fetch_value(library.using, selection.count()))
        conf.cache.set(key, total, CACHE_SECONDS)
    return total


def _cache_key(library: Library, version: int | None, query: Query) -> str:
    """
    Return a key that is independent of page and order.
    """
    parts = [
        str(library.owner),
        version,
        library.kind,
        sorted(set(query.services or ())),
        bool(query.identities_by_id),
        sorted(set(parse_ids(query.identities_by_id))),
        sorted({normalize_tag(tag) for tag in query.tags_required}),
        sorted({normalize_tag(tag) for tag in query.tags_optional}),
        to_epoch_seconds(query.date_from),
        to_epoch_seconds(query.date_to),
        str(query.day_from),
        str(query.day_to),
        query.on_this_day and (str(query.on_this_day), query.days_around),
        query.geo_sw,
        query.geo_ne,
        query.geo_near_center,
        query.geo_near_center and query.geo_near_radius,
        query.attributes,
        sorted(set(query.albums)),
        query.public,
        query.text,
        query.place,
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return f"trove-total-{digest}"
