"""
A project whose user model only has what Django requires, with LoginRequiredMiddleware.
"""

from __future__ import annotations

import shutil

from demo.setup import PHOTOS

from .project import PASSWORD, Project, connect, requires_deployments
from .test_two_processes import BrowserlessUser

pytestmark = requires_deployments

PHONE = "+44 20 7946 0000"


def test_user_signs_up_and_connects(tmp_path):
    project = Project(tmp_path, "person")
    project.set_up()
    project.run("check", "--fail-level", "ERROR")
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(next(PHOTOS.rglob("*.jpg")), photos)
    with project.serving(), BrowserlessUser() as user:
        form = {"phone": PHONE, "password1": PASSWORD, "password2": PASSWORD}
        assert user.submit(f"{project.url}/identity/signup/", **form).url == f"{project.url}/"
        assert "1 added" in project.run("trove_add_folder", PHONE, str(photos))
        response = connect(project, user)
        assert response.status_code == 200
        assert "Connected" in response.text
        assert "<img" in user.get(f"{project.url}/photos/", timeout=20).text
        for path in ("/", "/applications/own/", "/download/", "/trove/"):
            assert user.get(project.url + path, timeout=20).status_code == 200
    for command in ("trove_sync", "trove_accounts", "trove_reencrypt", "trove_server_reencrypt"):
        project.run(command)
