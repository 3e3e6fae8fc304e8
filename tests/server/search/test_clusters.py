"""
Clusters of a map (protocol, sections 3.9 and 5.6).
"""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_trove.client.content import Photo, Video
from django_trove.client.query import Query
from django_trove.core.map_grid import MAX_CELLS, intersects
from django_trove.server.models import Item
from django_trove.server.search import clusters
from django_trove.server.search.collections import search_collection

pytestmark = pytest.mark.django_db

BOTH = ("photos", "videos")
NEW_YORK = (40.7, -73.95)
KYOTO = (35.01, 135.77)
FIJI = (-17.8, 179.99)


def located(name, location, **fields):
    return Photo(id=name, latitude=location[0], longitude=location[1], **fields)


@pytest.fixture
def find(person):
    def find(content_types=BOTH, **query):
        return search_collection(
            person, "clusters", Query(**query), "https://trove.example", content_types
        )

    return find


def box(location, size):
    latitude, longitude = location
    return {
        "geo_sw": (latitude - size, longitude - size),
        "geo_ne": (latitude + size, longitude + size),
    }


@pytest.fixture
def library(index):
    index(
        located("a", NEW_YORK, public=True, tags=("snow",)),
        located("b", (40.71, -73.96), tags=("snow",)),
        located("c", KYOTO),
        located("d", FIJI),
        Photo(id="nowhere"),
        Video(id="v", latitude=40.7, longitude=-73.95),
    )


def describe(result):
    return sorted((round(each.latitude, 2), each.photos, each.videos) for each in result)


def test_near_photos_are_one_cluster(find, library):
    result = find(zoom=1)
    assert describe(result) == [(-17.8, 1, 0), (35.01, 1, 0), (40.7, 2, 0)]
    assert (result.count, result.more) == (3, False)
    cluster = next(each for each in result if each.photos == 2)
    assert (cluster.latitude, cluster.longitude) == pytest.approx((40.705, -73.955))
    assert cluster.photo.id in "ab"
    south, west, north, east = cluster.box
    assert south < 40.7
    assert north > 40.71
    assert west < -73.96
    assert east > -73.95


def test_a_deeper_zoom_separates_photos(find, library):
    result = find(zoom=14, **box(NEW_YORK, 0.05))
    assert describe(result) == [(40.7, 1, 0), (40.71, 1, 0)]
    assert {(each.photo.id, round(each.latitude, 2)) for each in result} == {
        ("a", 40.7),
        ("b", 40.71),
    }
    by_box = {each.photo.id: each.box for each in result}
    assert by_box["a"][2] < by_box["b"][0] + 0.01


def test_only_the_box_is_returned(find, library):
    assert describe(find(zoom=5, **box(KYOTO, 1))) == [(35.01, 1, 0)]
    across = {"geo_sw": (-20.0, 179.9), "geo_ne": (-10.0, -179.0)}
    assert describe(find(zoom=5, **across)) == [(-17.8, 1, 0)]
    assert describe(find(zoom=5, **box((0, 0), 1))) == []


def test_videos_are_counted_if_requested_and_granted(find, library):
    near = box(NEW_YORK, 0.05)
    assert describe(find(zoom=5, videos=True, **near)) == [(40.7, 2, 1)]
    assert describe(find(["photos"], zoom=5, videos=True, **near)) == [(40.7, 2, 0)]
    assert describe(find(["videos"], zoom=5, videos=True, **near)) == [(40.7, 0, 1)]


def test_filters(find, library, make_identity, index):
    index(located("z", NEW_YORK), into=make_identity(service="smugmug"))
    near = {"zoom": 5, **box(NEW_YORK, 0.05)}
    assert describe(find(**near)) == [(40.7, 3, 0)]
    assert describe(find(services=["smugmug"], **near)) == [(40.7, 1, 0)]
    assert describe(find(public=True, **near)) == [(40.7, 1, 0)]
    [cluster] = find(public=True, **near)
    assert cluster.photo.id == "a"
    assert [each.count for each in find(tags_required=["snow"], **near)] == [2]
    assert [each.count for each in find(place="Williamsburg", **near)] == [3]
    assert describe(find(text="nothing", **near)) == []


def test_other_filters_count_the_newest_items(find, index, monkeypatch):
    monkeypatch.setattr("django_trove.server.search.clusters.MAX_COUNT", 3)
    start = datetime(2007, 3, 4, tzinfo=UTC)
    index(
        *(
            located(str(n), NEW_YORK if n < 5 else KYOTO, date=start + timedelta(days=n))
            for n in range(7)
        )
    )
    result = find(zoom=3, date_from=start)
    assert (describe(result), result.more) == ([(35.01, 2, 0), (40.7, 1, 0)], True)


def test_clusters_of_other_users_are_not_returned(make_person, library):
    result = search_collection(make_person("stranger"), "clusters", Query(), "", BOTH)
    assert len(result) == 0


def test_clusters_are_current_after_changes(find, library, index, identity):
    index(located("a", KYOTO))
    assert describe(find(zoom=3)) == [(-17.8, 1, 0), (35.01, 2, 0), (40.71, 1, 0)]
    identity.delete()
    assert describe(find(zoom=3)) == []


def test_all_photos_are_counted_at_each_zoom(find, index):
    chance = random.Random(7)
    locations = [(chance.gauss(40, 8), chance.gauss(-70, 30)) for _ in range(300)]
    index(*(located(str(n), each) for n, each in enumerate(locations)))
    for zoom in range(20):
        result = find(zoom=zoom)
        assert sum(each.photos for each in result) == 300
        assert len(result) <= MAX_CELLS
        area = find(zoom=zoom, geo_sw=(38.0, -80.0), geo_ne=(41.0, -60.0))
        inside = sum(38 <= lat <= 41 and -80 <= lng <= -60 for lat, lng in locations)
        assert sum(each.photos for each in area) >= inside


@pytest.mark.skipif(connection.vendor == "mysql", reason="query plans of MySQL are NOT tested")
def test_tallies_and_photos_are_read_from_indexes(find, index):
    chance = random.Random(7)
    index(*(located(str(n), (chance.gauss(40, 8), chance.gauss(-70, 9))) for n in range(300)))
    with CaptureQueriesContext(connection) as queries:
        find(zoom=6, geo_sw=(38.0, -80.0), geo_ne=(41.0, -60.0))
    plans = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        for query in queries:
            cursor.execute(f"{explain} {query['sql']}")
            plans.append("\n".join(map(str, cursor.fetchall())))
    plan = "\n".join(plans)
    for name in ("trove_map_cell_owner", "trove_item_map_cell"):
        assert re.search(rf"{name}\b", plan), plan
    assert "Seq Scan" not in plan
    assert len(queries) <= 5
    assert Item.objects.filter(map_cell=None).count() == 0


@pytest.mark.parametrize("query", [{}, {"text": "snow"}, {"place": "Kyoto"}])
def test_a_token_for_videos_alone_returns_none_unless_they_are_requested(find, library, query):
    assert find(("videos",), **query).count == 0
    assert find(("videos",), videos=True).count == 1


def test_a_low_and_wide_box_reads_only_cells_in_it(find, index, monkeypatch):
    chance = random.Random(4)
    index(
        *(located(str(n), (chance.uniform(-30, 30), chance.uniform(-180, 180))) for n in range(500))
    )
    read = []

    def count_read(box, cell, level):
        read.append(cell)
        return intersects(box, cell, level)

    monkeypatch.setattr(clusters, "intersects", count_read)
    shown = find(zoom=24, geo_sw=(10, -180), geo_ne=(10.001, 180))
    assert len(read) < 3 * shown.count < 100
