"""
Projects with several databases: users connect, and the commands run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from demo.setup import PHOTOS

from ..processes import free_port
from .test_two_processes import BrowserlessUser

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "a-long-password"
SETTINGS = "tests.integration.databases_project"


class Project:
    def __init__(self, folder: Path, layout: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.alias = "users" if layout == "users" else "default"
        self.environment = os.environ | {
            "DATABASE_FOLDER": str(folder),
            "DATABASE_LAYOUT": layout,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "PROJECT_URL": self.url,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "example_project")]),
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        }

    def run(self, *command: str) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "django", *command],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout

    def set_up(self) -> None:
        self.run("migrate", "--database", self.alias, "-v0")
        account = ["--username", "ada", "--email", "ada@site.example"]
        self.run("createsuperuser", "--noinput", "--database", self.alias, *account)
        output = self.run(
            "trove_add_application", "Site", "--callback", f"{self.url}/trove/callback/"
        )
        key, secret = (re.search(rf"{name}:\s+(\w+)", output)[1] for name in ("key", "secret"))
        credentials = {"APP_KEY": key, "APP_SECRET": secret}
        (self.folder / "application.json").write_text(json.dumps(credentials))

    @contextmanager
    def serving(self):
        command = ["runserver", "--noreload", "--nostatic", self.url.removeprefix("http://")]
        with (self.folder / "server.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "django", *command],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
            try:
                self._wait_until_ready()
                yield
            finally:
                process.terminate()
                process.wait(timeout=10)

    def _wait_until_ready(self) -> None:
        for _ in range(100):
            try:
                requests.get(f"{self.url}/identity/login", timeout=10)
            except requests.ConnectionError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text()[-3000:])


class Replica:
    """
    A copy of the default database that is `lag` seconds old.
    """

    def __init__(self, folder: Path, lag: float) -> None:
        self.primary, self.copy, self.lag = (
            folder / "default.sqlite3",
            folder / "replica.sqlite3",
            lag,
        )
        self.stopped = threading.Event()

    def copy_forever(self) -> None:
        snapshots: deque[tuple[float, sqlite3.Connection]] = deque()
        while not self.stopped.wait(0.05):
            snapshots.append((time.monotonic(), _read_snapshot(self.primary)))
            while snapshots and time.monotonic() - snapshots[0][0] >= self.lag:
                _, snapshot = snapshots.popleft()
                with closing(snapshot), closing(sqlite3.connect(self.copy, timeout=10)) as target:
                    snapshot.backup(target)
        for _, snapshot in snapshots:
            snapshot.close()

    @contextmanager
    def replicating(self):
        thread = threading.Thread(target=self.copy_forever)
        thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            thread.join(timeout=10)


def _read_snapshot(path: Path) -> sqlite3.Connection:
    snapshot = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(path, timeout=10)) as source:
        source.backup(snapshot)
    return snapshot


def connect(project: Project, user: BrowserlessUser) -> requests.Response:
    """
    Sign in, connect the Trove, and confirm the account.
    """
    user.submit(f"{project.url}/identity/login", username="ada", password=PASSWORD)
    consent = user.post(
        f"{project.url}/trove/connect/",
        {"csrfmiddlewaretoken": user.cookies["csrftoken"]},
        headers={"Referer": f"{project.url}/trove/"},
        timeout=20,
    )
    assert "oauth_token" in consent.url, consent.text[:2000]
    confirmation = user.submit(consent.url, decision="allow", content_types="photos")
    assert "/trove/confirm/" in confirmation.url, confirmation.text[:2000]
    return user.submit(confirmation.url, answer="confirm")


def test_project_without_default_database(tmp_path):
    project = Project(tmp_path, "users")
    project.set_up()
    project.run("check", "--database", "users", "--fail-level", "ERROR")
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(next(PHOTOS.rglob("*.jpg")), photos)
    assert "1 added" in project.run("trove_add_folder", "ada", str(photos))
    with project.serving(), BrowserlessUser() as user:
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text
        assert "<img" in user.get(f"{project.url}/photos/", timeout=20).text
    for command in ("trove_sync", "trove_reencrypt", "trove_server_reencrypt", "trove_accounts"):
        project.run(command)


@pytest.mark.parametrize("lag", [0.3, 1.5])
def test_lagging_replica(tmp_path, lag):
    project = Project(tmp_path, "replica")
    project.set_up()
    with Replica(tmp_path, lag).replicating(), project.serving(), BrowserlessUser() as user:
        time.sleep(lag + 0.5)
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text


def test_empty_replica(tmp_path):
    """
    Every read that a flow depends on is from the primary.
    """
    project = Project(tmp_path, "replica")
    project.set_up()
    project.run("migrate", "--database", "replica", "-v0")
    with project.serving(), BrowserlessUser() as user:
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text
