"""
The command `manage.py demo`.
"""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from demo.ports import is_port_in_use
from demo.processes import MANAGE, ProcessError
from demo.setup import PHOTOS, run_demo
from demo.workspace import USERNAME, Workspace

from ..ports import free_port

SECONDS = 60


def find_free_ports(count: int) -> int:
    """
    Return the first of several free ports that follow each other.
    """
    while True:
        first = free_port()
        if not any(is_port_in_use(port) for port in range(first, first + count)):
            return first


@contextmanager
def listening(*ports: int) -> Iterator[None]:
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


class Run:
    """
    A run of the command and its output.
    """

    def __init__(self, process: subprocess.Popen[str], site: int, trove: int) -> None:
        self.process, self.site, self.trove = process, site, trove

    def until(self, words: str) -> str:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError("".join(lines))


@contextmanager
def demo(home: Path, *arguments: str, site: int = 0, trove: int = 0) -> Iterator[Run]:
    ports = site or free_port(), trove or free_port()
    command = [sys.executable, str(MANAGE), "demo", "--home", str(home), *arguments]
    command += ["--site-port", str(ports[0]), "--trove-port", str(ports[1])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield Run(process, *ports)
    finally:
        process.terminate()  # SIGTERM, so that it stops its child processes
        process.communicate(timeout=SECONDS)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "my photos"
    folder.mkdir()
    for source in sorted(PHOTOS.glob("travels/*.jpg"))[:2]:
        shutil.copy(source, folder)
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return folder


def test_demo_command_runs_site_and_trove_until_interrupted(tmp_path, photos):
    home = tmp_path / "home"
    with demo(home, "--photos", str(photos)) as run:
        output = run.until("Ctrl-C")
        assert "torn.jpg: " in output
        assert "2 added" in output
        assert f"http://localhost:{run.site}" in output
        for port in (run.site, run.trove):
            assert requests.get(f"http://localhost:{port}", timeout=20).ok
        with demo(home, "--photos", str(photos), site=run.site) as second:
            refused = second.until("--site-port")
        assert f"Port {run.site} is in use" in refused
        run.process.send_signal(signal.SIGINT)
        assert "with its data" in run.until("Stopped")
        assert run.process.wait(SECONDS) == 0
        assert not is_port_in_use(run.site)
        assert not is_port_in_use(run.trove)
    started = time.monotonic()
    with demo(home, "--photos", str(photos)) as again:
        output = again.until("Ctrl-C")
        assert "0 added, 0 changed, 0 removed, 2 unchanged" in output
        assert time.monotonic() - started < SECONDS / 2
        again.process.send_signal(signal.SIGTERM)
        again.until("Stopped")


def test_all_ports_in_use_are_reported(tmp_path):
    """
    With other ports, which do not overlap.
    """
    first = find_free_ports(30)
    ports = (first, first + 1, first + 4)
    options = ("--services", "--services-port", str(first + 2))
    with listening(*ports), demo(tmp_path, *options, site=first, trove=first + 1) as run:
        refused = run.until("For example")
        assert f"Ports {first}, {first + 1}, {first + 4} are in use" in refused
        assert run.process.wait(SECONDS) == 1
    numbers = [int(number) for number in re.findall(r"--\S+-port (\d+)", refused)]
    assert len(numbers) == 3
    with demo(tmp_path, *options[:2], str(numbers[2]), site=numbers[0], trove=numbers[1]) as run:
        run.until("Starting the servers")


@pytest.mark.parametrize(
    ("site", "trove", "services", "message"),
    [
        (0, 0, 50, "--site-port (X) and --trove-port (X) select the same port"),
        (0, 5, 2, "--trove-port (X) and --services-port (X to Y) select the same port"),
        (8, 20, 2, "--site-port (X) and --services-port (X to Y) select the same port"),
    ],
)
def test_ports_must_differ(tmp_path, site, trove, services, message):
    first = find_free_ports(60)
    options = ("--services", "--services-port", str(first + services))
    with demo(tmp_path, *options, site=first + site, trove=first + trove) as run:
        output = run.until("For example")
        assert run.process.wait(SECONDS) == 1
    pattern = re.escape(message).replace("X", r"\d+").replace("Y", r"\d+")
    assert re.search(pattern, output)
    assert "Starting" not in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "-1", "65536", "65530"])
