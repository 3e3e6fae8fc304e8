"""
A site and a Trove on this machine, with photos, ready to click.
"""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from pictures import draw_album
from showcase.demo.furnishing import furnish, take_in
from showcase.demo.home import PERSON, Home, default_home
from showcase.demo.processes import Stopped, is_taken, running
from stand_ins.four import KINDS

__all__ = ["Command"]

READY = """
  The site    {site}   sign in as {person}, password {person}
  The Trove   {trove}   the same name and password

  1. Open {site} and sign in.
  2. Click "Connect your Trove", sign in there, and allow it.
  3. Your pictures are in the site's page.
{more}
  Ctrl-C ends both. Everything is kept in {path}
"""
READY_IN_ONE = """
  The site    {site}   sign in as {person}, password {person}
  Its Trove   {trove}/

  1. Open {site} and sign in.
  2. Your pictures are in the site's page: nothing has to be connected.
{more}
  Ctrl-C ends it. Everything is kept in {path}
"""
ANOTHER_FOLDER = """
  Later: "Your Trove" in the site has "Add folder", which takes in a second folder, "home".
"""
WITH_SERVICES = """
  At {trove}/ add Flickr, SmugMug, Google or Facebook: each is a stand-in on this machine.
"""


class Command(BaseCommand):
    """
    `manage.py demo`
    """

    help = "Run the example site and a Trove with photos, each with its own origin."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--photos", type=Path, metavar="DIR", help="show your own pictures")
        parser.add_argument("--site-port", type=int, default=8000, metavar="PORT")
        parser.add_argument("--trove-port", type=int, default=8001, metavar="PORT")
        parser.add_argument("--home", type=Path, metavar="DIR", help="where to keep everything")

        parser.add_argument(
            "--services",
            action="store_true",
            help="with stand-ins for Flickr, SmugMug, Google and Facebook, to be added",
        )
        parser.add_argument("--services-port", type=int, default=8011, metavar="PORT")
        parser.add_argument(
            "--one-project", action="store_true", help="a site that hosts its Trove itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        photos = _photos(options["photos"])
        kept = (options["home"] or default_home(photos)).resolve()
        first = options["services_port"]
        home = Home(
            kept,
            options["site_port"],
            options["trove_port"],
            options["one_project"],
            tuple(range(first, first + len(KINDS))) if options["services"] else (),
        )
        _check_ports(home)
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, signal.default_int_handler)
        try:
            self._furnish(home, photos)
            self._run(home, photos)
        except Stopped as stopped:
            raise CommandError(str(stopped)) from None
        except subprocess.CalledProcessError as failed:
            told = failed.stderr or "What it said stands above."
            raise CommandError(f"{' '.join(failed.cmd[2:])} failed. {told}") from None
        except KeyboardInterrupt:
            self.stdout.write("\nEnded. Start it again with the same line; nothing is lost.")

    def _furnish(self, home: Home, photos: Path | None) -> None:
        folder = photos or self._draw(home) / "travels"
        self.stdout.write("Getting the databases ready…")
        furnish(home)
        self.stdout.write(f"Taking in the pictures in {folder}…")
        self.stdout.write(take_in(home, folder), ending="")

    def _draw(self, home: Home) -> Path:
        album = home.pictures / PERSON
        with tqdm(desc="Drawing pictures", leave=False, file=self.stderr, disable=None) as bar:

            def drawn(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            draw_album(album, on_picture=drawn)
        return album

    def _run(self, home: Home, photos: Path | None) -> None:
        self.stdout.write("Starting…")
        with running(home) as servers:
            more = "" if photos else ANOTHER_FOLDER
            more += WITH_SERVICES.format(trove=home.trove_url) if home.services_ports else ""
            ready = READY_IN_ONE if home.one_project else READY
            self.stdout.write(
                ready.format(
                    site=home.site_url,
                    trove=home.trove_url,
                    person=PERSON,
                    more=more,
                    path=home.path,
                )
            )
            while True:
                time.sleep(0.5)
                for server in servers:
                    server.check()


def _photos(given: Path | None) -> Path | None:
    if given is None:
        return None
    photos = given.expanduser().resolve()
    if not photos.is_dir():
        raise CommandError(f"There is no folder {given}: check the path after --photos.")
    return photos


def _check_ports(home: Home) -> None:
    ports = [(home.site_port, "--site-port"), (home.trove_port, "--trove-port")]
    wanted = ports[:1] if home.one_project else ports
    for port, option in [*wanted, *((port, "--services-port") for port in home.services_ports)]:
        if is_taken(port):
            raise CommandError(
                f"Port {port} is taken, perhaps by another demo. "
                f"End that, or choose another port: {option} {port + 10}"
            )
