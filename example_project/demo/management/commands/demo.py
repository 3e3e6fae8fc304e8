from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.ports import find_problem
from demo.processes import Process, ProcessError
from demo.setup import copy_photos, run_demo
from demo.workspace import USERNAME, Workspace, get_default_path
from fake_services import IMMICH_KEY, SERVICES, get_service_urls

SERVICES_PORT = 8021
READY = """
  Site:   {site}   user name {username}, password {username}
  Trove:  {trove}   same user name and password

  1. Open {site} and sign in.
  2. Click "Connect your Trove", sign in to the Trove, and click "Authorize" and then
     "Connect this account".
  3. The site shows your photos.
{notes}
  Press Ctrl-C to stop both. All data is stored in {path}, emails in its directory "mail".
"""
READY_COMBINED = """
  Site:   {site}   user name {username}, password {username}
  Trove:  {trove}/

  1. Open {site} and sign in.
  2. The site shows your photos. You do not need to connect a Trove.
{notes}
  Press Ctrl-C to stop it. All data is stored in {path}, emails in its directory "mail".
"""
FOLDER_NOTE = """
  To add the second folder, "home", open "Your Trove" on the site and click "Add Folder", or
  click "Add a folder" on the first page of the Trove.
"""
SERVICES_NOTE = """
  Open {trove}/ to add a service. Each is a fake service on this machine, except for
  the WebDAV server: enter the address {webdav}, and the user name and
  password {username}. The addresses of Nextcloud and Immich are {nextcloud} and
  {immich}; the API key of Immich is {key}.
"""
PORT_NOTE = """
  In the first run, the fake services had the ports from {first}. They now have those from {port},
  so the accounts that were added before cannot be synced. Add them again, or run the demo with
  --services-port {first}.
"""


class Command(BaseCommand):
    help = "Run the example site and a Trove with photos, each on its own origin."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--photos", type=Path, metavar="DIR", help="use your own photos")
        parser.add_argument("--site-port", type=int, default=8000, metavar="PORT")
        parser.add_argument("--trove-port", type=int, default=8001, metavar="PORT")
        parser.add_argument("--home", type=Path, metavar="DIR", help="the directory for all data")
        parser.add_argument(
            "--services",
            action="store_true",
            help="add fake services, such as Flickr, and a WebDAV server with the example photos",
        )
        parser.add_argument(
            "--services-port",
            type=int,
            metavar="PORT",
            help=f"the first of {len(SERVICES) + 1} ports. Default: that of the first run, or "
            f"{SERVICES_PORT}",
        )
        parser.add_argument(
            "--one-project", action="store_true", help="run the site and the Trove in one project"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        photos = _check_photos(options["photos"])
        workspace = _create_workspace(options, photos)
        if problem := find_problem(workspace):
            raise CommandError(problem)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        try:
            self._run(workspace, photos)
        except ProcessError as error:
            raise CommandError(str(error)) from None
        except subprocess.CalledProcessError as error:
            details = error.stderr or "See its output above."
            raise CommandError(f"{' '.join(error.cmd[2:])} failed. {details}") from None
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. Run the same command to start it again with its data.")

    def _run(self, workspace: Workspace, photos: Path | None) -> None:
        folder = photos or copy_photos(workspace) / "travels"
        self.stdout.write(f"Starting the servers and importing {folder}…")
        with run_demo(workspace, folder) as (processes, output):
            self.stdout.write(output, ending="")
            self._print_instructions(workspace, example=photos is None)
            _monitor(processes)

    def _print_instructions(self, workspace: Workspace, *, example: bool) -> None:
        notes = FOLDER_NOTE if example else ""
        if workspace.service_ports:
            urls = dict(zip(SERVICES, get_service_urls(workspace.service_ports), strict=True))
            notes += SERVICES_NOTE.format(
                trove=workspace.trove_url,
                username=USERNAME,
                webdav=workspace.webdav_url,
                nextcloud=urls["nextcloud"],
                immich=urls["immich"],
                key=IMMICH_KEY,
            )
            notes += _describe_old_ports(workspace)
        text = READY_COMBINED if workspace.combined else READY
        self.stdout.write(
            text.format(
                site=workspace.site_url,
                trove=workspace.trove_url,
                username=USERNAME,
                notes=notes,
                path=workspace.path,
            )
        )


def _describe_old_ports(workspace: Workspace) -> str:
    """
    Save the ports of the fake services in the first run. Return a note if there are others now.
    """
    first, port = workspace.load_services_port(), workspace.service_ports[0]
    if not first:
        workspace.save_services_port()
    return PORT_NOTE.format(port=port, first=first) if first not in {0, port} else ""


def _create_workspace(options: dict[str, Any], photos: Path | None) -> Workspace:
    workspace = Workspace(
        (options["home"] or get_default_path(photos)).resolve(),
        options["site_port"],
        options["trove_port"],
        options["one_project"],
    )
    if not options["services"]:
        return workspace
    first = options["services_port"]
    if first is None:
        first = workspace.load_services_port() or SERVICES_PORT
    end = first + len(SERVICES)
    return replace(workspace, service_ports=tuple(range(first, end)), webdav_port=end)


def _monitor(processes: list[Process]) -> None:
    while True:
        time.sleep(0.5)
        for process in processes:
            process.check()


def _check_photos(path: Path | None) -> Path | None:
    if path is None:
        return None
    photos = path.expanduser().resolve()
    if not photos.is_dir():
        raise CommandError(f"The folder {path} does not exist. Check the path after --photos.")
    return photos
