"""
Get the demo's site ready: its user.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from showcase.demo.home import PERSON

__all__ = ["Command"]


class Command(BaseCommand):
    """
    `manage.py furnish_site`
    """

    help = "Make the demo's user."

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()
        if not users.objects.filter(username=PERSON).exists():
            users.objects.create_superuser(PERSON, "ada@site.example", PERSON)
