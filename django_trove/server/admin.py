"""
Admin for applications, tokens, accounts and items. Secrets are not displayed.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from django_trove.core.database import atomic, on_commit

from . import signals
from .index.write import delete_items
from .models import AccessToken, Application, GrantedFolder, Identity, Item
from .models.oauth2 import delete_pending_authorizations
from .tasks import request_identity_deletion, request_sync
from .translation import translate_message

VERIFIED = ngettext_lazy("%d application was verified.", "%d applications were verified.")
REVOKED = ngettext_lazy("%d token was revoked.", "%d tokens were revoked.")
SYNC_REQUESTED = ngettext_lazy("Sync of %d account started.", "Sync of %d accounts started.")
REMOVAL_CONFIRMED = ngettext_lazy(
    "Removal confirmed for %d account.", "Removal confirmed for %d accounts."
)
REMOVAL_STARTED = ngettext_lazy("Removal of %d account started.", "Removal of %d accounts started.")


class NoAddAdmin:
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Application)
class ApplicationAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    Applications are added with `trove_add_application`, which displays the secret once.
    """

    list_display = ("name", "key", "contact", "owner", "verified", "active", "created")
    list_filter = ("active", "verified", "allow_oauth10", "allow_legacy_oauth2")
    list_select_related = ("owner",)
    search_fields = ("name", "key", "contact")
    fields = (
        "name",
        "key",
        "contact",
        "owner",
        "verified",
        "callbacks",
        "allow_oob",
        "allow_oauth10",
        "allow_legacy_oauth2",
        "active",
        "created",
    )
    readonly_fields = ("key", "created")
    raw_id_fields = ("owner",)
    actions = ("verify", "revoke_tokens")

    @admin.action(description=_("Mark selected applications as verified"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: Any) -> None:
        count = queryset.update(verified=True)
        self.message_user(request, VERIFIED % count)

    @admin.action(
        description=_("Revoke all tokens of selected applications"), permissions=["change"]
    )
    def revoke_tokens(self, request: HttpRequest, queryset: Any) -> None:
        with atomic(AccessToken):
            delete_pending_authorizations(application__in=queryset)
            count = _revoke_tokens(AccessToken.objects.filter(application__in=queryset))
        self.message_user(request, REVOKED % count)


@admin.register(AccessToken)
class AccessTokenAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
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

    @admin.action(description=_("Revoke selected tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        count = _revoke_tokens(queryset)
        self.message_user(request, REVOKED % count)


@admin.register(Identity)
class IdentityAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "name",
        "service",
        "user",
        "state",
        "last_synced_at",
        "next_sync_at",
        "failures",
    )
    list_filter = ("state", "service")
    list_select_related = ("user",)
    search_fields = ("name", "service_id")
    fields = readonly_fields = (
        "user",
        "service",
        "service_id",
        "name",
        "url",
        "state",
        "sync_started_at",
        "items_seen",
        "items_expected",
        "unreadable_count",
        "kept_items",
        "translated_kept_reason",
        "unpermitted_types",
        "last_synced_at",
        "next_sync_at",
        "failures",
        "translated_last_error",
    )
    actions = ("sync_now", "confirm_removals", "remove")

    @admin.display(description=_("last error"))
    def translated_last_error(self, identity: Identity) -> str:
        return translate_message(identity.last_error)

    @admin.display(description=_("reason for keeping them"))
    def translated_kept_reason(self, identity: Identity) -> str:
        return translate_message(identity.kept_reason)

    @admin.action(description=_("Sync selected accounts now"), permissions=["change"])
    def sync_now(self, request: HttpRequest, queryset: Any) -> None:
        active = queryset.filter(state=Identity.State.ACTIVE)
        active.request_sync()
        for identity in active:
            request_sync(identity)
        self.message_user(request, SYNC_REQUESTED % len(active))

    @admin.action(
        description=_("Remove the items that the last sync did not find"), permissions=["change"]
    )
    def confirm_removals(self, request: HttpRequest, queryset: Any) -> None:
        confirmed = list(queryset.filter(kept_items__gt=0))
        count = queryset.confirm_removals()
        for identity in confirmed:
            request_sync(identity)
        self.message_user(request, REMOVAL_CONFIRMED % count)

    @admin.action(description=_("Remove selected accounts and their items"), permissions=["change"])
    def remove(self, request: HttpRequest, queryset: Any) -> None:
        for identity in queryset:
            request_identity_deletion(identity)
        self.message_user(request, REMOVAL_STARTED % len(queryset))


@admin.register(GrantedFolder)
class GrantedFolderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("path", "user")
    list_select_related = ("user",)
    search_fields = ("path",)
    raw_id_fields = ("user",)


@admin.register(Item)
class ItemAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    A deleted item is restored by the next sync, if it still exists at its service.
    """

    list_display = ("__str__", "kind", "service", "owner", "service_id")
    list_filter = ("kind", "service")
    list_select_related = ("owner",)
    search_fields = ("title", "service_id")
    show_full_result_count = False

    def delete_model(self, request: HttpRequest, obj: Item) -> None:
        """
        Update the stored counts, too.
        """
        delete_items(obj.identity, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        by_account: dict[Identity, list[Item]] = defaultdict(list)
        for item in queryset.select_related("identity"):
            by_account[item.identity].append(item)
        for identity, items in by_account.items():
            delete_items(identity, items)

    fields = readonly_fields = (
        "owner",
        "identity",
        "kind",
        "service_id",
        "title",
        "description",
        "tags",
        "utc_offset",
        "album_id",
        "album_title",
        "media_type",
        "camera",
        "record",
        "width",
        "height",
        "latitude",
        "longitude",
    )


def _revoke_tokens(tokens: Any) -> int:
    """
    Revoke tokens, and send a signal for each user and application.
    """
    with atomic(AccessToken):
        valid = list(tokens.filter(revoked_at=None).select_related("user", "application"))
        delete_pending_authorizations(
            application__in={token.application_id for token in valid},
            user__in={token.user_id for token in valid},
        )
        for user, application in {(token.user, token.application) for token in valid}:
            send = signals.application_revoked.send
            on_commit(partial(send, Application, user=user, application=application), AccessToken)
        count: int = tokens.revoke()
    return count
