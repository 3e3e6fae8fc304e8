"""
Give an application another secret.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...models import Application
from ...models.applications import SECRET_GRACE_SECONDS


class Command(BaseCommand):
    """
    `manage.py trove_rotate_secret KEY`
    """

    help = (
        "Give an application another secret and print it, once. The old one holds for a while; "
        "run it twice to end a secret that became known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the application's key")

    def handle(self, *args: Any, **options: Any) -> None:
        application = Application.objects.filter(key=options["key"]).first()
        if application is None:
            raise CommandError(f"There is no application with the key {options['key']}.")
        secret = application.rotate_secret()
        self.stdout.write(f"{application.label} has another secret.")
        self.stdout.write(f"key:    {application.key}")
        self.stdout.write(f"secret: {secret}")
        self.stdout.write("The secret is not shown again: put it into the application's settings.")
        self.stdout.write(_grace_period_message(application))


def _grace_period_message(application: Application) -> str:
    """
    Say how much time there is to change the application's settings.
    """
    until = application.previous_secret_until
    if until is None:
        return "The old secret could not be opened: it holds no longer."
    hours = SECRET_GRACE_SECONDS // 3600
    return (
        f"The old secret holds for {hours} hours, until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    )
