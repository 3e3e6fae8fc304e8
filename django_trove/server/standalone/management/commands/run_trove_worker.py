"""
`run_trove_worker`: the worker process of `run_trove`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    help = "Runs the worker of run_trove until the standard input is closed."

    def handle(self, *args: Any, **options: Any) -> None:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
        call_command("db_worker", interval=1, reload=False, verbosity=0)


def _stop_at_end_of_input() -> None:
    """
    `db_worker` completes its task first.

    `os.read` takes no lock. A daemon thread that holds the lock of `sys.stdin.buffer` when the
    interpreter exits is a fatal error.
    """
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
