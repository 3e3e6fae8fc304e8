"""
`manage.py trove_move_account`: move a connected account to another user.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from ...backends.cache import clear_responses
from ...core.encryption import DecryptionError
from ...core.management import get_user
from ...models import TroveAccount


class Command(BaseCommand):
    help = (
        "Moves a connected account to another user of this site. The token is encrypted for its "
        "user, so changing the row's user is not sufficient."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="name of the user who is connected")
        parser.add_argument("target", help="name of the user who has no account")

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = get_user(options["source"]), get_user(options["target"])
        account = TroveAccount.objects.filter(user=source).first()
        if account is None:
            raise CommandError(f"{options['source']} has no account.")
        clear_responses(account)
        try:
            account.move_to(target)
        except IntegrityError:
            raise CommandError(
                f"{options['target']} has an account. Disconnect it first."
            ) from None
        except DecryptionError:
            raise CommandError("The token cannot be decrypted. The user must reconnect.") from None
        self.stdout.write(f"Moved the account of {options['source']} to {options['target']}.")
