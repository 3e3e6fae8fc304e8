"""
Projects with several databases: users connect, and the commands run.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections import deque
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from demo.setup import PHOTOS

from .project import PASSWORD, Project, connect, requires_deployments
from .test_two_processes import BrowserlessUser

pytestmark = requires_deployments


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


def test_project_without_default_database(tmp_path):
    project = Project(tmp_path, "users")
    project.set_up()
    project.create_user()
    project.run("check", "--database", "users", "--fail-level", "ERROR")
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(next(PHOTOS.rglob("*.jpg")), photos)
    assert "1 added" in project.run("trove_add_folder", "ada", str(photos))
    with project.serving(), BrowserlessUser() as user:
        user.submit(f"{project.url}/identity/login", username="ada", password=PASSWORD)
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
    project.create_user()
    with Replica(tmp_path, lag).replicating(), project.serving(), BrowserlessUser() as user:
        time.sleep(lag + 0.5)
        user.submit(f"{project.url}/identity/login", username="ada", password=PASSWORD)
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text


def test_empty_replica(tmp_path):
    """
    Every read that a flow depends on is from the primary.
    """
    project = Project(tmp_path, "replica")
    project.set_up()
    project.create_user()
    project.run("migrate", "--database", "replica", "-v0")
    with project.serving(), BrowserlessUser() as user:
        user.submit(f"{project.url}/identity/login", username="ada", password=PASSWORD)
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text
