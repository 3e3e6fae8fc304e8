"""
The site's app.
"""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.checks import register
from django.core.signals import request_finished, request_started
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class TroveConfig(AppConfig):
    """
    The site's side: its users connect their Trove and see their photos in the site's own pages.
    """

    name = "django_trove"
    verbose_name = _("Trove")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Django loads the models after this module.
        from . import middleware, signals  # noqa: PLC0415
        from .backends.page_calls import end_page, start_page  # noqa: PLC0415
        from .backends.remote import clear_responses_on_delete  # noqa: PLC0415
        from .checks.settings import check_settings  # noqa: PLC0415
        from .connect import emails, sign_in  # noqa: PLC0415
        from .core.database import repeat_unsaved_operations, start_request  # noqa: PLC0415

        register(check_settings)
        request_started.connect(start_request)
        request_finished.connect(repeat_unsaved_operations)
        post_delete.connect(clear_responses_on_delete, sender=self.get_model("TroveAccount"))
        request_started.connect(start_page)
        request_finished.connect(end_page)
        user_logged_in.connect(middleware.reset_request_trove)
        user_logged_in.connect(sign_in.record_sign_in)
        signals.connected.connect(emails.email_connected)
        signals.reconnected.connect(emails.email_connected)
        signals.disconnected.connect(emails.email_disconnected)
        signals.needs_reconnect.connect(emails.email_needs_reconnect)
        user_logged_out.connect(middleware.reset_request_trove)
