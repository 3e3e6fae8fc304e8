"""
App configuration. The label is `trove_server`.
"""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_delete, pre_delete
from django.utils.translation import gettext_lazy as _


class TroveServerConfig(AppConfig):
    name = "django_trove.server"
    label = "trove_server"
    verbose_name = _("Trove")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The models cannot be imported before this method is called.
        from .checks.database import check_collation  # noqa: PLC0415
        from .checks.deployment import check_deployment  # noqa: PLC0415
        from .checks.settings import check_server  # noqa: PLC0415
        from .index.write import uncount_identity  # noqa: PLC0415
        from .media.storage import delete_item_files  # noqa: PLC0415

        pre_delete.connect(uncount_identity, self.get_model("Identity"))
        post_delete.connect(delete_item_files, self.get_model("Item"))
        register(check_server, Tags.compatibility)
        register(check_collation, Tags.database)
        register(check_deployment, Tags.compatibility, deploy=True)
