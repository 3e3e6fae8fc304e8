"""
A running project with both apps (`unusual_project.py`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from ..processes import free_port
from .test_two_processes import BrowserlessUser

requires_deployments = pytest.mark.skipif(
    not os.environ.get("TEST_DEPLOYMENTS"),
    reason="Set TEST_DEPLOYMENTS=1 to run projects with unusual databases and user models (80 s)",
)

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "a-long-password"
SETTINGS = "tests.integration.unusual_project"


class Project:
    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.alias = "users" if name == "users" else "default"
        self.environment = os.environ | {
            "PROJECT_FOLDER": str(folder),
            "PROJECT": name,
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
        """
        Create the tables, and register the site at the Trove.
        """
        self.run("migrate", "--database", self.alias, "-v0")
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

    def create_user(self) -> None:
        account = ["--username", "ada", "--email", "ada@site.example"]
        self.run("createsuperuser", "--noinput", "--database", self.alias, *account)


def connect(project: Project, user: BrowserlessUser) -> requests.Response:
    """
    Connect the Trove, and confirm the account.
    """
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
