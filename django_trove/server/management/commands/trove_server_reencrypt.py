"""
Seal the Trove's secrets anew, after SECRET_KEY was changed.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_trove.core.encryption import reencrypt_models

from ...models import AccessToken, Application, Identity, RequestToken


class Command(BaseCommand):
    """
    `manage.py trove_server_reencrypt`
    """

    help = "Seal every secret with the current SECRET_KEY; old keys are in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = (Application, RequestToken, AccessToken, Identity)
        resealed, broken = reencrypt_models(rows, self.stderr.write)
        self.stdout.write(f"{resealed} resealed, {broken} that don't open.")
        if broken:
            raise CommandError(
                "Put the key that they were sealed with into SECRET_KEY_FALLBACKS and run it again."
            )
