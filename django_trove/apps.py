"""
The site's app.
"""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core import checks
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _

__all__ = ["TroveConfig"]


class TroveConfig(AppConfig):
    """
    The site's side: its users connect their Trove and see their photos in the site's own pages.
    """

    name = "django_trove"
    verbose_name = _("Trove")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .checks import check_settings  # noqa: PLC0415  # settings are ready only now
        from .connecting import forget_answers  # noqa: PLC0415
        from .middleware import renew  # noqa: PLC0415
        from .models import TroveAccount  # noqa: PLC0415

        checks.register(check_settings)
        post_delete.connect(forget_answers, sender=TroveAccount)
        user_logged_in.connect(renew)
        user_logged_out.connect(renew)
