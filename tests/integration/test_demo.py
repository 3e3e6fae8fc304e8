"""
The command `manage.py demo`.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from demo.processes import MANAGE, is_port_in_use
from demo.setup import PHOTOS
from demo.workspace import USERNAME

from ..ports import free_port

SECONDS = 60


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