def test_invalid_port_is_explained(tmp_path, port):
    with demo(tmp_path, "--services", f"--services-port={port}") as run:
        assert "must be from 1 to 65535" in run.until("--services-port")
        assert run.process.wait(SECONDS) == 1


def find_ports_in_use(first: int, count: int) -> list[int]:
    return [port for port in range(first, first + count) if is_port_in_use(port)]


def test_services_keep_the_ports_of_the_first_run(tmp_path, photos):
    """
    The addresses of accounts contain them. The instructions are printed when all ports respond.
    """
    first, other = find_free_ports(7), find_free_ports(7)
    options = ("--photos", str(photos), "--services")
    with demo(tmp_path / "home", *options, "--services-port", str(first)) as run:
        output = run.until("Ctrl-C")
        assert find_ports_in_use(first, 7) == list(range(first, first + 7))
        assert "first run" not in output
    with demo(tmp_path / "home", *options, "--services-port", str(other)) as run:
        output = run.until("Ctrl-C")
        assert find_ports_in_use(other, 7) == list(range(other, other + 7))
        assert f"In the first run, the fake services had the ports from {first}." in output
        assert f"--services-port {first}." in output
    with demo(tmp_path / "home", *options) as run:
        output = run.until("Ctrl-C")
        assert f"http://127.0.0.1:{first + 6}" in output
        assert "first run" not in output


@pytest.mark.parametrize("name", ["site", "trove", "fake_services", "webdav"])
def test_demo_is_not_ready_if_another_program_has_the_port_of_a_server(tmp_path, photos, name):
    """
    The program has taken the port after the check of all ports.
    """
    first = find_free_ports(9)
    workspace = Workspace(
        tmp_path, first, first + 1, service_ports=(first + 2, first + 3), webdav_port=first + 4
    )
    ports = {"site": first, "trove": first + 1, "fake_services": first + 3, "webdav": first + 4}
    handler = SimpleHTTPRequestHandler
    with ThreadingHTTPServer(("127.0.0.1", ports[name]), handler) as other, ExitStack() as stack:
        Thread(target=other.serve_forever, daemon=True).start()
        stack.callback(other.shutdown)
        with pytest.raises(ProcessError, match=f"The process '{name}' has exited"):
            stack.enter_context(run_demo(workspace, photos))


def test_missing_folder_is_reported(tmp_path):
    with demo(tmp_path / "home", "--photos", str(tmp_path / "nowhere")) as run:
        assert "nowhere" in run.until("Check the path")
        assert run.process.wait(SECONDS) == 1


def test_single_project_needs_no_connection(tmp_path, photos):
    """
    The site uses the Trove in the same project.
    """
    with demo(tmp_path / "home", "--one-project", "--photos", str(photos)) as run:
        run.until("Ctrl-C")
        site = f"http://localhost:{run.site}"
        with requests.Session() as ada:
            page = ada.get(f"{site}/sign-in/", timeout=20)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
            form = {"username": USERNAME, "password": USERNAME, "csrfmiddlewaretoken": token}
            response = ada.post(f"{site}/sign-in/", form, headers={"Referer": site}, timeout=20)
            assert "2 photos" in response.text
            picture = re.search(r'<img[^>]* src="(/my-trove/files/[^"]+)"', response.text)[1]
            assert ada.get(site + picture, timeout=20).headers["Content-Type"] == "image/jpeg"
            trove = ada.get(f"{site}/my-trove/photos/", timeout=20)
            assert "2 photos" in trove.text
