from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from demo.workspace import USERNAME, Workspace
from django_trove.server.models import Application

APPLICATION_NAME = "Lantern"


class Command(BaseCommand):
    help = (
        "Create the Trove's database and user, register the site and import a folder. "
        "The first line of output contains the site's new credentials, if any."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="a directory with photos")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        users = get_user_model().objects
        if not users.filter(username=USERNAME).exists():
            users.create_superuser(USERNAME, "ada@trove.example", USERNAME, first_name="Ada")
        self.stdout.write(self._register_site())
        self.stdout.flush()
        call_command("trove_grant_folder", USERNAME, USERNAME, verbosity=0)
        call_command(
            "trove_add_folder", USERNAME, options["folder"], public=True, stdout=self.stdout
        )

    def _register_site(self) -> str:
        """
        Register the site, or update its callbacks. Return new credentials as JSON.
        """
        port = Workspace.from_environment().site_port
        callbacks = [f"http://{host}:{port}/trove/callback/" for host in ("localhost", "127.0.0.1")]
        application = Application.objects.filter(name=APPLICATION_NAME).first()
        if application:
            application.callbacks = callbacks
            application.save(update_fields=["callbacks"])
            return ""
        new = Application.objects.register(APPLICATION_NAME, callbacks=callbacks)
        return json.dumps({"key": new.key, "secret": new.secret})
