from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....core.management import get_user
from ...accounts.add import add_takeout
from ...connectors.archives.part import is_printable, printable
from ..progress import sync_with_progress


class Command(BaseCommand):
    help = (
        "Add a Google Takeout export of Google Photos to a user's Trove, with titles, albums, "
        "places and videos. Pass all of its parts at once. Run it again with a later export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument(
            "paths", nargs="+", metavar="path", help="zip file, .tgz file or folder"
        )
        parser.add_argument(
            "--account", default="Google Takeout", help="name of the Google account for the user"
        )
        parser.add_argument(
            "--without-videos",
            action="store_true",
            help="import only the metadata and posters of videos, not the files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user(options["user"])
        paths = [_resolve_part(name) for name in options["paths"]]
        if not options["account"].strip():
            raise CommandError("--account must not be empty.")
        identity = add_takeout(
            user,
            paths,
            options["account"].strip(),
            stores_videos=not options["without_videos"],
        )
        sync_with_progress(self, identity, quiet=options["verbosity"] == 0)


def _resolve_part(name: str) -> Path:
    if not name:
        raise CommandError("The path of a part is empty.")
    if not is_printable(name):
        raise CommandError(f"The path {printable(name)} is not UTF-8. Rename it.")
    try:
        return Path(name).expanduser().resolve(strict=True)
    except (OSError, RuntimeError):
        raise CommandError(f"{name} does not exist.") from None
