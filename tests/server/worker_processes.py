"""
Processes that work on a test's database, as a host's workers do.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from django.core.files.storage import default_storage
from django.db import connection


class Workers:
    """
    Django's commands, each in a process of its own; what runs on is ended by `end`.

    :param settings: what they have beside the tests' own.
    """

    def __init__(self, **settings):
        self.settings = settings
        self.started = []

    def start(self, *command):
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings_process",
            "TEST_SETTINGS": os.environ["DJANGO_SETTINGS_MODULE"],
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "TEST_MEDIA_ROOT": str(default_storage.location),
            "TEST_MORE_SETTINGS": json.dumps(self.settings),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "django", *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *command):
        """
        Wait for a command, and return what it said.
        """
        process = self.start(*command)
        said, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return said

    def kill(self, process):
        """
        With its children: a worker on Redis does each task in one.
        """
        of_it = subprocess.run(
            ["pgrep", "--session", str(process.pid)], check=False, stdout=subprocess.PIPE, text=True
        )
        for pid in of_it.stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        process.kill()
        process.communicate()

    def end(self):
        for process in self.started:
            self.kill(process)


def wait_until(holds, process=None, seconds=60):
    give_up = time.monotonic() + seconds
    while not holds():
        assert process is None or process.poll() is None, process.stderr.read()
        assert time.monotonic() < give_up
        time.sleep(0.02)
