"""
Syncs an account at the fake Immich: first import, no changes, changes and deletions. After each
sync, the index is compared with the assets. Prints seconds, requests for pages of assets, and the
ratio to the duration of fetching the same pages without a client or an index.

    python -m tests.benchmarks.immich [--assets 50000] [--version1]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import Any

import django
import requests
from django.db import connection

SHARE = 20  # every 20th asset is changed or deleted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=3000)
    parser.add_argument("--version1", action="store_true", help="Immich 1.137 instead of 3")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    previous = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as media:
            _run(options.assets, media, (1, 137, 3) if options.version1 else (3, 2, 2))
    finally:
        connection.creation.destroy_test_db(previous, verbosity=0)


def _run(count: int, media: str, version: tuple[int, int, int]) -> None:
    from django.conf import settings

    from fake_services.base import serve
    from fake_services.immich import Immich
    from fake_services.photos import make_photos

    settings.MEDIA_ROOT = media
    photos = make_photos(count)
    for photo in photos:
        photo.changed = photos[0].changed  # dates of many photos are in the future
    with serve(Immich(photos, version=version)) as fake:
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"immich": fake.settings}}
        identity = _add_account(fake)
        baseline = _fetch_all(fake)
        print(f"{count} assets; all pages without an index: {baseline:.1f} s")
        _sync("import", fake, identity, baseline)
        _sync("no changes", fake, identity, baseline)
        for photo in fake.photos[::SHARE]:
            photo.title += " changed"
            fake.change(photo)
        _sync(f"{len(fake.photos[::SHARE])} changed", fake, identity, baseline)
        del fake.photos[::SHARE]
        _sync("deleted", fake, identity, baseline)


def _add_account(fake: Any) -> Any:
    from django.contrib.auth.models import User

    from django_trove.server.accounts.add import add_account
    from django_trove.server.connectors.authorization import Credentials
    from django_trove.server.connectors.immich.connector import Immich

    service = Immich({}, Credentials(fake.settings))
    authorization = service.check_account({"address": fake.url, "key": fake.key})
    identity, _ = add_account(User.objects.create_user("ada"), "immich", authorization)
    return identity


def _fetch_all(fake: Any) -> float:
    began = time.perf_counter()
    page: str | None = "1"
    with requests.Session() as session:
        session.headers["x-api-key"] = fake.key
        while page:
            body = {"page": int(page), "size": 1000, "withExif": True, "order": "asc"}
            response = session.post(f"{fake.url}/api/search/metadata", json=body, timeout=60)
            page = response.json()["assets"]["nextPage"]
    return time.perf_counter() - began


def _sync(name: str, fake: Any, identity: Any, baseline: float) -> None:
    from django_trove.server.models import Identity
    from django_trove.server.sync import sync
    from fake_services.immich_data import get_id

    fake.page_count = 0
    began = time.perf_counter()
    report = sync(Identity.objects.get(pk=identity.pk))
    seconds = time.perf_counter() - began
    rows = identity.items.values_list("service_id", "title")
    expected = {get_id("asset", photo.number): photo.title for photo in fake.photos}
    if dict(rows) != expected:
        raise SystemExit(f"{name}: the index differs from the assets")
    print(
        f"{name}: {seconds:.1f} s ({seconds / baseline:.1f}x), {fake.page_count} pages, "
        f"added {report.added}, changed {report.changed}, removed {report.removed}"
    )


if __name__ == "__main__":
    main()
