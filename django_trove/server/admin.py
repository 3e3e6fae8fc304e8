"""
The admin: what may be seen is shown, secrets never.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import signals
from .models import AccessToken, Application, Identity, Item

__all__ = ["AccessTokenAdmin", "ApplicationAdmin", "IdentityAdmin", "ItemAdmin"]


class Unmade:
    """
    Rows that aren't made by hand.
    """

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Application)
class ApplicationAdmin(Unmade, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    Applications. `trove_add_application` makes them, since it can show the secret once.
    """

    list_display = ("name", "key", "contact", "active", "created")
    list_filter = ("active",)
    search_fields = ("name", "key", "contact")
    fields = ("name", "key", "contact", "owner", "callbacks", "allow_oob", "active", "created")
    readonly_fields = ("key", "created")
    raw_id_fields = ("owner",)


@admin.register(AccessToken)
class AccessTokenAdmin(Unmade, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    Who allowed what to whom.
    """

    list_display = ("user", "application", "content_types", "created", "last_used_at", "revoked_at")
    list_filter = ("application",)
    list_select_related = ("user", "application")
    search_fields = ("application__name",)
    fields = readonly_fields = (
        "user",
        "application",
        "content_types",
        "share_email",
        "created",
        "last_used_at",
        "revoked_at",
    )
    actions = ("revoke",)

    @admin.action(description=_("Revoke the selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """
        Take the tokens back, and tell the host once for each person and application.
        """
        with transaction.atomic():
            valid = queryset.filter(revoked_at=None).select_related("user", "application")
            for user, application in {(token.user, token.application) for token in valid}:
                send = signals.application_revoked.send
                transaction.on_commit(
                    partial(send, Application, user=user, application=application)
                )
            revoked = queryset.revoke()
        self.message_user(request, _("%(count)d revoked.") % {"count": revoked})


@admin.register(Identity)
class IdentityAdmin(Unmade, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    People's accounts on services.
    """

    list_display = ("name", "service", "user", "last_synced")
    list_filter = ("service",)
    list_select_related = ("user",)
    search_fields = ("name", "service_id")
    fields = readonly_fields = ("user", "service", "service_id", "name", "url", "last_synced")


@admin.register(Item)
class ItemAdmin(Unmade, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    The index.
    """

    list_display = ("title", "service", "owner", "service_id")
    list_filter = ("service",)
    list_select_related = ("owner",)
    search_fields = ("title", "service_id")
    show_full_result_count = False
    fields = readonly_fields = (
        "owner",
        "identity",
        "service_id",
        "title",
        "description",
        "tags",
        "album_id",
        "width",
        "height",
        "latitude",
        "longitude",
    )
