"""
Set up a demo's databases, users and photos.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .processes import COMBINED, SITE, TROVE, read_output, run_command, start_command
from .workspace import USERNAME, Workspace

PHOTOS = Path(__file__).resolve().parent.parent / "photos"


def setup_workspace(workspace: Workspace) -> None:
    """
    Create the databases and users that do not exist yet.

    Raise `subprocess.CalledProcessError` if a command fails.
    """
    workspace.photos.mkdir(parents=True, exist_ok=True)
    if workspace.combined:
        run_command(workspace, COMBINED, "setup_site")
        return
    with (
        start_command(workspace, TROVE, "setup_trove") as trove,
        start_command(workspace, SITE, "setup_site") as site,
    ):
        if credentials := read_output(trove):
            workspace.save_app_credentials(credentials)
        read_output(site)


def copy_photos(workspace: Workspace, photos: list[Path] | None = None) -> Path:
    """
    Copy the example photos to the user's directory and return it. Keep existing files.
    """
    directory = workspace.photos / USERNAME
    for source in photos or PHOTOS.rglob("*.jpg"):
        target = directory / source.relative_to(PHOTOS)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.part")
            shutil.copyfile(source, partial)
            partial.replace(target)
    return directory


def import_folder(workspace: Workspace, folder: Path) -> str:
    """
    Add a folder to the user's Trove and return the command's output.
    """
    settings = COMBINED if workspace.combined else TROVE
    return run_command(workspace, settings, "trove_add_folder", USERNAME, str(folder))
