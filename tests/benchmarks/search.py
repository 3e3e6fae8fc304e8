"""
Compares kinds of queries with hand-written SQL on the same rows.

    python -m tests.benchmarks.search [--items 1000000]

`TEST_DATABASE` names a PostgreSQL service. Without it, the database is SQLite. The work is counted
in rows by EXPLAIN of PostgreSQL, or in steps of SQLite's virtual machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Callable
from typing import Any

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext

from . import sample_library
from .queries import COMMON, build_queries

ROUNDS = 30
CONSTANT_MS = 1
COMPILATION_MS = 6  # Django's ORM compiles the statements for collections
TIMES, READS = 2, 1.1
COLLECTIONS = {
    "albums": (
        "SELECT a.id, a.title, a.photos, c.* FROM (SELECT * FROM trove_server_album"
        " WHERE owner_id = {owner} ORDER BY newest_seconds DESC, id DESC LIMIT 50) a"
        " JOIN trove_server_item c ON c.id = (SELECT id FROM trove_server_item"
        " WHERE owner_id = {owner} AND kind = 1 AND album_id = a.service_id"
        " AND identity_id = a.identity_id ORDER BY taken_at_seconds DESC, id DESC LIMIT 1)",
        "SELECT COUNT(*) FROM trove_server_album WHERE owner_id = {owner} AND photos > 0",
    ),
    "timeline": (
        "SELECT month, kind, SUM(items) FROM trove_server_monthtally WHERE owner_id = {owner}"
        " AND kind IN (1, 2) GROUP BY month, kind ORDER BY month DESC",
    ),
}
"""Statements by collection."""

BASE = "https://trove.example"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=30_000)
    items = arguments.parse_args().items
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        library = sample_library.Library(items)
        started = time.perf_counter()
        owners = sample_library.fill(library)
        print(
            f"{connection.vendor}: {items:,} items of {len(owners)} users in"
            f" {time.perf_counter() - started:.0f} s; {sum(library.used[owners[0]].values()):,}"
            " tags of the person asked for"
        )
        compare_queries(library, owners[0])
        compare_collections(owners[0])
        _growth(owners)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def compare_queries(library: sample_library.Library, owner: int) -> None:
    from django.contrib.auth.models import User
    from django.core.cache import cache

    from django_trove.client.query import Query
    from django_trove.server.search.engine import search

    person = User.objects.get(pk=owner)
    print(f"{'package / hand-written':36} {'page':>22} {'read':>19} {'page and total':>22}")
    for shape in build_queries(library, owner):
        page, whole = Query(**shape.query, total=False), Query(**shape.query)

        def by_hand(*statements: str) -> None:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    cursor.fetchall()

        def with_total(query: Query = whole) -> None:
            cache.clear()
            search(person, query, BASE)

        pages = _times(
            lambda query=page: search(person, query, BASE), lambda s=shape: by_hand(s.page)
        )
        wholes = _times(with_total, lambda s=shape: by_hand(s.page, s.total))
        read = (
            _read(with_total),
            _read(lambda s=shape: by_hand(s.page, s.total)),
        )
        print(f"{shape.name:36} {_verdict(*pages)} {_reading(*read)} {_verdict(*wholes)}")


def compare_collections(owner: int) -> None:
    """
    Compare the first page of albums, and the timeline, with hand-written SQL.
    """
    from django.contrib.auth.models import User

    from django_trove.client.query import Query
    from django_trove.server.search.collections import COUNTED_KINDS, search_collection

    person = User.objects.get(pk=owner)
    for name, statements in COLLECTIONS.items():

        def by_hand(statements: tuple[str, ...] = statements) -> None:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement.format(owner=owner))
                    cursor.fetchall()

        def search(name: str = name) -> None:
            search_collection(person, name, Query(), BASE, COUNTED_KINDS)

        read = _reading(_read(search), _read(by_hand))
        times = _times(search, by_hand)
        print(f"{name:36} {_verdict(*times, COMPILATION_MS)} {read}")


def _growth(owners: list[int]) -> None:
    """
    Compare the first page of the user with the most items with that of the user with the fewest.
    """
    from django.contrib.auth.models import User

    from django_trove.client.query import Query
    from django_trove.server.search.engine import search

    most, least = User.objects.get(pk=owners[0]), User.objects.get(pk=owners[-1])
    for name, query in (("first page", {}), ("one tag", {"tags_required": [f"tag{COMMON}"]})):
        asked = Query(**query, total=False)  # type: ignore[arg-type]
        times = _times(
            lambda q=asked: search(most, q, BASE), lambda q=asked: search(least, q, BASE)
        )
        print(f"{name}, 24 times the library: {times[0] / times[1]:.2f}x  (aim 2x)")


def _times(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """
    Return the shortest times of alternating calls, in milliseconds.
    """
    for _ in range(2):
        ours(), bare()
    gc.collect()
    pairs = [(_clock(ours), _clock(bare)) for _ in range(ROUNDS)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def _clock(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def _read(call: Callable[[], object]) -> int:
    return _rows(call) if connection.vendor == "postgresql" else _steps(call)


def _rows(call: Callable[[], object]) -> int:
    """
    Count the rows that PostgreSQL reads for the queries of a call.
    """
    with CaptureQueriesContext(connection) as asked:
        call()
    total = 0
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
            (plan,) = cursor.fetchone()
            plan = json.loads(plan) if isinstance(plan, str) else plan
            total += _scanned(plan[0]["Plan"])
    return total


def _scanned(node: dict[str, Any]) -> int:
    below = sum(_scanned(child) for child in node.get("Plans", ()))
    if "Scan" not in node["Node Type"] or node["Node Type"].startswith(("Subquery", "Bitmap Heap")):
        return below
    removed = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck"))
    return below + round((node["Actual Rows"] + removed) * node["Actual Loops"])


def _steps(call: Callable[[], object]) -> int:
    """
    Count the steps of SQLite's virtual machine in hundreds.
    """
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.connection.set_progress_handler(step, 100)
    try:
        call()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return steps


def _verdict(ours: float, bare: float, constant: float = CONSTANT_MS) -> str:
    missed = "MISSED" if ours > TIMES * bare + constant else ""
    return f"{ours:7.2f} / {bare:7.2f} ms{missed:>6}"


def _reading(ours: int, bare: int) -> str:
    missed = "MISSED" if ours > READS * bare + 60 else ""
    return f"{ours:7} / {bare:7} {missed:>6}"


if __name__ == "__main__":
    main()
