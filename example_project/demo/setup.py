"""
Set up a demo and run it.
"""

from __future__ import annotations

import subprocess
from calendar import monthrange
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

from .processes import (
    COMBINED,
    SITE,
    TROVE,
    Process,
    read_line,
    read_output,
    run_command,
    start_command,
    start_servers,
)
from .workspace import USERNAME, Workspace

PHOTOS = Path(__file__).resolve().parent.parent / "photos"
ANNIVERSARIES = (
    "2019-07-06 lavender.jpg",
    "2022-11-05 stars over the sand.jpg",
    "2023-10-14 canal.jpg",
)


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
            partial.write_bytes(_read_photo(source))
            partial.replace(target)
    return directory


def _read_photo(path: Path) -> bytes:
    """
    Return a photo. Those in `ANNIVERSARIES` were taken on the current day, for the page "On this
    day".
    """
    content = path.read_bytes()
    if path.name not in ANNIVERSARIES:
        return content
    taken = path.name[:10].replace("-", ":").encode()
    year, today = int(path.name[:4]), date.today()  # noqa: DTZ011 - the day of this machine
    day = min(today.day, monthrange(year, today.month)[1])
    return content.replace(taken, f"{year}:{today.month:02}:{day:02}".encode())


@contextmanager
def run_demo(
    workspace: Workspace, folder: Path, *, fake_services: bool = True
) -> Iterator[tuple[list[Process], str]]:
    """
    Set up the workspace, import a folder and run the servers. Yield the processes and the output
    of the import once the servers respond.

    The import runs while the servers start. Raise `subprocess.CalledProcessError` if a command
    fails, and `ProcessError` if a server does.
    """
    (workspace.photos / USERNAME).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        start = _start_combined_import if workspace.combined else _start_import
        importer = start(workspace, folder, stack)
        processes = stack.enter_context(start_servers(workspace, fake_services=fake_services))
        output = read_output(importer)
        for process in processes:
            process.wait_until_ready()
        yield processes, output


def _start_import(workspace: Workspace, folder: Path, stack: ExitStack) -> subprocess.Popen[str]:
    """
    Create both databases in parallel. Return the Trove's process, which imports the folder.
    """
    trove = stack.enter_context(start_command(workspace, TROVE, "setup_trove", str(folder)))
    site = stack.enter_context(start_command(workspace, SITE, "setup_site"))
    if credentials := read_line(trove):
        workspace.save_app_credentials(credentials)
    read_output(site)
    return trove


def _start_combined_import(
    workspace: Workspace, folder: Path, stack: ExitStack
) -> subprocess.Popen[str]:
    run_command(workspace, COMBINED, "setup_site")
    run_command(workspace, COMBINED, "trove_grant_folder", USERNAME, USERNAME)
    command = ("trove_add_folder", USERNAME, str(folder), "--public")
    return stack.enter_context(start_command(workspace, COMBINED, *command))
