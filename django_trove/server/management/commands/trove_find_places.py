from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from ...index.places import count_outdated_places, update_outdated_places


class Command(BaseCommand):
    help = (
        "Find the places of photos and videos again, after an upgrade with new data of places. It "
        "can be interrupted and started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="hide the progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        total = count_outdated_places()
        with tqdm(total=total, unit=" items", disable=options["quiet"] or None, leave=False) as bar:
            for count in update_outdated_places():
                found += count
                bar.update(count)
        self.stdout.write(f"The places of {found} items are up to date.")
