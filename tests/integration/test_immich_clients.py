"""
Immich's official clients, and that of Home Assistant, accept the fake one. A client that is not
installed is skipped: `OAUTH_CLIENTS` is a directory with `node_modules/` and `immich/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fake_services import IMMICH_KEY
from fake_services.base import serve
from fake_services.immich import READ_PERMISSIONS, Immich
from fake_services.immich_data import get_id
from fake_services.photos import make_photos, make_video_file

PROGRAMS = Path(__file__).parent / "immich_clients"
PACKAGES = Path(os.environ.get("OAUTH_CLIENTS", "/nonexistent"))
MODULES = PACKAGES / "node_modules"


@pytest.fixture
def immich():
    with serve(Immich(make_photos(24))) as fake:
        yield fake


def test_npm_immich_sdk(immich):
    if not shutil.which("node") or not (MODULES / "@immich" / "sdk").exists():
        pytest.skip("the npm package @immich/sdk is not installed in OAUTH_CLIENTS/node_modules")
    immich.permissions.append("asset.download")
    video = make_video_file(immich.photos[9])
    # Modules are searched next to the program, not in NODE_PATH.
    program = shutil.copy2(PROGRAMS / "npm_immich_sdk.mjs", PACKAGES)
    command = ["node", program, immich.url, IMMICH_KEY]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "ping": "pong",
        "version": 3,
        "user": "Ada Lovelace",
        "permissions": [*READ_PERMISSIONS, "asset.download"],
        "ids": sorted(get_id("asset", photo.number) for photo in immich.photos),
        "albums": ["Family", "Summer", "Winter"],
        "tags": sorted({tag for photo in immich.photos for tag in photo.tags}),
        "total": 24,
        "picture": "image/jpeg",
        "video": "video/mp4",
        "sizes": [len(video), len(video)],
    }


def test_npm_immich_cli(immich, tmp_path):
    node = MODULES / "node" / "bin" / "node"  # the client requires Node.js 22
    if not node.exists() or not (MODULES / "@immich" / "cli").exists():
        pytest.skip("@immich/cli and node are not installed in OAUTH_CLIENTS/node_modules")
    immich.permissions = ["all"]
    program = MODULES / "@immich" / "cli" / "bin" / "immich"
    outputs = []
    for arguments in (["login", immich.url, IMMICH_KEY], ["server-info"]):
        command = [node, program, "-d", tmp_path, *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == 0, result.stderr
        outputs.append(result.stdout)
    assert "Logged in as ada@photos.example" in outputs[0]
    assert "3.2.2" in outputs[1]


@pytest.mark.parametrize("version", [(1, 137, 3), (3, 2, 2)], ids=["version 1", "version 3"])
def test_pip_aioimmich(version):
    if not (PACKAGES / "immich" / "aioimmich").exists():
        pytest.skip("the package aioimmich is not installed in OAUTH_CLIENTS/immich")
    with serve(Immich(make_photos(24), version=version)) as immich:
        command = [sys.executable, PROGRAMS / "pip_aioimmich.py", immich.url, IMMICH_KEY]
        environment = os.environ | {"PYTHONPATH": str(PACKAGES / "immich")}
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env=environment
        )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "version": version[0],
        "user": "Ada Lovelace",
        "ids": sorted(get_id("asset", photo.number) for photo in immich.photos),
        "albums": ["Family", "Summer", "Winter"],
        "tags": sorted({tag for photo in immich.photos for tag in photo.tags}),
        "picture": "ffd8",
        "video": "ftyp",
    }
