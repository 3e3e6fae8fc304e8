"""
A user's connection to their Trove.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .client.token import Token
from .conf import conf
from .core.encryption import DecryptionError, EncryptedTextField, fingerprint
from .health import Failure, Health

LAST_USED_INTERVAL = timedelta(minutes=5)
MAX_TEXT_LENGTH = 255

CONTENT_LABELS = {
    "photos": _("photos"),
    "videos": _("videos"),
    "status": _("status messages"),
    "checkins": _("check-ins"),
    "friends": _("friends"),
}
"""Content types as people call them."""


class TroveAccountQuerySet(models.QuerySet["TroveAccount"]):
    """
    Accounts.
    """

    def of(self, user: Any) -> TroveAccount | None:
        """
        Return a user's account; None for one who has none, is anonymous or was shut out.
        """
        if getattr(user, "pk", None) is None or not user.is_active:
            return None
        return self.filter(user_id=user.pk).first()

    def same_grant(self, account: TroveAccount) -> Self:
        """
        Narrow to the account as it was read: nothing, if it was connected anew meanwhile.
        """
        return self.filter(
            pk=account.pk, fingerprint=account.fingerprint, connected_at=account.connected_at
        )

    def in_health(self, health: str) -> Self:
        """
        Narrow to the accounts that fare so, by what is written down: a token that no key of this
        site opens is known only once it is tried.
        """
        if health == Health.NEEDS_RECONNECT:
            return self.exclude(state=TroveAccount.State.ACTIVE)
        active = self.filter(state=TroveAccount.State.ACTIVE)
        if health == Health.DEGRADED:
            return active.exclude(trouble="")
        return active.filter(trouble="")


class TroveAccount(models.Model):
    """
    One user's access token, and how it fares.

    :param key: the access token, sealed at rest.
    :param secret: its secret, sealed at rest.
    :param fingerprint: of the key; no two users share one grant.
    :param content_types: what was asked for.
    :param name: the person's name at the Trove.
    :param identities: their accounts there, each as [service, id], when they connected.
    :param last_used_at: to the nearest five minutes; answers from the cache don't count.
    :param app_key: the site's key that the token was given to; "" for rows of before it was kept.
    :param trouble: why the last call failed, as one of `Failure`; "" where it went well.
    :param last_error: the same in the client's words, for who runs the site.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Connected")
        NEEDS_RECONNECT = "needs_reconnect", _("Has to be connected again")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="trove_account",
        verbose_name=_("user"),
    )
    key = EncryptedTextField(bound_to="user_id")
    secret = EncryptedTextField(bound_to="user_id")
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    app_key = models.CharField(
        max_length=MAX_TEXT_LENGTH, db_default="", blank=True, editable=False
    )
    content_types = models.JSONField(_("content types"), default=list, blank=True)
    name = models.CharField(_("name at the Trove"), max_length=MAX_TEXT_LENGTH, blank=True)
    identities = models.JSONField(_("identities"), default=list, blank=True, editable=False)
    connected_at = models.DateTimeField(_("connected at"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.ACTIVE, db_index=True
    )
    trouble = models.CharField(_("trouble"), max_length=20, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=MAX_TEXT_LENGTH, blank=True)

    objects = TroveAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("Trove account")
        verbose_name_plural = _("Trove accounts")

    def __str__(self) -> str:
        return f"{self.name or 'Trove'} ({self.user_id})"

    @property
    def token(self) -> Token:
        """
        The access token.

        :raises SealBroken: if no key of this site opens it.
        """
        return Token(key=self.key, secret=self.secret)

    @token.setter
    def token(self, token: Token) -> None:
        self.key, self.secret = token.key, token.secret
        self.fingerprint = fingerprint(token.key)

    @property
    def needs_reconnect(self) -> bool:
        """
        Whether only connecting again helps: the Trove said so, the token can't be opened, or was
        given to a key that isn't this site's any more.
        """
        return self.health == Health.NEEDS_RECONNECT

    @property
    def health(self) -> Health:
        """
        How it fares: degraded is a token that holds, whose last call failed all the same.
        """
        if self.state != self.State.ACTIVE or not self._can_decrypt or not self.has_valid_app_key:
            return Health.NEEDS_RECONNECT
        return Health.DEGRADED if self.trouble else Health.CONNECTED

    @property
    def reason(self) -> str:
        """
        Why it fares no better, in words for its user; "" where all is well.
        """
        if self.health == Health.CONNECTED:
            return ""
        if self.state != self.State.ACTIVE:
            return str(Failure.REVOKED.label)
        if not self._can_decrypt:
            return str(Failure.SEALED.label)
        if not self.has_valid_app_key:
            return str(Failure.OTHER_KEY.label)
        known = self.trouble in Failure.values  # a later release may have written it
        return str((Failure(self.trouble) if known else Failure.DOWN).label)

    @property
    def last_success_at(self) -> datetime:
        """
        When a call last went well; connecting is one.
        """
        return max(self.connected_at, self.last_used_at or self.connected_at)

    @property
    def content_names(self) -> list[str]:
        """
        What the person shows this site, in their language.
        """
        return [str(CONTENT_LABELS.get(name, name)) for name in self.content_types]

    @property
    def _can_decrypt(self) -> bool:
        try:
            return bool(self.token.key)
        except DecryptionError:
            return False

    @property
    def has_valid_app_key(self) -> bool:
        """
        Whether the key that the token was given to is one of this site's still.
        """
        return conf.has_app_key(self.app_key)

    def record_revoked(self, reason: str) -> bool:
        """
        Write down that the token no longer works, unless the account was connected anew meanwhile.

        :returns: whether this was news.
        """
        self.state, self.last_error = self.State.NEEDS_RECONNECT, reason[:MAX_TEXT_LENGTH]
        self.trouble = Failure.REVOKED
        active = TroveAccount.objects.same_grant(self).filter(state=self.State.ACTIVE)
        written = {"trouble": self.trouble, "last_error": self.last_error}
        return bool(active.update(state=self.state, **written))

    def record_failure(self, reason: str, trouble: Failure = Failure.DOWN) -> None:
        """
        Write down why the last call failed, where that isn't known yet.

        :param reason: in the client's words.
        :param trouble: what that is to the person.
        """
        if (self.last_error, self.trouble) != (reason[:MAX_TEXT_LENGTH], trouble):
            self.last_error, self.trouble = reason[:MAX_TEXT_LENGTH], trouble
            written = {"trouble": self.trouble, "last_error": self.last_error}
            TroveAccount.objects.same_grant(self).update(**written)

    def record_success(self) -> None:
        """
        Write down that a call went well, every five minutes at most.
        """
        now = timezone.now()
        recent = self.last_used_at is not None and now - self.last_used_at < LAST_USED_INTERVAL
        if not recent or self.trouble or self.last_error:
            self.last_used_at, self.last_error, self.trouble = now, "", ""
            same = TroveAccount.objects.same_grant(self)
            same.update(last_used_at=now, last_error="", trouble="")
