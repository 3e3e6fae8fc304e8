from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....core.management import get_user
from ...conf import conf
from ...models import GrantedFolder


class Command(BaseCommand):
    help = (
        "Let a user add a folder in FOLDER_ROOT, and its subfolders, to the user's Trove. With "
        "--revoke, the user can add no more of them; folders that were added remain."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name")
        parser.add_argument("folder", help="path of the folder, relative to FOLDER_ROOT")
        parser.add_argument("--revoke", action="store_true", help="withdraw the grant")

    def handle(self, *args: Any, **options: Any) -> None:
        user, path = get_user(options["user"]), options["folder"].rstrip("/")
        if options["revoke"]:
            self._revoke(user, path)
            return
        if conf.folder_root is None:
            raise CommandError("TROVE_SERVER['FOLDER_ROOT'] is not set.")
        if not GrantedFolder.objects.filter(user=user, path=path).exists():
            _grant(user, path)
        if options["verbosity"]:
            self.stdout.write(f"{user.get_username()} can add {path}.")

    def _revoke(self, user: Any, path: str) -> None:
        deleted, _ = GrantedFolder.objects.filter(user=user, path=path).delete()
        if not deleted:
            raise CommandError(f"{user.get_username()} has no grant for {path}.")
        self.stdout.write(f"{user.get_username()} can no longer add {path}.")


def _grant(user: Any, path: str) -> None:
    grant = GrantedFolder(user=user, path=path)
    try:
        grant.full_clean()
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    grant.save(force_insert=True)
