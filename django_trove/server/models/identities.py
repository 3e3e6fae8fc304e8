"""
Users' accounts at services.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_trove.core.database import PrimaryManager, atomic, on_commit
from django_trove.core.encryption import EncryptedTextField, encrypted_fields

from .. import signals
from ..conf import conf
from ..connectors.messages import Message
from .messages import MessageField

QUEUE_SECONDS = 900  # after that, a task that has not started is regarded as lost
PAUSE_SECONDS = 300  # for a response without Retry-After
MAX_PAUSE_SECONDS = 86_400
LEASE_SECONDS = 600
MAX_BACKOFF = 86_400  # seconds


def display_name(user: Any) -> str:
    """
    Return a user's full name or user name, for any user model.
    """
    full_name = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return str(full_name or user.get_username())


def first_name(user: Any) -> str:
    """
    Return a user's first name, or the first word of the name for user models without one.
    """
    return str(getattr(user, "first_name", "") or display_name(user).partition(" ")[0])


def too_late(field: str, seconds: float) -> models.Q:
    """
    Return a filter for times that were stored while the clock was ahead. Clocks of several machines
    may differ by less than `seconds`.

    :param seconds: the longest time between storing a value and the time that is stored.
    """
    return models.Q(**{f"{field}__gt": timezone.now() + timedelta(seconds=2 * seconds)})


def newer_request() -> models.Q:
    """
    Return a filter for a sync request after the start of the last sync. A time in the future, which
    was stored while the clock was ahead, would otherwise start one sync after another.
    """
    started = models.F("sync_started_at")
    return models.Q(requested_at__gt=started, requested_at__lte=timezone.now())


class IdentityQuerySet(models.QuerySet["Identity"]):
    def of(self, user: Any) -> IdentityQuerySet:
        """
        Filter the accounts of a user, oldest first.
        """
        return self.filter(user=user).order_by("pk")

    def being_deleted(self) -> IdentityQuerySet:
        return self.filter(state=Identity.State.DELETING)

    def mark_for_deletion(self) -> None:
        """
        Set the state to `DELETING`, and revoke the leases of running syncs.
        """
        self.update(state=Identity.State.DELETING, lease="", lease_expires_at=None)

    def update_token(self, identity: Identity, before: str | None) -> bool:
        """
        Save an account's token if its row still contains the previous one (compare and swap).

        :param before: the previous ciphertext.
        :returns: whether the token was saved.
        """
        (field,) = encrypted_fields(Identity)
        unchanged = self.filter(pk=identity.pk, token=before)
        return bool(unchanged.update(token=field.ciphertext(identity)))

    def add(self, user: Any, service: str, service_id: str, **fields: Any) -> tuple[Identity, bool]:
        """
        Get or create an account. Sends `identity_added` on commit if it is new.

        :returns: the account, and whether it is new.
        """
        with atomic(Identity):
            identity, created = self.get_or_create(
                user=user, service=service, service_id=service_id, defaults=fields
            )
            if created:
                send = partial(signals.identity_added.send, Identity, identity=identity)
                on_commit(send, Identity)
        return identity, created

    def due(self) -> IdentityQuerySet:
        """
        Filter the accounts that are due for a sync and have no lease.
        """
        due = models.Q(next_sync_at__lte=timezone.now()) | too_late(
            "next_sync_at", max(MAX_BACKOFF, conf.sync_interval)
        )
        paused = ServicePause.objects.active().values("service")
        syncable = ~models.Q(settings__has_key="pushed") & ~models.Q(service__in=paused)
        return self.unleased().filter(due, syncable, state=Identity.State.ACTIVE)

    def make_due(self) -> None:
        """
        Make the active accounts due for a sync.
        """
        now = timezone.now()
        self.filter(state=Identity.State.ACTIVE, next_sync_at__gt=now).update(next_sync_at=now)

    def unleased(self) -> IdentityQuerySet:
        """
        Filter the accounts that no worker is syncing.
        """
        free = models.Q(lease_expires_at=None) | models.Q(lease_expires_at__lt=timezone.now())
        return self.filter(free | too_late("lease_expires_at", LEASE_SECONDS))

    def request_sync(self) -> int:
        """
        Make accounts due now, and reset their backoff. If a sync is running, another one follows,
        since the running one may have passed the changed items.

        :returns: the number of accounts.
        """
        now = timezone.now()
        return self.filter(state=Identity.State.ACTIVE).update(
            requested_at=now, next_sync_at=now, failures=0
        )

    def confirm_removals(self) -> int:
        """
        Allow the next complete sync to remove as many items as the last one kept. It starts from
        the beginning.

        :returns: the number of accounts.
        """
        kept = self.filter(state=Identity.State.ACTIVE, kept_items__gt=0)
        count = kept.update(confirmed_removals=models.F("kept_items"), cursor={})
        kept.request_sync()
        return count

    def enter_queue(self) -> int:
        """
        Mark accounts as queued, except those that are queued already. The update is atomic, so one
        of several callers queues the task.

        :returns: the number of accounts that were marked.
        """
        now = timezone.now()
        lost = models.Q(queued_at__lt=now - timedelta(seconds=QUEUE_SECONDS))
        lost |= too_late("queued_at", QUEUE_SECONDS)
        return self.filter(models.Q(queued_at=None) | lost).update(queued_at=now)

    def leave_queue(self) -> None:
        self.update(queued_at=None)

    def queued(self) -> IdentityQuerySet:
        """
        Filter the accounts with a task that has not started.
        """
        queued = self.filter(queued_at__gte=timezone.now() - timedelta(seconds=QUEUE_SECONDS))
        return queued.exclude(too_late("queued_at", QUEUE_SECONDS))

    def with_pending_request(self) -> IdentityQuerySet:
        """
        Filter accounts with a sync request that is newer than the start of the last sync.
        """
        return self.filter(newer_request(), state=Identity.State.ACTIVE)


class Identity(models.Model):
    """
    A user's account at a service, and the state of its sync.

    :param settings: the connector's settings, such as a folder's path; "pushed" for an account at
        an application, which has no connector.
    :param lease: random id of the worker that syncs the account.
    :param cursor: position at which the connector resumes.
    :param sync_number: number of the current or last sync.
    :param sync_in_progress: whether that sync is incomplete; the next worker resumes it.
    :param requested_at: time of the last sync request.
    :param queued_at: time at which a task was enqueued that has not started.
    :param failures: number of consecutive failures.
    :param items_seen: items found by the current sync.
    :param items_expected: total number of items, if the service returns it.
    :param doubt: reason why the listing of the current sync may be incomplete, or "".
    :param kept_items: number of items that the last complete sync did not find and did not remove.
    :param kept_reason: why they were not removed.
    :param confirmed_removals: number of such items that an operator allowed to remove.
    :param unpermitted_types: the wanted content types that the service does not permit.
    """

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("account", "active")
        NEEDS_RECONNECT = "needs_reconnect", _("reconnect required")
        DELETING = "leaving", _("being removed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trove_identities"
    )
    service = models.CharField(_("service"), max_length=50)
    service_id = models.CharField(_("service id"), max_length=500)
    name = models.CharField(_("name"), max_length=200)
    url = models.URLField(_("URL"), max_length=500, blank=True)
    settings = models.JSONField(default=dict)
    token = EncryptedTextField(bound_to="user_id", null=True)
    created = models.DateTimeField(_("added"), default=timezone.now)

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.ACTIVE)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    sync_number = models.PositiveIntegerField(default=0, editable=False)
    sync_in_progress = models.BooleanField(default=False, editable=False)
    next_sync_at = models.DateTimeField(_("next sync"), default=timezone.now, db_index=True)
    requested_at = models.DateTimeField(null=True, editable=False)
    queued_at = models.DateTimeField(null=True, editable=False, db_index=True)
    failures = models.PositiveIntegerField(_("consecutive failures"), default=0, editable=False)
    last_error = MessageField(_("last error"), blank=True, editable=False)
    last_synced_at = models.DateTimeField(_("last successful sync"), null=True, editable=False)
    sync_started_at = models.DateTimeField(_("sync started"), null=True, editable=False)
    items_seen = models.PositiveIntegerField(_("items seen"), default=0, editable=False)
    items_expected = models.PositiveIntegerField(_("items expected"), null=True, editable=False)
    doubt = MessageField(blank=True, editable=False)
    kept_items = models.PositiveIntegerField(_("kept items"), default=0, editable=False)
    kept_reason = MessageField(_("reason for keeping them"), blank=True, editable=False)
    confirmed_removals = models.PositiveIntegerField(default=0, editable=False)
    unpermitted_types = models.JSONField(_("missing permissions"), default=list, editable=False)
    unreadable_count = models.PositiveIntegerField(_("unreadable items"), default=0, editable=False)

    objects = PrimaryManager.from_queryset(IdentityQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service", "service_id"], name="trove_identity_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.name}"

    @property
    def is_pushed(self) -> bool:
        """
        Whether an application pushes the items, so that there is no connector.
        """
        return bool(self.settings.get("pushed"))

    @property
    def is_sync_requested(self) -> bool:
        """
        Whether a sync was requested after the start of the last one.
        """
        return bool(
            self.requested_at and self.sync_started_at and self.requested_at > self.sync_started_at
        )


class ServicePauseQuerySet(models.QuerySet["ServicePause"]):
    def active(self) -> Self:
        return self.filter(until__gt=timezone.now()).exclude(too_late("until", MAX_PAUSE_SECONDS))

    def begin(self, service: str, reason: Message, seconds: float | None) -> None:
        """
        Pause a service.

        :param seconds: `PAUSE_SECONDS` by default, at most `MAX_PAUSE_SECONDS`.
        """
        wait = min(PAUSE_SECONDS if seconds is None else seconds, MAX_PAUSE_SECONDS)
        until = timezone.now() + timedelta(seconds=wait)
        self.update_or_create(service=service, defaults={"until": until, "reason": reason})


class ServicePause(models.Model):
    """
    A pause of all requests to a service, for all accounts.
    """

    service = models.CharField(max_length=50, unique=True)
    until = models.DateTimeField()
    reason = MessageField(blank=True)

    objects = PrimaryManager.from_queryset(ServicePauseQuerySet)()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.service} until {self.until:%Y-%m-%d %H:%M}"
