"""
`manage.py trove_accounts`: list the connected accounts and their status.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...models import TroveAccount


class Command(BaseCommand):
    help = "Lists the users who have connected a Trove, with the status of each account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--state", choices=TroveAccount.State.values, help="List only accounts in this state."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = TroveAccount.objects.select_related("user").order_by("connected_at")
        if options["state"]:
            accounts = accounts.filter(state=options["state"])
        number = 0
        for account in accounts.iterator(chunk_size=500):
            number += 1
            used = f"{account.last_used_at:%Y-%m-%d %H:%M}" if account.last_used_at else "never"
            error = f" ({account.last_error})" if account.last_error else ""
            self.stdout.write(
                f"{account.user.get_username()}  {account.get_state_display()}{error}  connected"
                f" {account.connected_at:%Y-%m-%d}, used {used}"
            )
        self.stdout.write(f"{number} accounts.")
