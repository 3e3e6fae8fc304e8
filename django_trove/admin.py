"""
The admin of connected accounts. Tokens are never displayed, not even encrypted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .backends.remote import disconnect
from .connect.redirects import absolute_url
from .connect.reminders import MailError, send_reminders
from .health import Health
from .models import TroveAccount


class HealthFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: object) -> Iterable[tuple[str, str]]:
        return [(str(health.value), str(health.label)) for health in Health]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TroveAccount]
    ) -> QuerySet[TroveAccount]:
        health = self.value()
        if health not in Health.values:
            return queryset
        return queryset & TroveAccount.objects.in_health(health)


@admin.register(TroveAccount)
class TroveAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """
    Accounts can be viewed and disconnected. Only their users can connect them.
    """

    list_display = ("user", "name", "health", "last_success_at", "last_error", "connected_at")
    list_filter = (HealthFilter,)
    list_select_related = ("user",)
    date_hierarchy = "connected_at"
    fields = (
        "user",
        "name",
        "health",
        "reason",
        "content_types",
        "connected_at",
        "last_success_at",
        "last_error",
    )
    readonly_fields = fields
    actions = ("send_reminders", "disconnect")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        user: Any = get_user_model()
        columns = {field.name for field in user._meta.get_fields()}
        names = (user.USERNAME_FIELD, user.get_email_field_name())
        return ("name", *(f"user__{name}" for name in names if name in columns))

    @admin.display(description=_("status"), ordering="state")
    def health(self, account: TroveAccount) -> str:
        return str(account.health.label)

    @admin.display(description=_("reason"), empty_value="-")
    def reason(self, account: TroveAccount) -> str:
        return account.reason

    @admin.display(description=_("last successful call"), ordering="last_used_at")
    def last_success_at(self, account: TroveAccount) -> datetime:
        return account.last_success_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TroveAccount | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: TroveAccount) -> None:
        disconnect(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TroveAccount]) -> None:
        for account in queryset.select_related("user"):
            disconnect(account)

    def has_send_reminders_permission(self, request: HttpRequest) -> bool:
        """
        Sending email requires the permission to change accounts, not only to view them.
        """
        return super().has_change_permission(request)

    @admin.action(
        description=_("Email the selected users who must reconnect"),
        permissions=["send_reminders"],
    )
    def send_reminders(self, request: HttpRequest, queryset: QuerySet[TroveAccount]) -> None:
        try:
            report = send_reminders(queryset, absolute_url(request, "account"))
        except MailError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        for level, text in report.get_messages():
            self.message_user(request, text, level)

    @admin.action(description=_("Disconnect the selected accounts"), permissions=["delete"])
    def disconnect(self, request: HttpRequest, queryset: QuerySet[TroveAccount]) -> None:
        number = queryset.count()
        self.delete_queryset(request, queryset)
        text = ngettext("%d account was disconnected.", "%d accounts were disconnected.", number)
        self.message_user(request, text % number, messages.SUCCESS)
