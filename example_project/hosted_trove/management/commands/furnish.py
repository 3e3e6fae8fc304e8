"""
Get the demo's Trove ready: its person, and the site as a registered application.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from django_trove.server.models import Application
from showcase.demo.home import PERSON, home

__all__ = ["Command"]


class Command(BaseCommand):
    """
    `manage.py furnish`, under the Trove's settings
    """

    help = "Make the demo's person, and register the site; prints its keys when they are new."

    def handle(self, *args: Any, **options: Any) -> None:
        people = get_user_model()
        if not people.objects.filter(username=PERSON).exists():
            people.objects.create_superuser(PERSON, "ada@trove.example", PERSON, first_name="Ada")
        hosts = (f"http://{name}:{home().site_port}" for name in ("localhost", "127.0.0.1"))
        pages = [f"{host}/trove/callback/" for host in hosts]
        known = Application.objects.filter(name="Lantern").first()
        if known:
            known.callbacks = pages
            known.save(update_fields=["callbacks"])
        else:
            made = Application.objects.register("Lantern", callbacks=pages)
            self.stdout.write(json.dumps({"key": made.key, "secret": made.secret}))
