"""
Third-party clients of Nextcloud accept the fake one. A client that is not installed is skipped:
`OAUTH_CLIENTS` is a directory with `nextcloud/` (Python) and `node_modules/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from django_trove.server.connectors.nextcloud.search import build_search
from fake_services.base import serve
from fake_services.nextcloud import Nextcloud
from fake_services.photos import make_photos

PROGRAMS = Path(__file__).parent / "nextcloud_clients"
PACKAGES = Path(os.environ.get("OAUTH_CLIENTS", "/nonexistent"))
# nc-py-api depends on a package that replaces urllib3, so it has a directory of its own.
PYTHON = os.environ | {"PYTHONPATH": str(PACKAGES / "nextcloud"), "PYTHONWARNINGS": "ignore"}
FOLDERS = ["Family", "Summer", "Winter"]


@pytest.fixture
def nextcloud():
    with serve(Nextcloud(make_photos(12))) as fake:
        yield fake


def get_ids(fake):
    return sorted([node.id, path] for path, node in fake.tree.files.items())


def test_nc_py_api(nextcloud):
    if not (PACKAGES / "nextcloud" / "nc_py_api").exists():
        pytest.skip("nc-py-api is not installed in OAUTH_CLIENTS/nextcloud")
    with subprocess.Popen(
        [sys.executable, str(PROGRAMS / "nc_py_api_client.py"), nextcloud.url],
        env=PYTHON,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        expected = get_ids(nextcloud)
        nextcloud.allow(process.stdout.readline().strip())
        output, errors = process.communicate("\n", timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(output) == {
        "user": "ada",
        "folders": [f"Photos/{name}/" for name in FOLDERS],
        "found": expected,
        "found_since": 6,
        "by_id": True,
        "is_same_id": True,
        "is_root_changed": True,
        "content": [255, 0],
        "is_deleted": True,
    }


def test_npm_webdav(nextcloud):
    if not shutil.which("node") or not (PACKAGES / "node_modules" / "webdav").exists():
        pytest.skip("the npm package webdav is not installed in OAUTH_CLIENTS/node_modules")
    nextcloud.app_passwords["secret"] = "ada"
    expected = get_ids(nextcloud)
    size = len(nextcloud.tree.nodes["Photos/Summer/IMG_0004.jpg"].content)
    # Modules are searched next to the program, not in NODE_PATH.
    program = shutil.copy2(PROGRAMS / "npm_webdav.mjs", PACKAGES)
    search = build_search("ada", 0).decode()
    command = ["node", program, nextcloud.url, "ada", "secret", search]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "folders": FOLDERS,
        "size": size,
        "found": [file_id for file_id, _ in expected],
        "partStatus": 206,
        "partLength": 4,
        "isDeleted": True,
    }
