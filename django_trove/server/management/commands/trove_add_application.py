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
        parser.add_argument(
            "--allow-oauth10",
            action="store_true",
            help="allow OAuth Core 1.0, for a client of 2010 (insecure)",
        )
        parser.add_argument(
            "--allow-legacy-oauth2",
            action="store_true",
            help="allow OAuth 2 without state and PKCE, for a client of 2011 (insecure)",
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
                allow_oauth10=options["allow_oauth10"],
                allow_legacy_oauth2=options["allow_legacy_oauth2"],
                contact=options["contact"],
                verified=options["verified"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        for name in ("allow_oauth10", "allow_legacy_oauth2"):
            if options[name]:
                field = Application._meta.get_field(name)
                self.stderr.write(self.style.WARNING(f"Warning: {field.help_text}"))  # type: ignore[union-attr]
        self.stdout.write(f"Registered {application.label}.")
        self.stdout.write(f"key:    {application.key}")
        self.stdout.write(f"secret: {application.secret}")
        self.stdout.write(
            "Store the secret in the application's settings. It is not displayed again."
        )
