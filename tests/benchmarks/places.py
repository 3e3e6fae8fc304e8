"""
Compares clusters of a map, queries by place and the list of places with hand-written SQL on the
same rows, in a library of one user.

    python -m tests.benchmarks.places [--items 300000]

`TEST_DATABASE` names a PostgreSQL service. Without it, the database is SQLite. The hand-written
clusters group the rows of the items, as a view without stored counts does.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.db import connection

ROUNDS = 15
BATCH = 5000
CLUSTERS_MS, PLACES_MS, PAGE_TIMES = 50, 50, 2
HOMES = [(40.7, -73.95), (52.52, 13.4), (35.01, 135.77), (-33.45, -70.67), (48.85, 2.35)]
START = datetime(2006, 1, 1, tzinfo=UTC)
BASE = "https://trove.example"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=30_000)
    items = arguments.parse_args().items
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        started, cpu = time.perf_counter(), time.process_time()
        user = fill(items)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        print(
            f"{connection.vendor}: {items:,} located items in {time.perf_counter() - started:.0f} s"
            f" ({time.process_time() - cpu:.0f} s of CPU)"
        )
        compare_clusters(user)
        compare_places(user)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def fill(items: int) -> Any:
    """
    Index a library, most of it near five homes and the rest on trips, and return its user.
    """
    from django.contrib.auth.models import User

    from django_trove.client.content import Photo
    from django_trove.server.connectors.base import FoundItem
    from django_trove.server.index.items import build_item
    from django_trove.server.index.write import write_items
    from django_trove.server.models import Identity

    user = User.objects.create(username="ada")
    identity = Identity.objects.create(user=user, service="folder", service_id="1")
    batch = []
    for number, (latitude, longitude) in enumerate(_locations(items)):
        photo = Photo(
            id=str(number),
            title=f"Photo {number}",
            latitude=latitude,
            longitude=longitude,
            date=START + timedelta(minutes=30 * number),
            public=number % 3 == 0,
        )
        batch.append(build_item(identity, FoundItem(content=photo, etag="1"), {}, ""))
        if len(batch) == 500:
            write_items(identity, batch)
            batch = []
    if batch:
        write_items(identity, batch)
    return user


def _locations(items: int) -> Iterator[tuple[float, float]]:
    chance = random.Random(2010)
    trips = [(chance.uniform(-45, 65), chance.uniform(-180, 180)) for _ in range(300)]
    for _ in range(items):
        is_home = chance.random() < 0.6
        latitude, longitude = chance.choice(HOMES if is_home else trips)
        spread = 0.05 if is_home else 0.3
        yield (
            latitude + chance.gauss(0, spread),
            max(-180.0, min(180.0, longitude + chance.gauss(0, spread))),
        )


def compare_clusters(user: Any) -> None:
    from django_trove.client.query import Query
    from django_trove.server.search.collections import search_collection

    print(f"{'package / hand-written':36} {'clusters':>22} {'photos':>9}")
    for zoom in (1, 3, 5, 8, 10, 12, 14, 16, 18):
        height, width = 400 / 256 / 2**zoom * 180, 1280 / 256 / 2**zoom * 360
        latitude, longitude = HOMES[0] if zoom > 3 else (20.0, 0.0)
        box = (
            max(-85.0, latitude - height / 2),
            max(-180.0, longitude - width / 2),
            min(85.0, latitude + height / 2),
            min(180.0, longitude + width / 2),
        )
        query = Query(geo_sw=box[:2], geo_ne=box[2:], zoom=zoom)

        def ours(query: Query = query) -> Any:
            return search_collection(user, "clusters", query, BASE, ["photos"])

        def by_hand(box: Any = box, zoom: int = zoom) -> None:
            _group_items(user.pk, box, zoom)

        times = _times(ours, by_hand)
        photos = sum(cluster.photos for cluster in ours())
        missed = "MISSED" if times[0] > CLUSTERS_MS else ""
        print(
            f"{f'zoom {zoom}: {len(ours())} clusters':36}"
            f" {times[0]:7.2f} / {times[1]:7.2f} ms {photos:9,} {missed}"
        )


def _group_items(owner: int, box: tuple[float, float, float, float], zoom: int) -> None:
    cell = 360 / 2 ** (zoom + 2)
    south, west, north, east = box
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FLOOR(latitude / %s), FLOOR(longitude / %s), COUNT(*), AVG(latitude),"
            " AVG(longitude), MIN(id) FROM trove_server_item WHERE owner_id = %s AND kind = 1"
            " AND latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s GROUP BY 1, 2",
            [cell, cell, owner, south, north, west, east],
        )
        cursor.fetchall()


def compare_places(user: Any) -> None:
    from django_trove.client.query import Query
    from django_trove.server.models import Item
    from django_trove.server.search.collections import search_collection
    from django_trove.server.search.engine import search

    places = Item.objects.filter(country="United States").values_list("place", flat=True)
    one = places[0]
    names = {
        "a place": ", ".join(reversed(one.split("|"))),
        "a region": "New York, United States",
        "a country": "United States",
    }
    columns = {"a place": "place", "a region": "region", "a country": "country"}
    values = {"a place": one, "a region": "United States|New York", "a country": "United States"}
    for name, place in names.items():
        for public in (None, True):
            query = Query(place=place, public=public, total=False)
            condition = f"{columns[name]} = '{values[name]}'"
            condition += "" if public is None else " AND public"
            times = _times(
                lambda query=query: search(user, query, BASE),
                lambda condition=condition: _read_page(user.pk, condition),
            )
            label = f"first page of {name}{', public' if public else ''}"
            total = search(user, Query(place=place, public=public), BASE).total_number_of_results
            missed = "MISSED" if times[0] > PAGE_TIMES * times[1] + 1 else ""
            print(f"{label:36} {times[0]:7.2f} / {times[1]:7.2f} ms {total:9,} {missed}")
    times = _times(
        lambda: search_collection(user, "places", Query(), BASE, ["photos"]),
        lambda: _count_places(user.pk),
    )
    missed = "MISSED" if times[0] > PLACES_MS else ""
    print(f"{'list of places':36} {times[0]:7.2f} / {times[1]:7.2f} ms {'':9} {missed}")


def _read_page(owner: int, condition: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM trove_server_item WHERE owner_id = {owner} AND kind = 1"
            f" AND {condition} ORDER BY taken_at_seconds DESC, id DESC LIMIT 50"
        )
        cursor.fetchall()


def _count_places(owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, COUNT(*) FROM trove_server_item WHERE kind = 1 AND place <> ''"
            f" AND owner_id = {owner} GROUP BY place ORDER BY 2 DESC LIMIT 50"
        )
        cursor.fetchall()


def _times(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """
    Return the shortest times of alternating calls, in milliseconds.
    """
    gc.collect()
    pairs = [(_clock(ours), _clock(bare)) for _ in range(ROUNDS)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def _clock(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
