"""
Compares queries with hand-written SQL in an index of many users, on PostgreSQL.

    TEST_DATABASE=postgres://… python -m tests.benchmarks.large [--items 10000000] [--users 1000]

A fifth of all items belongs to ten users, the rest to the others. PostgreSQL generates the rows,
without indexes, which are created afterwards. 10,000,000 items need 30 GB of disk space and about
half an hour.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import django
from django.db import connection

from .sample_library import CAMERA, SERVICES, SIZES, TAGS, YEARS, Library
from .search import compare_queries

LARGE_USERS = 10
RARE_TAG = 800
TABLES = ("trove_server_itemtag", "trove_server_item")

USERS = """
    INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email,
        is_staff, is_active, date_joined)
    SELECT n, 'person' || n, '', false, '', '', '', false, true, now()
    FROM generate_series(1, %(users)s) n
"""
STAGE = """
    CREATE UNLOGGED TABLE stage AS
    SELECT n, owner, (owner - 1) * 4 + account + 1 AS identity, account, moment,
        (%(latitudes)s::float8[])[town] + random() * 0.4 - 0.2 AS lat,
        (%(longitudes)s::float8[])[town] + random() * 0.4 - 0.2 AS lng, tags
    FROM (
        SELECT n, floor(random() * 4)::int AS account,
            1000000000 + floor(random() * %(seconds)s)::bigint AS moment,
            CASE WHEN random() < 0.4 THEN 1 + floor(random() * %(towns)s)::int END AS town,
            CASE WHEN random() < 0.2 THEN 1 + floor(random() * %(large)s)::int
                ELSE %(large)s + 1 + floor(random() * (%(users)s - %(large)s))::int END AS owner
        FROM generate_series(1, %(items)s) n
    ) i, LATERAL (
        SELECT coalesce(array_agg(DISTINCT tag ORDER BY tag), '{}') AS tags FROM (
            SELECT floor(exp(random() * ln(%(tags)s + 1)))::int - 1 AS tag
            FROM generate_series(1, (n * 2654435761 %% 7)::int)
            UNION ALL SELECT %(rare)s WHERE n * 48271::bigint %% 211 = 0
        ) x
    ) t
"""
ITEMS = """
    INSERT INTO trove_server_item (id, owner_id, identity_id, service, service_id, kind, etag,
        sync_number, taken_at_seconds, local_seconds, utc_offset, uploaded_at_seconds, title,
        description, words, owner_name, urls, files, tags, album_id, album_title, license, width,
        height, duration, media_type, sizes, camera, average_color, record, public, web_url,
        latitude, longitude, latitude_band, country, region, place, place_version)
    SELECT n, owner, identity, (%(services)s::text[])[account + 1], n::text, 1, '1', 1, moment,
        moment + 3600 * account - 7200, 60 * account - 120, moment, 'Photo ' || n, '',
        'photo ' || n, 'Ada',
        '{"original": "https://x.example/1"}', '{}',
        (SELECT coalesce(jsonb_agg('tag' || tag), '[]') FROM unnest(tags) tag), '', '', '', 4000,
        3000, 0, 'image/jpeg', %(sizes)s, %(camera)s, '#3f6e8c', '{}', false,
        'https://photos.example/' || n, lat, lng, floor(lat * 10), '', '', '', 1
    FROM stage
"""
TAG_ROWS = """
    INSERT INTO trove_server_itemtag (tag_id, item_id, taken_at_seconds, local_seconds, identity_id,
        latitude, longitude)
    SELECT owner::bigint * %(tags)s + tag, n, moment, moment + 3600 * account - 7200, identity, lat,
        lng
    FROM stage, unnest(tags) tag
"""
TAG_COUNTS = """
    INSERT INTO trove_server_tag (id, owner_id, kind, name, items)
    SELECT owner::bigint * %(tags)s + tag, owner, 1, 'tag' || tag, count(*)
    FROM stage, unnest(tags) tag GROUP BY owner, tag
"""
TALLIES = """
    INSERT INTO trove_server_tally (owner_id, service, identity_id, kind, items)
    SELECT owner, (%(services)s::text[])[account + 1], identity, 1, count(*)
    FROM stage GROUP BY owner, account, identity
"""
CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('f', 'u', 'p', 'c')
    ORDER BY position(contype::text IN 'fcup')
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=50_000)
    arguments.add_argument("--users", type=int, default=50)
    options = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    if connection.vendor != "postgresql":
        print("The benchmark of a large index requires PostgreSQL.")
        return
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        library = Library(options.items)
        _fill(library, options.users)
        for name, owner in (("of many items", 1), ("of few items", LARGE_USERS + 1)):
            _print_user(name, owner)
            compare_queries(library, owner)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _fill(library: Library, users: int) -> None:
    started = time.perf_counter()
    values = {
        "items": library.items,
        "users": users,
        "large": LARGE_USERS,
        "seconds": YEARS * 365 * 86_400,
        "tags": TAGS,
        "rare": RARE_TAG,
        "towns": len(library.towns),
        "latitudes": [latitude for latitude, _ in library.towns],
        "longitudes": [longitude for _, longitude in library.towns],
        "services": list(SERVICES),
        "sizes": SIZES,
        "camera": CAMERA,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(USERS, values)
        _add_identities(users)
        restore = [step for table in TABLES for step in _drop_indexes(cursor, table)]
        for statement in (STAGE, ITEMS, TAG_ROWS, TAG_COUNTS, TALLIES, "DROP TABLE stage"):
            cursor.execute(statement, values)
        for statement in reversed(restore):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*) FROM trove_server_itemtag")
        (tags,) = cursor.fetchone()
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        (size,) = cursor.fetchone()
    seconds = time.perf_counter() - started
    print(
        f"{library.items:,} items of {users:,} users and {tags:,} tags of items in {seconds:.0f} s,"
        f" {size}"
    )


def _add_identities(users: int) -> None:
    from django_trove.server.models import Identity

    Identity.objects.bulk_create(
        [
            Identity(
                pk=(owner - 1) * 4 + number + 1, user_id=owner, service=service, service_id="1"
            )
            for owner in range(1, users + 1)
            for number, service in enumerate(SERVICES)
        ],
        batch_size=1000,
    )


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """
    Drop the constraints and indexes of a table. Return the statements that create them, in reverse
    order.
    """
    restore = []
    cursor.execute(CONSTRAINTS, [table])
    for name, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        restore.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute(INDEXES, [table])
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        restore.append(definition)
    return restore


def _print_user(name: str, owner: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(items) FROM trove_server_tally WHERE owner_id = %s", [owner])
        (items,) = cursor.fetchone()
    print(f"a user {name}: {items:,}")


if __name__ == "__main__":
    main()
