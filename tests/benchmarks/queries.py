"""
Kinds of queries with hand-written SQL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from .sample_library import Library

COMMON, RARE, TOWN_TAG = 2, 800, 3
NEWEST = "ORDER BY taken_at_seconds DESC, id DESC"
NEWEST_TAGGED = "ORDER BY taken_at_seconds DESC, item_id DESC"
DISTANCE = (
    "2 * 6371.0088 * asin(sqrt(power(sin(radians(latitude - ({lat})) / 2), 2)"
    " + cos(radians(latitude)) * cos(radians({lat}))"
    " * power(sin(radians(longitude - ({lng})) / 2), 2))) <= 5"
)


@dataclass
class Shape:
    """
    A query and equivalent SQL.

    :param ids: the SQL for the ids of the page, without LIMIT.
    :param total: the SQL for the total.
    """

    name: str
    query: dict[str, Any]
    ids: str
    total: str
    offset: int = 0
    id: str = "id"
    best: str = field(default="", repr=False)

    @property
    def page(self) -> str:
        """
        Return the SQL for the page: ids from an index, then the rows.
        """
        ids = self.best or f"{self.ids} LIMIT 50 OFFSET {self.offset}"
        return (
            f"SELECT i.* FROM ({ids}) p JOIN trove_server_item i ON i.id = p.{self.id}"
            f" ORDER BY i.taken_at_seconds {'ASC' if 'ASC' in ids else 'DESC'}"
        )


def build_queries(library: Library, owner: int) -> list[Shape]:
    """
    Return the queries for one user.
    """
    from django_trove.server.models import Identity, Item, Tag

    tag = {
        number: Tag.objects.get(owner=owner, name=f"tag{number}").pk
        for number in (COMMON, RARE, TOWN_TAG, 10, 40)
    }
    account = Identity.objects.filter(user=owner, service="flickr").get().pk
    one = Item.objects.filter(owner=owner).order_by("pk")[5].pk
    lat, lng = library.towns[7]
    box = {"geo_sw": (lat - 0.1, lng - 0.1), "geo_ne": (lat + 0.1, lng + 0.1)}
    inside = (
        f"latitude BETWEEN {lat - 0.1} AND {lat + 0.1}"
        f" AND longitude BETWEEN {lng - 0.1} AND {lng + 0.1}"
    )
    bands = ", ".join(
        str(b) for b in range(int((lat - 0.1) * 10 // 1), int((lat + 0.1) * 10 // 1) + 1)
    )
    year = 365 * 86_400
    first, last = 1_000_000_000 + 9 * year, 1_000_000_000 + 10 * year
    dates = {"date_from": date_at(first), "date_to": date_at(last)}
    when = f"taken_at_seconds BETWEEN {first} AND {last}"
    days = {"day_from": dates["date_from"].date(), "day_to": dates["date_to"].date()}
    midnight = (first // 86_400 * 86_400, last // 86_400 * 86_400 + 86_400)
    mine = f"FROM trove_server_item WHERE owner_id = {owner} AND kind = 1"
    dated = f"{mine} AND {when}"
    by_day = (
        f"{mine} AND local_seconds >= {midnight[0]} AND local_seconds < {midnight[1]}"
        f" AND taken_at_seconds BETWEEN {midnight[0] - 50_400} AND {midnight[1] + 50_400}"
    )
    tagged = "FROM trove_server_itemtag t WHERE tag_id = {}"
    also = (
        "EXISTS (SELECT 1 FROM trove_server_itemtag o WHERE o.item_id = t.item_id"
        f" AND o.tag_id = {tag[COMMON]} AND o.taken_at_seconds = t.taken_at_seconds)"
    )
    album = f"{mine} AND identity_id = {account} AND album_id = '7'"
    anniversaries = [
        f"(local_seconds >= {start} AND local_seconds < {start + 3 * 86_400}"
        f" AND taken_at_seconds BETWEEN {start - 50_400} AND {start + 3 * 86_400 + 50_400})"
        for start in (
            int(datetime(year, 3, 3, tzinfo=UTC).timestamp()) for year in range(2001, 2022)
        )
    ]
    by_year = " UNION ALL ".join(
        f"SELECT * FROM (SELECT id, taken_at_seconds {mine} AND {each} {NEWEST} LIMIT 50) y{number}"
        for number, each in enumerate(anniversaries)
    )
    three = [tag[COMMON], tag[10], tag[40]]
    union = " UNION ".join(
        f"SELECT * FROM (SELECT item_id, taken_at_seconds {tagged.format(pk)} {NEWEST_TAGGED}"
        f" LIMIT 50) x{pk}"
        for pk in three
    )
    any_of = f"FROM trove_server_itemtag WHERE tag_id IN ({', '.join(map(str, three))})"
    pinned = "ORDER BY coalesce(taken_at_seconds, taken_at_seconds) DESC, id DESC"
    placed = f"{mine} AND latitude_band IN ({bands}) AND {inside}"
    km = 5 / 111.195
    wide = km / max(0.1, math.cos(math.radians(lat)))
    circle = DISTANCE.format(lat=lat, lng=lng)
    around = (
        f"{mine} AND latitude_band IN ({bands}) AND latitude BETWEEN {lat - km} AND {lat + km}"
        f" AND longitude BETWEEN {lng - wide} AND {lng + wide} AND {circle}"
    )
    town = f"{tagged.format(tag[TOWN_TAG])} AND {when} AND {inside}"
    kept = "SELECT SUM(items) FROM trove_server_tally WHERE kind = 1 AND identity_id IN ({})"
    accounts = ", ".join(
        str(pk) for pk in Identity.objects.filter(user=owner).values_list("pk", flat=True)
    )
    service = f"{mine} AND service = 'flickr'"
    identity = f"FROM trove_server_item WHERE identity_id = {account} AND kind = 1"
    count = "SELECT COUNT(*) {}".format
    return [
        Shape("first page", {}, f"SELECT id {mine} {NEWEST}", kept.format(accounts)),
        Shape("page 200", {"page": 200}, f"SELECT id {mine} {NEWEST}", kept.format(accounts), 9950),
        Shape(
            "two required tags, common and rare",
            {"tags_required": [f"tag{COMMON}", f"tag{RARE}"]},
            f"SELECT item_id {tagged.format(tag[RARE])} AND {also} {NEWEST_TAGGED}",
            count(f"{tagged.format(tag[RARE])} AND {also}"),
            id="item_id",
        ),
        Shape(
            "three optional tags",
            {"tags_optional": [f"tag{COMMON}", "tag10", "tag40"]},
            "",
            f"SELECT COUNT(DISTINCT item_id) {any_of}",
            id="item_id",
            best=f"SELECT item_id FROM ({union}) u {NEWEST_TAGGED} LIMIT 50",
        ),
        Shape(
            "date range",
            dates,
            f"SELECT id {dated} {NEWEST}",
            count(dated),
        ),
        Shape("days", days, f"SELECT id {by_day} {NEWEST}", count(by_day)),
        Shape(
            "on this day",
            {"on_this_day": date(2030, 3, 4), "days_around": 1},
            "",
            f"SELECT COUNT(*) {mine} AND ({' OR '.join(anniversaries)})",
            best=f"SELECT id FROM ({by_year}) u {NEWEST} LIMIT 50",
        ),
        Shape(
            "one album",
            {"albums": ["7"], "identities_by_id": [str(account)]},
            f"SELECT id {album} {NEWEST}",
            count(album),
        ),
        Shape("city-sized box", box, f"SELECT id {placed} {pinned}", count(placed)),
        Shape(
            "5 km near",
            {"geo_near_center": (lat, lng), "geo_near_radius": 5},
            f"SELECT id {around} {pinned}",
            count(around),
        ),
        Shape(
            "tag, date and box",
            {"tags_required": [f"tag{TOWN_TAG}"], **dates, **box},
            f"SELECT item_id {town} {NEWEST_TAGGED}",
            count(town),
            id="item_id",
        ),
        Shape(
            "one service",
            {"services": ["flickr"]},
            f"SELECT id {service} {NEWEST}",
            kept.format(account),
        ),
        Shape(
            "one identity",
            {"identities_by_id": [str(account)]},
            f"SELECT id {identity} {NEWEST}",
            kept.format(account),
        ),
        Shape("by id", {"trove_id": str(one)}, f"SELECT id {mine} AND id = {one}", "SELECT 1"),
        Shape(
            "by date, the oldest first",
            {"order_by": ["service_date"]},
            f"SELECT id {mine} ORDER BY taken_at_seconds ASC, id ASC",
            kept.format(accounts),
        ),
    ]


def date_at(taken_at_seconds: int) -> datetime:
    return datetime.fromtimestamp(taken_at_seconds, UTC)
