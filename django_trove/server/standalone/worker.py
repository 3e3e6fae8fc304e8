"""
The worker process of a standalone Trove, and the schedule of its syncs.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.db import close_old_connections

SCHEDULE_SECONDS = 60
STOP_SECONDS = 10
COMMAND = ("-m", "django", "run_trove_worker")

logger = logging.getLogger(__name__)


@contextmanager
def run_worker() -> Iterator[None]:
    """
    Run a worker, restart it if it exits, and enqueue the accounts that are due.
    """
    stopped = threading.Event()
    thread = threading.Thread(target=_supervise, args=(stopped,), name="schedule")
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _supervise(stopped: threading.Event) -> None:
    process = _start()
    try:
        while True:
            _enqueue_due_accounts()
            if stopped.wait(SCHEDULE_SECONDS):
                return
            if process.poll() is not None:
                logger.warning("The worker exited with status %s.", process.returncode)
                process = _start()
    finally:
        _stop(process)


def _start() -> subprocess.Popen[bytes]:
    """
    The worker ends when its standard input is closed. That also happens if this process is killed.
    It has a session of its own, because signals of the terminal would interrupt its task:
    `db_worker` completes it only if there is one signal.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *COMMAND], stdin=subprocess.PIPE, start_new_session=True
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _enqueue_due_accounts() -> None:
    try:
        call_command("trove_sync", due=True, enqueue=True, stdout=StringIO())
    except Exception:
        logger.exception("The due syncs could not be enqueued.")
    finally:
        close_old_connections()
