"""
Items at a place (protocol, section 4.14).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from django_trove.client.query import Query

from ..index.words import normalize_name
from ..models import Level, PlaceTally, parse_place, split_place
from ..models.places import COLUMNS
from .library import Library
from .selection import Selection
from .sql import Sql, all_of, any_of, fetch_all, is_one_of, select

TALLIES = f"{PlaceTally._meta.db_table} t"


class FoundPlace(NamedTuple):
    """
    A place, region or country of a library.

    :param items: the number of items that match the query's `public`.
    """

    level: int
    place: str
    items: int

    def condition(self, table: str) -> Sql:
        return Sql(f"{table}.{COLUMNS[Level(self.level)]} = %s", (self.place,))


def find_places(library: Library, query: Query) -> list[FoundPlace]:
    """
    Return the places, regions and countries that the query's `place` names. Places in one of the
    regions or countries are left out.
    """
    words = normalize_name(query.place).split()
    names = {" ".join(words[:count]) for count in range(1, len(words) + 1)}
    where = [library.condition("t"), is_one_of("t.name", sorted(names))]
    if query.public is not None:
        where.append(Sql("t.public = %s", (query.public,)))
    rows = fetch_all(library.using, select("t.level, t.place, t.items", TALLIES, all_of(where)))
    items: Counter[tuple[int, str]] = Counter()
    for level, place, count in rows:
        items[level, place] += count
    named = [
        FoundPlace(level, place, count)
        for (level, place), count in sorted(items.items())
        if count and " ".join(words) in _full_names(place)
    ]
    wider = {each.place for each in named}
    return [each for each in named if not _wider_places(each) & wider]


def select_places(
    selection: Selection, library: Library, places: Sequence[FoundPlace], public: bool | None
) -> Selection | None:
    """
    Limit a selection to items at one of the places, or return None if there are none. The rows of
    each place are read from an index.
    """
    if not places:
        return None
    table = "i" if selection.has_tags else "r"
    any_place = any_of(each.condition(table) for each in places)
    where = all_of([selection.where, any_place])
    if selection.has_tags or selection.parts:
        parts = tuple(all_of([part, any_place]) for part in selection.parts)
        joins_items = selection.joins_items or selection.has_tags
        return replace(selection, where=where, parts=parts, joins_items=joins_items)
    flags = (False, True) if public is None else (public,)
    rows = all_of([selection.where, library.condition("r")])
    parts = tuple(
        all_of([rows, each.condition("r"), Sql("r.public = %s", (flag,))])
        for each in places
        for flag in flags
    )
    if len(parts) == 1:
        return replace(selection, where=parts[0])
    return replace(selection, where=where, parts=parts)


def _wider_places(place: FoundPlace) -> set[str]:
    """
    Return the region and the country of a place, or the country of a region.
    """
    levels = split_place(place.place) if place.level == Level.PLACE else {}
    country = parse_place(place.place).country
    return {country, *levels.values()} - {place.place}


def _full_names(text: str) -> set[str]:
    """
    Return the normalized names of a place, a region or a country: alone, and followed by those of
    the region, the country, or both.
    """
    place = parse_place(text)
    first, *wider = filter(None, (place.name, place.region, place.country))
    return {
        normalize_name(" ".join([first, *names]))
        for size in range(len(wider) + 1)
        for names in combinations(wider, size)
    }
