"""
Take a Google Takeout export of Google Photos into a person's Trove.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....core.management import get_user
from ...accounts.add import add_takeout
from ..progress import sync_with_progress


class Command(BaseCommand):
    """
    `manage.py trove_add_takeout USER PATH [PATH …]`
    """

    help = (
        "Take a Google Takeout export of Google Photos into a person's Trove, with titles, albums "
        "and places. Name all its parts at once; run it again with a later export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the person's user name")
        parser.add_argument("paths", nargs="+", metavar="path", help="a zip file, or a folder")
        parser.add_argument(
            "--account", default="Google Takeout", help="what to call the Google account"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user(options["user"])
        paths = [_resolve_part(name) for name in options["paths"]]
        if not options["account"].strip():
            raise CommandError("--account is empty: name the Google account.")
        identity = add_takeout(user, paths, options["account"].strip())
        sync_with_progress(self, identity, quiet=options["verbosity"] == 0)


def _resolve_part(name: str) -> Path:
    try:
        return Path(name).expanduser().resolve(strict=True)
    except (OSError, RuntimeError):
        raise CommandError(f"There is no {name}: check the path.") from None
