"""
Register an application.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...models import Application


class Command(BaseCommand):
    """
    `manage.py trove_add_application NAME --callback URL`
    """

    help = "Register an application, and print its key and its secret, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what people are shown when it asks them")
        parser.add_argument(
            "--callback",
            action="append",
            default=[],
            metavar="URL",
            help="where people may be sent back to; may be given again",
        )
        parser.add_argument("--oob", action="store_true", help="it may show a code to type in")
        parser.add_argument("--verified", action="store_true", help="you know who answers for it")
        parser.add_argument("--contact", default="", help="who answers for it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["callback"] and not options["oob"]:
            raise CommandError("Say where people go back to: --callback URL, or --oob for none.")
        try:
            application = Application.objects.register(
                options["name"],
                callbacks=options["callback"],
                allow_oob=options["oob"],
                contact=options["contact"],
                verified=options["verified"],
            )
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        self.stdout.write(f"{application.label} is registered.")
        self.stdout.write(f"key:    {application.key}")
        self.stdout.write(f"secret: {application.secret}")
        self.stdout.write("The secret is not shown again: put it into the application's settings.")
