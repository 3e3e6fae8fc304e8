"""
Fill the database with a library of any size, in the fastest way that the database has.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate, islice
from typing import Any

from django.db import connection, transaction

SERVICES = ("flickr", "smugmug", "google", "facebook")
TAGS = 5000
YEARS = 20
ALBUMS = 500  # of each account
SHARES = (0.3, 0.1, *[0.6 / 48] * 48)
"""Of all items: one person has 300,000 of a million, one 100,000, and 48 share the rest."""

BATCH = 20_000
ITEM = [
    "id",
    "owner_id",
    "identity_id",
    "service",
    "service_id",
    "kind",
    "etag",
    "sync_number",
    "taken_at_seconds",
    "local_seconds",
    "utc_offset",
    "uploaded_at_seconds",
    "title",
    "description",
    "words",
    "owner_name",
    "urls",
    "files",
    "tags",
    "album_id",
    "album_title",
    "license",
    "width",
    "height",
    "duration",
    "media_type",
    "sizes",
    "camera",
    "average_color",
    "record",
    "public",
    "web_url",
    "latitude",
    "longitude",
    "latitude_band",
    "country",
    "region",
    "place",
    "place_version",
]
REPEATED = ["taken_at_seconds", "local_seconds", "identity_id", "latitude", "longitude"]
ITEM_TAG = ["tag_id", "item_id", *REPEATED]
SIZES = '{"large": [1600, 1200], "medium": [800, 600], "thumbnail": [320, 240]}'
CAMERA = '{"make": "NIKON", "model": "NIKON D80", "exposure_time": 0.004, "iso": 100}'


class Library:
    """
    Users and their items. The frequency of tags follows Zipf's law, dates cover twenty years, and
    locations are clustered around towns.

    :param items: the number of items of all users.
    """

    def __init__(self, items: int) -> None:
        self.items = items
        self.random = random.Random(2010)
        self.weights = list(accumulate(1 / rank for rank in range(1, TAGS + 1)))
        self.towns = [
            (self.random.uniform(-55, 65), self.random.uniform(-180, 180)) for _ in range(60)
        ]
        self.used: dict[int, Counter[int]] = {}
        self.tallied: Counter[int] = Counter()
        self.months: Counter[tuple[int, int]] = Counter()
        self.albums: dict[tuple[int, str], tuple[int, int]] = {}

    def rows(self, owners: list[int], accounts: dict[int, list[int]]) -> Iterator[tuple[Any, Any]]:
        """
        Yield the row of each item with the numbers of its tags.
        """
        chance = self.random
        people = chance.choices(owners, SHARES, k=self.items)
        for pk, owner in enumerate(people, 1):
            account = chance.randrange(len(SERVICES))
            place = self.place() if chance.random() < 0.4 else (None, None)
            tags = set(
                chance.choices(range(TAGS), cum_weights=self.weights, k=chance.randint(0, 12))
            )
            self.used.setdefault(owner, Counter()).update(tags)
            self.tallied[accounts[owner][account]] += 1
            moment = chance.randrange(YEARS * 365 * 86_400) + 1_000_000_000
            offset = account * 60 - 120
            band = None if place[0] is None else math.floor(place[0] * 10)
            album = str(chance.randrange(ALBUMS))
            local = moment + 60 * offset
            month = int(f"{datetime.fromtimestamp(local, UTC):%Y%m}")
            self.months[accounts[owner][account], month] += 1
            newest, items = self.albums.get((accounts[owner][account], album), (0, 0))
            self.albums[accounts[owner][account], album] = (max(newest, moment), items + 1)
            names = json.dumps([f"tag{number}" for number in sorted(tags)])
            yield (
                (
                    *(pk, owner, accounts[owner][account], SERVICES[account], str(pk), 1, "1", 1),
                    *(
                        moment,
                        local,
                        offset,
                        moment,
                        f"Photo {pk}",
                        "",
                        f"photo {pk}",
                        "Ada",
                        '{"original": "https://x.example/1"}',
                        "{}",
                    ),
                    *(
                        names,
                        album,
                        f"Album {album}",
                        "",
                        4000,
                        3000,
                        0.0,
                        "image/jpeg",
                        SIZES,
                        CAMERA,
                    ),
                    *("#3f6e8c", "{}", False),
                    f"https://photos.example/ada/{pk}",
                    *(*place, band),
                    *self.columns_of_place(place),
                ),
                sorted(tags),
            )

    def columns_of_place(self, location: tuple[Any, Any]) -> tuple[str, str, str, int]:
        """
        Return columns for a place in one of 20 countries. It depends on the location alone.
        """
        if location[0] is None:
            return "", "", "", 1
        number = min(range(len(self.towns)), key=lambda n: math.dist(self.towns[n], location))
        section = math.floor(location[0] * 50) % 10
        country = f"Country {number % 20}"
        region = f"{country}|Region {number}"
        return country, region, f"{region}|Town {number} {section}", 1

    def place(self) -> tuple[float, float]:
        """
        Return a location in or near one of the towns.
        """
        latitude, longitude = self.random.choice(self.towns)
        return (
            latitude + self.random.gauss(0, 0.1),
            max(-180.0, min(180.0, longitude + self.random.gauss(0, 0.1))),
        )


def fill(library: Library) -> list[int]:
    """
    Insert a library.

    :returns: the ids of its users, starting with the user who has the most items.
    """
    from django.contrib.auth.models import User

    from django_trove.server.models import Identity

    owners = [User.objects.create(username=f"person{number}").pk for number in range(len(SHARES))]
    accounts = {
        owner: [
            Identity.objects.create(user_id=owner, service=service, service_id="1").pk
            for service in SERVICES
        ]
        for owner in owners
    }
    with transaction.atomic():  # foreign keys are checked on commit
        _fill_index(library, owners, accounts)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return owners


def _fill_index(library: Library, owners: list[int], accounts: dict[int, list[int]]) -> None:
    from django_trove.server.models import Album, MonthTally, Tally

    rows = library.rows(owners, accounts)
    while batch := list(islice(rows, BATCH)):
        _copy("trove_server_item", ITEM, [row for row, _ in batch])
        _copy("trove_server_itemtag", ITEM_TAG, list(_item_tags(batch, owners)))
    _copy(
        "trove_server_tag",
        ["id", "owner_id", "kind", "name", "items"],
        [
            (_tag(owners, owner, number), owner, 1, f"tag{number}", times)
            for owner, used in library.used.items()
            for number, times in used.items()
        ],
    )
    Tally.objects.bulk_create(
        Tally(owner_id=owner, service=service, identity_id=pk, kind=1, items=library.tallied[pk])
        for owner, pks in accounts.items()
        for service, pk in zip(SERVICES, pks, strict=True)
    )

    owner_of = {pk: owner for owner, pks in accounts.items() for pk in pks}
    MonthTally.objects.bulk_create(
        MonthTally(
            owner_id=owner_of[pk], identity_id=pk, kind=1, public=False, month=month, items=items
        )
        for (pk, month), items in library.months.items()
    )
    Album.objects.bulk_create(
        Album(
            owner_id=owner_of[pk],
            identity_id=pk,
            service_id=album,
            title=f"Album {album}",
            photos=items,
            newest_seconds=newest,
        )
        for (pk, album), (newest, items) in library.albums.items()
    )


def _item_tags(batch: list[tuple[Any, Any]], owners: list[int]) -> Iterator[tuple[Any, ...]]:
    for row, tags in batch:
        item = dict(zip(ITEM, row, strict=True))
        repeated = [item[name] for name in REPEATED]
        for number in tags:
            yield (_tag(owners, item["owner_id"], number), item["id"], *repeated)


def _tag(owners: list[int], owner: int, number: int) -> int:
    return owners.index(owner) * TAGS + number + 1


def _copy(table: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """
    Use COPY if the database supports it.
    """
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" for _ in columns)
            insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            connection.connection.executemany(insert, rows)
