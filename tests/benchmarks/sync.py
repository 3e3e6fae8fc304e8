"""
Compares a sync with `bulk_create` of the same rows, and the memory for a small and a large library.

    python -m tests.benchmarks.sync [--items 300000]
"""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.db import connection

from django_trove.client.content import Photo

AIM = 0.5
PAGE = 500
TAGS = 6
FIRST = datetime(2005, 1, 1, tzinfo=UTC)


def photo(number: int) -> Photo:
    tags = tuple(f"tag{(number * 7 + step * step * 31) % 997}" for step in range(TAGS))
    return Photo(
        id=str(number),
        title=f"Photo {number}",
        date=FIRST + timedelta(minutes=number),
        tags=tags,
        urls={"original": f"https://x.example/{number}.jpg"},
        latitude=number % 170 - 85.0,
        longitude=number % 340 - 170.0,
        width=4000,
        height=3000,
    )


def connector(items: int) -> Any:
    """
    Return a service with this number of items that responds without delay.
    """
    from django_trove.server.connectors.base import Batch, Connector, FoundItem, KnownStamps

    class FakeConnector(Connector):
        name, title = "fake", "Fake"

        def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
            for start in range(cursor.get("start", 0), items, PAGE):
                numbers = range(start, min(start + PAGE, items))
                ids = tuple(map(str, numbers))
                stamps = known(ids)
                new = (photo(number) for number in numbers if str(number) not in stamps)
                end = numbers.stop
                yield Batch(
                    items=tuple(FoundItem(content=item, etag="1") for item in new),
                    seen=ids,
                    total=items,
                    cursor={"start": end} if end < items else {},
                )

    return FakeConnector


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=3_000)
    items = arguments.parse_args().items
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _rate(min(items, 20_000))
        _memory(max(items // 30, 1_000), items)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _rate(items: int) -> None:
    bare = _bare(items)
    first, _ = _sync(items, "first")
    again, _ = _sync(items, "first")
    mark = "" if bare / first >= AIM else "   MISSED"
    print(
        f"sync ({connection.vendor}): {items / first:,.0f} items per second,"
        f" bare bulk_create {items / bare:,.0f}: {bare / first:.2f}x  (aim {AIM}x){mark};"
        f" a second sync {items / again:,.0f}"
    )


def _bare(items: int) -> float:
    """
    Return the seconds for the rows alone: items, and a row for each of their tags.
    """
    from django_trove.server.connectors.base import FoundItem
    from django_trove.server.index.items import build_item
    from django_trove.server.models import Item, ItemTag, Kind, Tag

    identity = _identity("bare")
    names = [f"tag{number}" for number in range(997)]
    Tag.objects.bulk_create(
        Tag(owner_id=identity.user_id, kind=Kind.PHOTO, name=name) for name in names
    )
    tags = dict(Tag.objects.filter(owner=identity.user_id).values_list("name", "pk"))
    began = time.perf_counter()
    for start in range(0, items, PAGE):
        photos = [photo(number) for number in range(start, min(start + PAGE, items))]
        rows = [build_item(identity, FoundItem(content=one, etag="1"), {}, "Ada") for one in photos]
        made = Item.objects.bulk_create(rows)
        ItemTag.objects.bulk_create(
            ItemTag(
                tag_id=tags[name],
                item=item,
                taken_at_seconds=item.taken_at_seconds,
                local_seconds=item.local_seconds,
                identity=identity,
                latitude=item.latitude,
                longitude=item.longitude,
            )
            for item in made
            for name in set(item.tags)
        )
    return time.perf_counter() - began


def _memory(few: int, many: int) -> None:
    peaks = [_sync(items, f"memory{items}", measured=True)[1] for items in (few, many)]
    print(
        f"peak memory: {peaks[0] / 1e6:.1f} MB for {few:,} items,"
        f" {peaks[1] / 1e6:.1f} MB for {many:,}: {peaks[1] / peaks[0]:.2f}x"
    )


def _sync(items: int, name: str, *, measured: bool = False) -> tuple[float, int]:
    """
    Return the seconds and, if measured, the peak memory of a sync.
    """
    from django_trove.server.connectors.registry import CONNECTORS
    from django_trove.server.sync.engine import sync

    CONNECTORS["fake"] = connector(items)
    identity = _identity(name)
    if measured:
        tracemalloc.start()
    began = time.perf_counter()
    assert sync(identity).complete
    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1] if measured else 0
    tracemalloc.stop()
    return seconds, peak


def _identity(name: str) -> Any:
    from django.contrib.auth.models import User

    from django_trove.server.models import Identity

    user, _ = User.objects.get_or_create(username=name)
    return Identity.objects.add(user, "fake", "1")[0]


if __name__ == "__main__":
    main()
