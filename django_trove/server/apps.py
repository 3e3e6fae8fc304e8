"""
The app's place in Django.
"""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_delete, pre_delete
from django.utils.translation import gettext_lazy as _

__all__ = ["TroveServerConfig"]


class TroveServerConfig(AppConfig):
    """
    `django_trove.server`, label `trove_server`.
    """

    name = "django_trove.server"
    label = "trove_server"
    verbose_name = _("Trove")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """
        Register the system checks, let thumbnails go with their items, and keep counts right
        when an account goes.
        """
        from . import checks, collation_checks, indexing, storage  # noqa: PLC0415

        pre_delete.connect(indexing.uncount_identity, self.get_model("Identity"))
        post_delete.connect(storage.delete_item_files, self.get_model("Item"))
        register(checks.check_server, Tags.compatibility)
        register(collation_checks.check_collation, Tags.database)
        register(checks.check_deployed, Tags.compatibility, deploy=True)
