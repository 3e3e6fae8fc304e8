"""
Take a folder of pictures into a person's Trove.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ...connectors.base import Page
from ...models import Identity
from ...services import LONGEST_NAME, add_folder
from ...sync import Report, SyncFailed, sync
from ..people import person_named

__all__ = ["Command"]


class Command(BaseCommand):
    """
    `manage.py trove_add_folder USER DIR`
    """

    help = "Take a folder of pictures into a person's Trove; run it again to take in what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the person's user name")
        parser.add_argument("folder", help="the directory with the pictures")
        parser.add_argument("--title", default="", help="what to call it; else its own name")

    def handle(self, *args: Any, **options: Any) -> None:
        user, folder = person_named(options["user"]), _folder(options["folder"])
        title = options["title"][:LONGEST_NAME]
        identity, _ = add_folder(user, folder, title)
        if title and identity.name != title:
            identity.name = title
            identity.save(update_fields=["name"])
        try:
            report = self._sync(identity, quiet=options["verbosity"] == 0)
        except SyncFailed as failed:
            raise CommandError(str(failed)) from None
        self._tell(report)

    def _sync(self, identity: Any, *, quiet: bool) -> Report:
        with tqdm(unit=" files", disable=quiet or None, leave=False) as bar:

            def step(page: Page) -> None:
                if page.total is not None:
                    bar.total = page.total
                    bar.update(len(page.seen))

            return sync(identity, step)

    def _tell(self, report: Report) -> None:
        for failure in report.failures:
            self.stderr.write(f"{failure.name}: {failure.reason}")
        self.stdout.write(
            f"{report.added} added, {report.changed} changed, {report.removed} removed, "
            f"{report.unchanged} unchanged, {len(report.failures)} unreadable."
        )


def _folder(name: str) -> Path:
    try:
        folder = Path(name).expanduser().resolve(strict=True)
    except OSError:
        raise CommandError(f"There is no folder {name}: check the path.") from None
    if not folder.is_dir():
        raise CommandError(f"{name} is a file: name the folder that it lies in.")
    longest = Identity._meta.get_field("service_id").max_length
    if longest is not None and len(str(folder)) > longest:
        raise CommandError(
            f"The folder's path has more than {longest} characters: move it to a shorter one."
        )
    return folder
