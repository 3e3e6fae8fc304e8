from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_trove.core.encryption import reencrypt_models

from ...models import AccessToken, Application, Identity, RequestToken


class Command(BaseCommand):
    help = "Encrypt all secrets with the current SECRET_KEY. Old keys are in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = (Application, RequestToken, AccessToken, Identity)
        reencrypted, failed = reencrypt_models(rows, self.stderr.write)
        self.stdout.write(f"{reencrypted} re-encrypted, {failed} failed.")
        if failed:
            raise CommandError("Add the old key to SECRET_KEY_FALLBACKS and run the command again.")
