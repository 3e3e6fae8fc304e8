"""
People's accounts on services, and the links by which they add one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_trove.core.encryption import EncryptedTextField, encrypted_fields

PAUSE_SECONDS = 300  # if a service does not say how long to wait
MAX_PAUSE_SECONDS = 86_400


def display_name(user: Any) -> str:
    """
    Return what to call a person, whatever the user model.
    """
    full = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return str(full or user.get_username())


class IdentityQuerySet(models.QuerySet["Identity"]):
    """
    Verbs on people's accounts.
    """

    def of(self, user: Any) -> IdentityQuerySet:
        """
        One person's, the oldest first.
        """
        return self.filter(user=user).order_by("pk")

    def being_deleted(self) -> IdentityQuerySet:
        """
        Those that are being removed.
        """
        return self.filter(state=Identity.State.DELETING)

    def mark_for_deletion(self) -> None:
        """
        Begin to remove them. A worker that looks at one of them loses its lease.
        """
        self.update(state=Identity.State.DELETING, lease="", lease_expires_at=None)

    def update_token(self, identity: Identity, before: str | None) -> bool:
        """
        Write an account's token if its row still has the one from before.

        :param before: as it stands in the database, sealed.
        :returns: whether it was so.
        """
        (field,) = encrypted_fields(Identity)
        unchanged = self.filter(pk=identity.pk, token=before)
        return bool(unchanged.update(token=field.ciphertext(identity)))

    def add(self, user: Any, service: str, service_id: str, **fields: Any) -> tuple[Identity, bool]:
        """
        Add an account, or find it where the person has it already.

        :returns: it, and whether it is new.
        """
        return self.get_or_create(
            user=user, service=service, service_id=service_id, defaults=fields
        )

    def due(self) -> IdentityQuerySet:
        """
        Those to look at now, and that nobody is looking at.
        """
        now = timezone.now()
        free = models.Q(lease_expires_at=None) | models.Q(lease_expires_at__lt=now)
        paused = ServicePause.objects.active().values("service")
        asked = ~models.Q(settings__has_key="pushed") & ~models.Q(service__in=paused)
        return self.filter(free, asked, state=Identity.State.ACTIVE, next_sync_at__lte=now)

    def request_sync(self) -> int:
        """
        Have them looked at now, whatever they failed by before. What is being looked at already is
        looked at once more: that look may be past what this one is for.

        :returns: how many they are.
        """
        now = timezone.now()
        return self.filter(state=Identity.State.ACTIVE).update(
            requested_at=now, next_sync_at=now, failures=0
        )

    def with_pending_request(self) -> IdentityQuerySet:
        """
        Those that somebody asked for after the last look at them began.
        """
        return self.filter(
            state=Identity.State.ACTIVE, requested_at__gt=models.F("sync_started_at")
        )


class Identity(models.Model):
    """
    A person's account on a service.

    :param settings: what its connector needs, such as a folder's path; "pushed" for an account at
        an application, which has no connector.
    :param lease: who is looking at the service now, by a name that nobody can guess.
    :param lease_expires_at: when the lease lapses, unless it is renewed.
    :param cursor: where the connector goes on.
    :param sync_number: the number of the present look, or of the last one.
    :param sync_in_progress: whether that look is not done yet, so that the next worker goes on with it.
    :param next_sync_at: when to look next.
    :param requested_at: when somebody last wanted it looked at.
    :param failures: how often in a row it failed.
    :param items_seen: items that the present look has seen.
    :param items_expected: how many there are to see, where that is known.
    """

    class State(models.TextChoices):
        """
        Whether the service can be asked.
        """

        ACTIVE = "active", pgettext_lazy("account", "active")
        NEEDS_RECONNECT = "needs_reconnect", _("needs to be connected again")
        DELETING = "leaving", _("is being removed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trove_identities"
    )
    service = models.CharField(_("service"), max_length=50)
    service_id = models.CharField(_("id at the service"), max_length=500)
    name = models.CharField(_("name"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)
    settings = models.JSONField(default=dict)
    token = EncryptedTextField(bound_to="user_id", null=True)
    created = models.DateTimeField(_("added"), default=timezone.now)

    state = models.CharField(_("state"), max_length=20, choices=State, default=State.ACTIVE)
    lease = models.CharField(max_length=32, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    sync_number = models.PositiveIntegerField(default=0, editable=False)
    sync_in_progress = models.BooleanField(default=False, editable=False)
    next_sync_at = models.DateTimeField(_("next look"), default=timezone.now, db_index=True)
    requested_at = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)
    last_synced_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    sync_started_at = models.DateTimeField(_("look began"), null=True, editable=False)
    items_seen = models.PositiveIntegerField(_("seen so far"), default=0, editable=False)
    items_expected = models.PositiveIntegerField(_("to be seen"), null=True, editable=False)
    unreadable_count = models.PositiveIntegerField(_("unreadable_count"), default=0, editable=False)

    objects = IdentityQuerySet.as_manager()

    class Meta:
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
        Whether its items come by themselves, and there is nothing to ask.
        """
        return bool(self.settings.get("pushed"))

    @property
    def is_sync_requested(self) -> bool:
        """
        Whether somebody asked for a look that hasn't begun.
        """
        return bool(
            self.requested_at and self.sync_started_at and self.requested_at > self.sync_started_at
        )


class ServicePauseQuerySet(models.QuerySet["ServicePause"]):
    """
    Verbs on pauses.
    """

    def active(self) -> Self:
        """
        Those that aren't over.
        """
        return self.filter(until__gt=timezone.now())

    def begin(self, service: str, reason: str, seconds: float | None) -> None:
        """
        Leave a service alone.

        :param seconds: for how long; a while without it, and a day at most.
        """
        wait = min(PAUSE_SECONDS if seconds is None else seconds, MAX_PAUSE_SECONDS)
        until = timezone.now() + timedelta(seconds=wait)
        self.update_or_create(service=service, defaults={"until": until, "reason": reason})


class ServicePause(models.Model):
    """
    A service that has asked to be left alone for a while, by anybody of this Trove.
    """

    service = models.CharField(max_length=50, unique=True)
    until = models.DateTimeField()
    reason = models.TextField(blank=True)

    objects = ServicePauseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.service} until {self.until:%Y-%m-%d %H:%M}"
