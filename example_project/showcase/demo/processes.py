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

from .home import Home

__all__ = ["SITE", "TROVE", "Server", "Stopped", "is_taken", "manage", "running"]

SITE, TROVE = "showcase.settings", "hosted_trove.settings"
MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
SECONDS_TO_START = 60
SECONDS_TO_END = 10
LOG_LINES = 15


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


class Server:
    """
    One `runserver`, whose output goes to a log in the demo's folder.
    """

    def __init__(self, home: Home, settings: str, url: str) -> None:
        self.url = url
        self.log = home.path / f"{settings.partition('.')[0]}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(MANAGE), "runserver", "--noreload", url.partition("//")[2]],
                env=home.environment | {"DJANGO_SETTINGS_MODULE": settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

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

    def check(self) -> None:
        """
        :raises Stopped: if it has ended.
        """
        if self.process.poll() is not None:
            raise Stopped(f"The server of {self.url} has ended. {self._last_words()}")

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


@contextmanager
def running(home: Home) -> Iterator[list[Server]]:
    """
    Run the Trove and the site; both have answered when the body starts, and end with it.

    :raises Stopped: if one doesn't start.
    """
    with ExitStack() as stack:
        servers = []
        for settings, url in ((TROVE, home.trove_url), (SITE, home.site_url)):
            servers.append(Server(home, settings, url))
            stack.callback(servers[-1].end)
        for server in servers:
            server.wait_until_it_answers()
        yield servers
