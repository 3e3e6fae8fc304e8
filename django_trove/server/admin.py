"""
The admin: what may be seen is shown, secrets never.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from . import signals
from .index.write import delete_items
from .models import AccessToken, Application, Identity, Item
from .tasks import request_identity_deletion, request_sync

VERIFIED = ngettext_lazy("%d application is verified.", "%d applications are verified.")
REVOKED = ngettext_lazy("%d token is revoked.", "%d tokens are revoked.")
SYNC_REQUESTED = ngettext_lazy("%d account is looked at.", "%d accounts are looked at.")
REMOVAL_STARTED = ngettext_lazy("%d account is being removed.", "%d accounts are being removed.")


class NoAddAdmin:
    """
    Rows that aren't made by hand.
    """

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


@admin.register(Application)
class ApplicationAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    Applications. `trove_add_application` makes them, since it can show the secret once.
    """

    list_display = ("name", "key", "contact", "owner", "verified", "active", "created")
    list_filter = ("active", "verified", "allow_oauth10")
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
        "active",
        "created",
    )
    readonly_fields = ("key", "created")
    raw_id_fields = ("owner",)
    actions = ("verify", "revoke_tokens")

    @admin.action(description=_("Note that you know who answers for them"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: Any) -> None:
        """
        Take the label "not verified" from their question to people.
        """
        verified = queryset.update(verified=True)
        self.message_user(request, VERIFIED % verified)

    @admin.action(description=_("Revoke all their tokens"), permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, queryset: Any) -> None:
        """
        Take back what everybody allowed them.
        """
        revoked = _revoke_tokens(AccessToken.objects.filter(application__in=queryset))
        self.message_user(request, REVOKED % revoked)


@admin.register(AccessToken)
class AccessTokenAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
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
        revoked = _revoke_tokens(queryset)
        self.message_user(request, REVOKED % revoked)


@admin.register(Identity)
class IdentityAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    People's accounts on services.
    """

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
        "last_synced_at",
        "next_sync_at",
        "failures",
        "last_error",
    )
    actions = ("look_again", "remove")

    @admin.action(description=_("Look at them again"), permissions=["change"])
    def look_again(self, request: HttpRequest, queryset: Any) -> None:
        """
        Whatever they failed by before.
        """
        active = queryset.filter(state=Identity.State.ACTIVE)
        active.request_sync()
        for identity in active:
            request_sync(identity)
        self.message_user(request, SYNC_REQUESTED % len(active))

    @admin.action(description=_("Remove them with all that came from them"), permissions=["change"])
    def remove(self, request: HttpRequest, queryset: Any) -> None:
        """
        In the background, as the person's own page does.
        """
        for identity in queryset:
            request_identity_deletion(identity)
        self.message_user(request, REMOVAL_STARTED % len(queryset))


@admin.register(Item)
class ItemAdmin(NoAddAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    """
    The index. It shows what services hold: what is deleted here comes back with the next look.
    """

    list_display = ("title", "service", "owner", "service_id")
    list_filter = ("service",)
    list_select_related = ("owner",)
    search_fields = ("title", "service_id")
    show_full_result_count = False

    def delete_model(self, request: HttpRequest, obj: Item) -> None:
        """
        The counts that are kept of items follow.
        """
        delete_items(obj.identity, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """
        As `delete_model`, account by account.
        """
        by_account: dict[Identity, list[Item]] = defaultdict(list)
        for item in queryset.select_related("identity"):
            by_account[item.identity].append(item)
        for identity, items in by_account.items():
            delete_items(identity, items)

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


def _revoke_tokens(tokens: Any) -> int:
    """
    Take tokens back, and tell the host once for each person and application.
    """
    with transaction.atomic():
        valid = tokens.filter(revoked_at=None).select_related("user", "application")
        for user, application in {(token.user, token.application) for token in valid}:
            send = signals.application_revoked.send
            transaction.on_commit(partial(send, Application, user=user, application=application))
        revoked: int = tokens.revoke()
    return revoked
