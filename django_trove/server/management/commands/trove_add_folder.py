from __future__ import annotations

from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....core.management import get_user
from ...accounts.add import MAX_NAME_LENGTH, add_folder
from ...models import Identity
from ..progress import sync_with_progress


class Command(BaseCommand):
    help = (
        "Add a folder of pictures and videos to a user's Trove and sync it. Run it again to sync "
        "changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("folder", help="directory with the files")
        parser.add_argument("--title", default="", help="name of the folder for the user")
        parser.add_argument(
            "--public",
            action=BooleanOptionalAction,
            help="whether sites may show the photos to everyone (default: only to the user)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user, folder = get_user(options["user"]), _resolve_folder(options["folder"])
        title = options["title"][:MAX_NAME_LENGTH]
        identity, _ = add_folder(user, folder, title)
        identity.name = title or identity.name
        if options["public"] is not None:
            identity.settings["public"] = options["public"]
        identity.save(update_fields=["name", "settings"])
        sync_with_progress(self, identity, quiet=options["verbosity"] == 0)


def _resolve_folder(name: str) -> Path:
    if not name:
        raise CommandError("The path of the folder is empty.")
    try:
        folder = Path(name).expanduser().resolve(strict=True)
    except OSError:
        raise CommandError(f"The folder {name} does not exist.") from None
    if not folder.is_dir():
        raise CommandError(f"{name} is a file. Pass the folder that contains it.")
    max_length = Identity._meta.get_field("service_id").max_length
    if max_length is not None and len(str(folder)) > max_length:
        raise CommandError(f"The path of the folder must have at most {max_length} characters.")
    return folder
