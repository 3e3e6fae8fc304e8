from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...models import Application


class Command(BaseCommand):
    help = "Register an application, and print its key and secret."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name displayed to users")
        parser.add_argument(
            "--callback",
            action="append",
            default=[],
            metavar="URL",
            help="redirect URI; may be repeated",
        )
        parser.add_argument(
            "--oob", action="store_true", help="allow callbacks with a code that the user types in"
        )
        parser.add_argument("--verified", action="store_true", help="mark the contact as verified")
        parser.add_argument("--contact", default="", help="person responsible for the application")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["callback"] and not options["oob"]:
            raise CommandError(
                "Pass --callback URL, or --oob for an application without redirect URI."
            )
        try:
            application = Application.objects.register(
                options["name"],
                callbacks=options["callback"],
                allow_oob=options["oob"],
                contact=options["contact"],
                verified=options["verified"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Registered {application.label}.")
        self.stdout.write(f"key:    {application.key}")
        self.stdout.write(f"secret: {application.secret}")
        self.stdout.write(
            "Store the secret in the application's settings. It is not displayed again."
        )
