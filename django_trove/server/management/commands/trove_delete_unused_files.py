from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...media.cleanup import delete_file, find_unused_files


class Command(BaseCommand):
    help = "Delete thumbnails that no item references, of a killed process for example."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--hours", type=int, default=24, help="only files that are older (default: 24)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count the files")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hours"] < 1:
            raise CommandError("--hours must be 1 or more: a sync may still add a newer file.")
        found = deleted = 0
        try:
            for name in find_unused_files(timedelta(hours=options["hours"])):
                found += 1
                deleted += not options["dry_run"] and delete_file(name)
        except NotImplementedError:
            raise CommandError(
                "The storage in TROVE_SERVER['STORAGE'] cannot list files."
            ) from None
        self.stdout.write(f"{found} unused files, {deleted} deleted.")
