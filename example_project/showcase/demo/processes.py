"""
The two servers of a demo: started, waited for, and ended together.
"""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from common_settings import HAS_WORKER

from .home import Home

__all__ = [
    "PROJECT",
    "SITE",
    "TROVE",
    "Process",
    "Server",
    "Stopped",
    "is_taken",
    "manage",
    "running",
]

SITE, TROVE, PROJECT = "showcase.settings", "hosted_trove.settings", "one_project.settings"
MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
SECONDS_TO_START = 60
SECONDS_TO_END = 10
LOG_LINES = 15
WORK = ("db_worker", "--interval=0.5", "--no-reload", "--verbosity=0")


class Stopped(Exception):
    """
    A server ended by itself, or never answered; the text holds the end of its log.
    """


def is_taken(port: int) -> bool:
    """
    Return whether something listens on a port of this machine, or would keep us from it.
    """
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as refused:
            if refused.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
    return False


def manage(home: Home, settings: str, *command: str, quiet: bool = False) -> str:
    """
    Run a management command in a process of its own, and return what it printed.

    :param quiet: keep its progress and its warnings to itself.
    :raises subprocess.CalledProcessError: if it fails.
    """
    done = subprocess.run(
        [sys.executable, str(MANAGE), *command],
        env=home.environment | {"DJANGO_SETTINGS_MODULE": settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
        check=True,
    )
    return done.stdout


class Process:
    """
    One command that runs on; its output goes to a log in the demo's folder.
    """

    def __init__(self, home: Home, settings: str, name: str, *command: str) -> None:
        self.name = name
        self.log = home.path / f"{name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(MANAGE), *command],
                env=home.environment | {"DJANGO_SETTINGS_MODULE": settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> None:
        """
        :raises Stopped: if it has ended.
        """
        if self.process.poll() is not None:
            raise Stopped(f"The {self.name} has ended. {self._last_words()}")

    def end(self) -> None:
        """
        Ask it to end, and see to it.
        """
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])


class Server(Process):
    """
    One `runserver`.
    """

    def __init__(self, home: Home, settings: str, url: str) -> None:
        self.url = url
        name = settings.partition(".")[0]
        host = url.partition("//")[2].partition("/")[0]
        super().__init__(home, settings, name, "runserver", "--noreload", host)

    def wait_until_it_answers(self) -> None:
        """
        :raises Stopped: if it ends, or takes too long.
        """
        ends = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < ends:
            self.check()
            try:
                requests.get(self.url, timeout=SECONDS_TO_START, allow_redirects=False)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise Stopped(f"{self.url} doesn't answer. {self._last_words()}")


@contextmanager
def running(home: Home, *, stand_ins: bool = True) -> Iterator[list[Process]]:
    """
    Run the Trove with its worker, and the site; they have answered when the body starts, and end
    with it.

    :param stand_ins: whether to run those as well, if the demo has ports for them.
    :raises Stopped: if one doesn't start.
    """
    both = [(TROVE, home.trove_url), (SITE, home.site_url)]
    wanted = [(PROJECT, home.site_url)] if home.one_project else both
    with ExitStack() as stack:
        servers = [Server(home, settings, url) for settings, url in wanted]
        processes: list[Process] = [*servers]
        if HAS_WORKER:
            processes.append(Process(home, wanted[0][0], "worker", *WORK))
        if home.services_ports and stand_ins:
            processes.append(Process(home, wanted[0][0], "stand-ins", "stand_ins"))
        for process in processes:
            stack.callback(process.end)
        for server in servers:
            server.wait_until_it_answers()
        yield processes
