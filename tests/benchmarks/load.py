"""
Loads a site and its Trove, each in gunicorn, with Locust, and prints requests per second, response
times, errors and the memory of the processes.

    python -m tests.benchmarks.load [--seconds 60] [--items 100000]

`TEST_DATABASE` and `TEST_REDIS` name a database and a Redis server; without them, SQLite and files
are used. Half of the clients request pages of the site, the others send signed requests to the
Trove, without a pause.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django
import psutil
from django.conf import settings
from django.db import connection

from tests.ports import free_port

from .sample_library import Library, fill
from .servers import Server, file_cache, run_gunicorn

WORKERS = 2
CLIENTS = 8
CONNECTED = 20
MEGABYTE = 1024 * 1024
LIMITS = {"token": "1000000/m", "application": "1000000/m"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=int, default=8)
    arguments.add_argument("--items", type=int, default=10_000)
    options = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as directory:
            _measure(Path(directory), options.items, options.seconds)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


def _measure(directory: Path, items: int, seconds: int) -> None:
    library = Library(items)
    owners = fill(library)[:CONNECTED]
    targets = _connect_users(owners) | {"tags": [f"tag{number}" for number in range(1, 200)]}
    with _run_servers(str(directory / "cache")) as servers:
        targets |= {name: server.url for name, server in servers.items()}
        (directory / "targets.json").write_text(json.dumps(targets))
        with _watch_memory(servers) as samples:
            rows = _run_locust(directory, seconds)
    print(
        f"load ({connection.vendor}{', Redis' if os.environ.get('TEST_REDIS') else ''}):"
        f" {items:,} items, {CLIENTS} clients, {WORKERS} workers of the site and of the Trove"
    )
    for row in rows:
        print(
            f"    {row['Name']:26} {float(row['Requests/s']):7.1f} requests/s"
            f"   p50 {row['50%']:>5} ms   p99 {row['99%']:>5} ms   {row['Failure Count']:>3} errors"
        )
    for name, sizes in samples.items():
        steps = [sizes[len(sizes) * step // 5] for step in range(5)] + sizes[-1:]
        growth = ", ".join(f"{size / MEGABYTE:.0f}" for size in steps)
        print(f"    memory of the {name}: {growth} MB (maximum {max(sizes) / MEGABYTE:.0f} MB)")


def _connect_users(owners: list[int]) -> dict[str, Any]:
    """
    Connect users of the site to their Troves. Return their session keys, and the keys of requests.
    """
    from django.contrib.auth.models import User
    from django.test import Client

    from django_trove.client import Token
    from django_trove.core.encryption import random_key
    from django_trove.models import TroveAccount
    from django_trove.server.models import AccessToken, Application

    application = Application.objects.register("Site", callbacks=["https://site.example/"])
    sessions, keys = [], []
    for user in User.objects.filter(pk__in=owners):
        token = AccessToken.objects.create(
            key=random_key(),
            secret=random_key(),
            user=user,
            application=application,
            content_types=["photos"],
        )
        keys.append((application.key, application.secret, token.key, token.secret))
        account = TroveAccount(user=user, name=user.username)
        account.token = Token(token.key, token.secret)
        account.save()
        client = Client()
        client.force_login(user)
        sessions.append(str(client.session.session_key))
    settings.TROVE = {
        **settings.TROVE,
        "APP_KEY": application.key,
        "APP_SECRET": application.secret,
    }
    return {"sessions": sessions, "keys": keys}


@contextmanager
def _run_servers(cache_directory: str) -> Iterator[dict[str, Server]]:
    cache, port = file_cache(cache_directory), free_port()
    url = f"http://127.0.0.1:{port}"
    trove = {
        "TROVE_SERVER": {**settings.TROVE_SERVER, "URL": url, "RATE_LIMITS": LIMITS},
        **cache,
    }
    site = {
        "ROOT_URLCONF": "tests.benchmarks.outage_urls",
        "TROVE": {**settings.TROVE, "URL": url},
        **cache,
    }
    with ExitStack() as stack:
        yield {
            "trove": stack.enter_context(
                run_gunicorn(trove, workers=WORKERS, probe="/identity/login", port=port)
            ),
            "site": stack.enter_context(run_gunicorn(site, workers=WORKERS, probe="/plain/")),
        }


@contextmanager
def _watch_memory(servers: dict[str, Server]) -> Iterator[dict[str, list[int]]]:
    """
    Record the memory of each server's processes every half second.
    """
    samples: dict[str, list[int]] = {name: [] for name in servers}
    stopped = threading.Event()

    def watch() -> None:
        while not stopped.wait(0.5):
            for name, server in servers.items():
                samples[name].append(_get_memory(server.pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        stopped.set()
        thread.join()


def _get_memory(pid: int) -> int:
    parent = psutil.Process(pid)
    return sum(process.memory_info().rss for process in [parent, *parent.children(recursive=True)])


def _run_locust(directory: Path, seconds: int) -> list[dict[str, str]]:
    """
    Return the rows of Locust's statistics.
    """
    options = ["--headless", "--users", str(CLIENTS), "--spawn-rate", str(CLIENTS)]
    options += ["--run-time", f"{seconds}s", "--csv", str(directory / "load")]
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("load_users.py")),
         *options, "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0"],
        env=os.environ | {"LOAD_TARGETS": str(directory / "targets.json")},
        capture_output=True,
        check=True,
    )  # fmt: skip
    with (directory / "load_stats.csv").open() as statistics:
        return list(csv.DictReader(statistics))


if __name__ == "__main__":
    main()
