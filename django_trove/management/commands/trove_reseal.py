"""
`manage.py trove_reseal`: after `SECRET_KEY` was rotated, seal everything with the new one.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from django_trove.sealed import reseal, sealed_fields

__all__ = ["Command"]


class Command(BaseCommand):
    """
    Afterwards the old key may leave `SECRET_KEY_FALLBACKS`.
    """

    help = "Seals tokens and secrets anew with the current SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Seal the rows of every model of the app that has a sealed field.

        :raises CommandError: if some could not be opened; they are left as they were.
        """
        broken = 0
        for model in filter(sealed_fields, apps.get_app_config("django_trove").get_models()):
            name, done = model._meta.verbose_name_plural, 0
            for row, reason in reseal(model):
                done += reason is None
                if reason:
                    broken += 1
                    self.stderr.write(f"{model._meta.label} {row.pk}: {reason}")
            self.stdout.write(f"{name}: {done} sealed anew.")
        if broken:
            raise CommandError(f"{broken} could not be opened: their owners have to connect again.")
