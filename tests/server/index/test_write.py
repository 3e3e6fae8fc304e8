import sqlite3
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_trove.client.content import Photo, Video
from django_trove.core.map_grid import cell_of, first_cell
from django_trove.server.connectors.base import FoundItem
from django_trove.server.index.items import build_item
from django_trove.server.index.values import MAX_TAG_LENGTH
from django_trove.server.index.write import (
    assign_album,
    delete_items,
    delete_unused_tags,
    write_items,
)
from django_trove.server.models import (
    UNDATED,
    Album,
    Identity,
    Item,
    ItemTag,
    Kind,
    Library,
    MapTally,
    MonthTally,
    PlaceTally,
    Tag,
    Tally,
)
from django_trove.server.models.places import COLUMNS
from django_trove.server.models.values import from_epoch_seconds

DATES = [datetime(2007, 3, 4, tzinfo=UTC), datetime(2007, 3, 31, 23, tzinfo=UTC)]
RECORDS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(
        st.sampled_from([Photo, Video]),
        st.lists(st.sampled_from(["snow", "Snow ", "sea", "ice"]), max_size=3),
        st.sampled_from([None, 10.5, -33.0, 40.6]),
        st.sampled_from([None, *DATES]),
        st.booleans(),
        st.sampled_from(["", "7", "8"]),
    ),
    max_size=4,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 1), RECORDS),
        st.tuples(st.just("drop"), st.integers(0, 1), st.sets(st.sampled_from("abcdef"))),
        st.tuples(st.just("sweep"), st.just(0), st.none()),
        st.tuples(st.just("assign"), st.integers(0, 1), st.sets(st.sampled_from("abcdef"))),
    ),
    max_size=8,
)


def rows_of(identity, records):
    defaults = (None, False, "")
    records = {name: (*record, *defaults)[:6] for name, record in records.items()}
    return [
        build_item(
            identity,
            FoundItem(
                content=kind(
                    id=name,
                    tags=tuple(tags),
                    latitude=place,
                    longitude=place,
                    date=date,
                    utc_offset=120,
                    public=public,
                    album_id=album,
                    album_title=album and f"Album {album}",
                ),
                etag="1",
            ),
            {},
            "",
        )
        for name, (kind, tags, place, date, public, album) in records.items()
    ]


class TestCounts(TestCase):
    @given(steps=STEPS)
    def test_counts_are_correct_after_any_writes_and_deletions(self, steps):
        person = make_person()
        identities = [
            Identity.objects.create(user=person, service="web", service_id=str(n), name="w")
            for n in range(2)
        ]
        for step, index, records in steps:
            identity = identities[index]
            if step == "write" and records:
                write_items(identity, rows_of(identity, records))
            elif step == "drop":
                delete_items(identity, identity.items.filter(service_id__in=records))
            elif step == "sweep":
                delete_unused_tags(person.pk)
                assert not Tag.objects.filter(items=0).exists()
            elif step == "assign":
                assign_album(identity, "7", "Album 7", sorted(records))
        assert stored(MonthTally, "identity", "kind", "public", "month") == expected_months()
        assert list(Album.objects.order_by("pk").values(*ALBUM)) == expected_albums()
        for level, column in COLUMNS.items():
            counted = PlaceTally.objects.filter(level=level)
            assert stored(counted, *PLACE, "place") == expected_places(*PLACE, column)
        assert map_tallies() == expected_map_tallies()
        assert stored(Tally, "identity", "kind") == expected(Item, "identity", "kind")
        assert stored(Tag, "kind", "name") == expected(ItemTag, "tag__kind", "tag__name")
        for tag in ItemTag.objects.select_related("item"):
            item = tag.item
            values = (tag.taken_at_seconds, tag.identity_id, tag.latitude, tag.longitude)
            assert values == (
                item.taken_at_seconds,
                item.identity_id,
                item.latitude,
                item.longitude,
            )


ALBUM = (
    "identity",
    "service_id",
    "title",
    "photos",
    "videos",
    "public_photos",
    "public_videos",
    "newest_seconds",
    "newest_public_seconds",
)


def map_tallies():
    rows = MapTally.objects.exclude(items=0, latitudes=0, longitudes=0).values_list(
        "identity", "kind", "public", "level", "cell", "items", "latitudes", "longitudes"
    )
    return {row[:5]: row[5:] for row in rows}


def expected_map_tallies():
    sums = defaultdict(lambda: [0, 0, 0])
    for item in Item.objects.exclude(latitude=None):
        assert item.map_cell == cell_of(item.latitude, item.longitude)
        for level in (4, 7, 10, 13, 16, 19):
            cell = first_cell(item.map_cell, level)
            key = (item.identity_id, item.kind, item.public, level, cell)
            degrees = (item.latitude, item.longitude)
            for index, value in enumerate([1, *(round(1e6 * each) for each in degrees)]):
                sums[key][index] += value
    return {key: tuple(values) for key, values in sums.items()}


