"""
Run management commands and servers in subprocesses.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from settings.base import HAS_WORKER

from .workspace import Workspace

SITE, TROVE, COMBINED = "settings.site", "settings.trove", "settings.combined"
MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
START_TIMEOUT = 60
RESPONSE_TIMEOUT = 10
STOP_TIMEOUT = 10
LOG_LINES = 15
READY = "The server is ready."
WORKER_COMMAND = ("db_worker", "--interval=0.5", "--no-reload", "--verbosity=0")


class ProcessError(Exception):
    """
    A server exited or did not respond in time. The message includes the end of its log.
    """


def start_command(
    workspace: Workspace, settings: str, *command: str, quiet: bool = False
) -> subprocess.Popen[str]:
    """
    Start a management command. Capture its stderr if `quiet` is set.
    """
    return subprocess.Popen(
        [sys.executable, str(MANAGE), *command],
        env=workspace.environment | {"DJANGO_SETTINGS_MODULE": settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
    )


def read_line(process: subprocess.Popen[str]) -> str:
    """
    Return the next line of a command's output. Raise `subprocess.CalledProcessError` if it fails.
    """
    line = process.stdout.readline() if process.stdout else ""
    return line.strip() if line else read_output(process)


def read_output(process: subprocess.Popen[str]) -> str:
    """
    Wait for a command and return its output, or raise `subprocess.CalledProcessError`.
    """
    output, errors = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, output, errors)
    return output


def run_command(workspace: Workspace, settings: str, *command: str, quiet: bool = False) -> str:
    with start_command(workspace, settings, *command, quiet=quiet) as process:
        return read_output(process)


class Process:
    """
    A long-running management command. Its output is written to a log file in the workspace.
    """

    def __init__(self, workspace: Workspace, settings: str, name: str, *command: str) -> None:
        self.name = name
        self.log = workspace.path / f"{name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(MANAGE), *command],
                env=workspace.environment | {"DJANGO_SETTINGS_MODULE": settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> None:
        """
        Raise `ProcessError` if the process has exited.
        """
        if self.process.poll() is not None:
            raise ProcessError(f"The process {self.name!r} has exited. {self._read_log_tail()}")

    def wait_until_ready(self) -> None:
        self.check()

    def stop(self) -> None:
        """
        Terminate the process, and kill it after a timeout.
        """
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _read_log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])


class ReportingServer(Process):
    """
    A server that prints `READY` when it accepts connections.
    """

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while READY not in self.log.read_text(errors="replace"):
            self.check()
            if time.monotonic() > deadline:
                raise ProcessError(f"{self.name!r} does not respond. {self._read_log_tail()}")
            time.sleep(0.1)


class Server(Process):
    """
    A `runserver` process.
    """

    def __init__(self, workspace: Workspace, settings: str, url: str) -> None:
        self.url = url
        self.address, _, path = url.partition("//")[2].partition("/")
        self.path = f"/{path}"
        name = settings.rpartition(".")[2]
        super().__init__(workspace, settings, name, "runserver", "--noreload", self.address)

    def wait_until_ready(self) -> None:
        """
        Wait for the first response, or raise `ProcessError`. The log contains the request, unless
        another program responds at this port.
        """
        deadline = time.monotonic() + START_TIMEOUT
        token = secrets.token_hex(8)
        while time.monotonic() < deadline:
            self.check()
            connection = HTTPConnection(self.address, timeout=RESPONSE_TIMEOUT)
            with closing(connection), suppress(OSError, HTTPException):
                connection.request("GET", f"{self.path}?{token}")
                connection.getresponse().read()
            if token in self.log.read_text(errors="replace"):
                return
            time.sleep(0.1)
        raise ProcessError(f"{self.url} does not respond. {self._read_log_tail()}")


@contextmanager
def start_servers(workspace: Workspace, *, fake_services: bool = True) -> Iterator[list[Process]]:
    """
    Start the site, the Trove, its worker, the fake services and the WebDAV server, and stop them on
    exit.

    Call `wait_until_ready` of each process before sending requests. `fake_services=False` does not
    start the fake services.
    """
    servers = [(TROVE, workspace.trove_url), (SITE, workspace.site_url)]
    if workspace.combined:
        servers = [(COMBINED, workspace.site_url)]
    trove_settings = servers[0][0]
    with ExitStack() as stack:

        def add(process: Process) -> None:
            stack.callback(process.stop)
            processes.append(process)

        processes: list[Process] = []
        for settings, url in servers:
            add(Server(workspace, settings, url))
        if HAS_WORKER:
            add(Process(workspace, trove_settings, "worker", *WORKER_COMMAND))
        if workspace.service_ports and fake_services:
            add(ReportingServer(workspace, trove_settings, "fake_services", "fake_services"))
        if workspace.webdav_port:
            add(ReportingServer(workspace, trove_settings, "webdav", "webdav"))
        yield processes
