"""
Take a folder of pictures into a person's Trove.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....core.management import get_user
from ...accounts.add import MAX_NAME_LENGTH, add_folder
from ...models import Identity
from ..progress import sync_with_progress


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
        user, folder = get_user(options["user"]), _resolve_folder(options["folder"])
        title = options["title"][:MAX_NAME_LENGTH]
        identity, _ = add_folder(user, folder, title)
        if title and identity.name != title:
            identity.name = title
            identity.save(update_fields=["name"])
        sync_with_progress(self, identity, quiet=options["verbosity"] == 0)


def _resolve_folder(name: str) -> Path:
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