PLACE = ("identity", "kind", "public")


def expected_places(*by):
    return {row: count for row, count in expected(Item, *by).items() if row[-1]}


def expected_months():
    """
    The UTC offset of the items is two hours.
    """
    months = {None: 0, DATES[0]: 200703, DATES[1]: 200704}
    return Counter(
        (
            item.identity_id,
            item.kind,
            item.public,
            months[from_epoch_seconds(item.taken_at_seconds)],
        )
        for item in Item.objects.all()
    )


def expected_albums():
    albums = []
    for identity, album in Album.objects.order_by("pk").values_list("identity", "service_id"):
        items = Item.objects.filter(identity=identity, album_id=album)
        photos, videos = items.filter(kind=Kind.PHOTO), items.filter(kind=Kind.VIDEO)
        counts = (
            *(each.count() for each in (photos, videos)),
            *(each.filter(public=True).count() for each in (photos, videos)),
            max(items.values_list("taken_at_seconds", flat=True)),
            max(
                [*items.filter(public=True).values_list("taken_at_seconds", flat=True)] or [UNDATED]
            ),
        )
        values = (identity, album, f"Album {album}", *counts)
        albums.append(dict(zip(ALBUM, values, strict=True)))
    filled = Item.objects.exclude(album_id="").values("identity", "album_id").distinct()
    assert len(albums) == filled.count()
    return albums


def make_person():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user("ada", password="pass-word")


def stored(rows, *by):
    rows = getattr(rows, "objects", rows)
    return {row[:-1]: row[-1] for row in rows.values_list(*by, "items") if row[-1]}


def expected(model, *by):
    rows = model.objects.order_by().values_list(*by).annotate(times=Count("pk"))
    return {row[:-1]: row[-1] for row in rows}


@pytest.mark.django_db
def test_changes_increment_the_library_version(person, identity, index):
    versions = []
    [item] = index(Photo(id="1"))
    versions.append(Library.objects.get().version)
    delete_items(identity, [item])
    versions.append(Library.objects.get().version)
    assert versions[0] < versions[1]


LIMIT = 6000  # SQLite's default is 32,766


@pytest.fixture
def limited_parameters():
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    previous = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, LIMIT)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, previous)


@pytest.mark.django_db
def test_number_of_tags_can_exceed_the_parameters_of_a_query(limited_parameters, identity):
    for word in ("old", "new"):
        names = [f"{word}{number}" for number in range(LIMIT + 1)]
        records = {str(start): (Photo, names[start::50], None) for start in range(50)}
        write_items(identity, rows_of(identity, records))
    assert stored(Tag, "name") == {(name,): 1 for name in names}
    identity.delete()
    assert stored(Tag, "name") == {}


@pytest.mark.django_db
def test_long_tag_is_displayed_but_not_indexed(identity):
    """
    Protocol, section 4.4.
    """
    tags = ["a" * MAX_TAG_LENGTH, "b" * (MAX_TAG_LENGTH + 1), " "]
    write_items(identity, rows_of(identity, {"1": (Photo, tags, None)}))
    assert Item.objects.get().tags == tags[:2]
    assert Tag.objects.get().name == "a" * 200


@pytest.mark.django_db
def test_dimensions_are_limited_to_those_of_the_column(identity):
    found = FoundItem(content=Photo(id="1", width=2**31, height=2**31 - 1), etag="1")
    write_items(identity, [build_item(identity, found, {}, "")])
    item = Item.objects.get()
    assert (item.width, item.height) == (2**31 - 1, 2**31 - 1)


@pytest.mark.django_db
def test_items_of_one_tag_are_deleted_together(identity, index):
    items = index(*(Photo(id=str(number), tags=("sea",)) for number in range(3)))
    delete_items(identity, items[1:])
    assert stored(Tag, "name") == {("sea",): 1}
    assert stored(Tally, "kind") == {(items[0].kind,): 1}


@pytest.mark.django_db
def test_the_items_of_an_album_are_read_after_the_library_is_locked(identity, index):
    """
    Otherwise, another process may change them before they are counted.
    """
    index(Photo(id="1"))
    with CaptureQueriesContext(connection) as queries:
        assign_album(identity, "7", "Album 7", ["photo:1", "1"])
    statements = [query["sql"] for query in queries.captured_queries]
    lock = next(n for n, each in enumerate(statements) if "UPDATE" in each and "library" in each)
    reads = [n for n, each in enumerate(statements) if "local_seconds" in each]
    assert reads
    assert lock < min(reads)
