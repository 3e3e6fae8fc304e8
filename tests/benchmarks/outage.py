"""
Counts the pages that a site serves while its Trove responds, and while it accepts connections and
never responds.

    python -m tests.benchmarks.outage [SECONDS]

The site runs in gunicorn with three workers. Twenty connected users request pages continuously: of
five pages, two have a gallery with a cached query, one has a new query, and two do not use the
Trove. SECONDS is the duration of each measurement (default: 10).
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

import django
import requests
from django.conf import settings
from django.db import connection

from tests.client.fake_server import RecordedRequest, Response, run_fake_server
from tests.site.fake_trove_server import FakeTroveServer

from .servers import file_cache, run_gunicorn

USERS = 20
WORKERS = 3
WARM_UP = 4.0  # seconds
MIN_SHARE = 0.95
MAX_SECONDS = 4.0  # per page

Page = tuple[str, float]
"""The path, and the duration in seconds."""


class HangingTrove(FakeTroveServer):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.running = threading.Event()
        self.running.set()

    def respond(self, request: RecordedRequest) -> Response:
        self.running.wait()
        return super().respond(request)


def create_sessions(trove: FakeTroveServer) -> list[str]:
    """
    Create connected users, and return their session keys.
    """
    from django.contrib.auth.models import User
    from django.test import Client

    from django_trove.client import Token
    from django_trove.models import TroveAccount

    sessions = []
    for number in range(USERS):
        user = User.objects.create(username=f"user-{number}")
        account = TroveAccount(user=user, name=user.username)
        account.token = Token(*trove.grant(f"access-{number}"))
        account.save()
        client = Client()
        client.force_login(user)
        sessions.append(str(client.session.session_key))
    return sessions


@contextmanager
def run_site(trove_url: str, directory: str) -> Iterator[str]:
    more = {
        "ROOT_URLCONF": "tests.benchmarks.outage_urls",
        "TROVE": settings.TROVE | {"URL": trove_url, "CACHE_SECONDS": 10},
        **file_cache(directory),
    }
    with run_gunicorn(more, workers=WORKERS, probe="/plain/") as site:
        yield site.url


def request_pages(site: str, sessions: list[str], seconds: float, start: int) -> list[Page]:
    """
    Request pages as all users at the same time.

    :param start: the number of the first new query.
    """
    ends_at = time.monotonic() + seconds

    def visit(session: str) -> list[Page]:
        pages: list[Page] = []
        numbers = count(start)
        cookies = {settings.SESSION_COOKIE_NAME: session}
        while True:
            paths = [f"/tagged/snow{next(numbers)}/", "/plain/", "/photos/", "/plain/"]
            for path in [*paths, "/tagged/snow/"]:
                if time.monotonic() > ends_at:
                    return pages
                started_at = time.monotonic()
                response = requests.get(f"{site}{path}", cookies=cookies, timeout=120)
                assert response.status_code == 200, (path, response.status_code)
                pages.append((path, time.monotonic() - started_at))

    with ThreadPoolExecutor(len(sessions)) as executor:
        return [page for pages in executor.map(visit, sessions) for page in pages]


def print_pages(name: str, pages: list[Page]) -> None:
    times = sorted(seconds for _, seconds in pages)
    without = max(seconds for path, seconds in pages if path == "/plain/")
    print(
        f"{name:22} {len(pages):6} pages, median {1000 * median(times):4.0f} ms, "
        f"p99 {1000 * times[int(0.99 * len(times))]:5.0f} ms, slowest {times[-1]:.2f} s, "
        f"slowest without a tag {without:.2f} s"
    )


def measure(trove: HangingTrove, directory: str, seconds: float) -> None:
    sessions = create_sessions(trove)
    with run_site(trove.url, directory) as site:
        request_pages(site, sessions, WARM_UP, 0)
        up = request_pages(site, sessions, seconds, 10_000)
        print_pages("the Trove responds", up)
        trove.running.clear()
        hanging = request_pages(site, sessions, seconds, 20_000)
        print_pages("the Trove hangs", hanging)
        trove.running.set()
    share, slowest = len(hanging) / len(up), max(seconds for _, seconds in hanging)
    mark = "" if share >= MIN_SHARE and slowest <= MAX_SECONDS else "   MISSED"
    print(
        f"pages served while the Trove hangs: {100 * share:.0f} %  (aim {100 * MIN_SHARE:.0f} %), "
        f"slowest {slowest:.2f} s  (aim {MAX_SECONDS:g} s){mark}"
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with run_fake_server() as server, tempfile.TemporaryDirectory() as directory:
            measure(HangingTrove(server), str(Path(directory, "cache")), seconds)
    finally:
        connection.creation.destroy_test_db(":memory:", verbosity=0)


if __name__ == "__main__":
    main()
