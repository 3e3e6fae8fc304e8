"""
`manage.py trove_reencrypt`: encrypt all tokens with the current `SECRET_KEY`.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_trove.core.encryption import reencrypt_models
from django_trove.models import TroveAccount


class Command(BaseCommand):
    """
    Afterwards the old key can be removed from `SECRET_KEY_FALLBACKS`.
    """

    help = "Encrypts all tokens with the current SECRET_KEY, after it was rotated."

    def handle(self, *args: Any, **options: Any) -> None:
        succeeded, failed = reencrypt_models([TroveAccount], self.stderr.write)
        self.stdout.write(f"{TroveAccount._meta.verbose_name_plural}: {succeeded} re-encrypted.")
        if failed:
            raise CommandError(f"{failed} could not be decrypted. Their users must reconnect.")
