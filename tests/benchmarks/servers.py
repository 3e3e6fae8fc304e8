"""
A project with the test database in gunicorn.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import requests
from django.db import connection

from tests.ports import free_port


class Server(NamedTuple):
    url: str
    pid: int


@contextmanager
def run_gunicorn(
    settings: dict[str, Any], *, workers: int, probe: str, port: int = 0
) -> Iterator[Server]:
    """
    :param settings: override those of this process.
    :param probe: the path of a page that responds with 200.
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings_process",
        "TEST_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "TEST_MEDIA_ROOT": "",
        "TEST_MORE_SETTINGS": json.dumps(settings),
    }
    address = f"127.0.0.1:{port or free_port()}"
    options = ["--workers", str(workers), "--bind", address, "--timeout", "120"]
    application = "django.core.wsgi:get_wsgi_application()"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "--log-level", "error", application],
        env=environment,
    )
    try:
        _wait_for_server(f"http://{address}{probe}")
        yield Server(f"http://{address}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def file_cache(directory: str) -> dict[str, Any]:
    """
    Return settings with a cache that the processes share, unless Redis is that cache.
    """
    if os.environ.get("TEST_REDIS"):
        return {}
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    return {"CACHES": {"default": {"BACKEND": backend, "LOCATION": directory}}}


def _wait_for_server(url: str) -> None:
    give_up_at = time.monotonic() + 30
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)
