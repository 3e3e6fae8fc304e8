"""
Management commands in separate processes, on the test database.
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
    :param settings: additional settings.
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
        process = self.start(*command)
        data, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return data

    def kill(self, process):
        """
        Kill a process and its children; an RQ worker runs each task in a child.
        """
        children = subprocess.run(
            ["pgrep", "--session", str(process.pid)], check=False, stdout=subprocess.PIPE, text=True
        )
        for pid in children.stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        process.kill()
        process.communicate()

    def end(self):
        for process in self.started:
            self.kill(process)


def wait_until(condition, process=None, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if process is not None:
            assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
