from __future__ import annotations

from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...models import Application
from ...models.applications import SECRET_GRACE_SECONDS


class Command(BaseCommand):
    help = (
        "Replace an application's secret and print the new one. The old one stays valid for a "
        "grace period; run the command twice to revoke a compromised secret."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="key of the application")

    def handle(self, *args: Any, **options: Any) -> None:
        application = Application.objects.filter(key=options["key"]).first()
        if application is None:
            raise CommandError(f"There is no application with the key {options['key']}.")
        secret = application.rotate_secret()
        self.stdout.write(f"Replaced the secret of {application.label}.")
        self.stdout.write(f"key:    {application.key}")
        self.stdout.write(f"secret: {secret}")
        self.stdout.write(
            "Store the secret in the application's settings. It is not displayed again."
        )
        self.stdout.write(_grace_period_message(application))


def _grace_period_message(application: Application) -> str:
    until = application.previous_secret_until
    if until is None:
        return "The old secret could not be decrypted and is no longer valid."
    hours, end = SECRET_GRACE_SECONDS // 3600, until.astimezone(UTC)
    return f"The old secret is valid for {hours} hours, until {end:%Y-%m-%d %H:%M} UTC."
