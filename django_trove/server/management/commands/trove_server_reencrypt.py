from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from django_trove.core.encryption import encrypted_fields, reencrypt_models


class Command(BaseCommand):
    help = "Encrypt all secrets with the current SECRET_KEY. Old keys are in SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        models = filter(encrypted_fields, apps.get_app_config("trove_server").get_models())
        reencrypted, failed = reencrypt_models(models, self.stderr.write)
        self.stdout.write(f"{reencrypted} re-encrypted, {failed} failed.")
        if failed:
            raise CommandError("Add the old key to SECRET_KEY_FALLBACKS and run the command again.")
