"""
Who has connected a Trove. Tokens are shown nowhere, not even sealed.
"""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .connecting import disconnect
from .models import TroveAccount

__all__ = ["TroveAccountAdmin"]


@admin.register(TroveAccount)
class TroveAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """
    To look at and to disconnect: only the user can connect.
    """

    list_display = ("user", "name", "state", "connected_at", "last_used_at", "last_error")
    list_filter = ("state",)
    list_select_related = ("user",)
    date_hierarchy = "connected_at"
    fields = (
        "user",
        "name",
        "state",
        "content_types",
        "connected_at",
        "last_used_at",
        "last_error",
    )
    readonly_fields = fields
    actions = ("disconnect",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", f"user__{get_user_model().USERNAME_FIELD}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TroveAccount | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: TroveAccount) -> None:
        disconnect(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TroveAccount]) -> None:
        for account in queryset.select_related("user"):
            disconnect(account)

    @admin.action(description=_("Disconnect the selected accounts"), permissions=["delete"])
    def disconnect(self, request: HttpRequest, queryset: QuerySet[TroveAccount]) -> None:
        """
        Give up the accounts, with their signals, and what was kept for them.
        """
        number = queryset.count()
        self.delete_queryset(request, queryset)
        said = ngettext("%d account was disconnected.", "%d accounts were disconnected.", number)
        self.message_user(request, said % number, messages.SUCCESS)
