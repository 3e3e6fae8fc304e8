"""
`manage.py trove_reencrypt`: after `SECRET_KEY` was rotated, seal everything with the new one.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_trove.core.encryption import reencrypt_models
from django_trove.models import TroveAccount


class Command(BaseCommand):
    """
    Afterwards the old key may leave `SECRET_KEY_FALLBACKS`.
    """

    help = "Seals tokens and secrets anew with the current SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Seal the tokens of all accounts anew.

        :raises CommandError: if some could not be opened; they are left as they were.
        """
        done, broken = reencrypt_models([TroveAccount], self.stderr.write)
        self.stdout.write(f"{TroveAccount._meta.verbose_name_plural}: {done} sealed anew.")
        if broken:
            raise CommandError(f"{broken} could not be opened: their owners have to connect again.")
