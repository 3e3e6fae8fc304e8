"""
A user's connection to their Trove.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .client.token import Token
from .sealed import SealBroken, SealedField, fingerprint

__all__ = ["TroveAccount", "TroveAccountQuerySet"]

USED_EVERY = timedelta(minutes=5)
MAX_TEXT = 255


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


class TroveAccount(models.Model):
    """
    One user's access token, and how it fares.

    :param key: the access token, sealed at rest.
    :param secret: its secret, sealed at rest.
    :param fingerprint: of the key; no two users share one grant.
    :param content_types: what was asked for.
    :param name: the person's name at the Trove.
    :param last_used_at: to the nearest five minutes; answers from the cache don't count.
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
    key = SealedField(bound_to="user_id")
    secret = SealedField(bound_to="user_id")
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    content_types = models.JSONField(_("content types"), default=list, blank=True)
    name = models.CharField(_("name at the Trove"), max_length=MAX_TEXT, blank=True)
    connected_at = models.DateTimeField(_("connected at"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.ACTIVE, db_index=True
    )
    last_error = models.CharField(_("last error"), max_length=MAX_TEXT, blank=True)

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
        Whether only connecting again helps: the Trove said so, or the token can't be opened.
        """
        if self.state != self.State.ACTIVE:
            return True
        try:
            return not self.token.key
        except SealBroken:
            return True

    def mark_rejected(self, reason: str) -> bool:
        """
        Write down that the token no longer works, unless the account was connected anew meanwhile.

        :returns: whether this was news.
        """
        self.state, self.last_error = self.State.NEEDS_RECONNECT, reason[:MAX_TEXT]
        active = TroveAccount.objects.same_grant(self).filter(state=self.State.ACTIVE)
        return bool(active.update(state=self.state, last_error=self.last_error))

    def mark_failed(self, reason: str) -> None:
        """
        Write down why the last call failed, where that isn't known yet.
        """
        if self.last_error != reason[:MAX_TEXT]:
            self.last_error = reason[:MAX_TEXT]
            TroveAccount.objects.same_grant(self).update(last_error=self.last_error)

    def mark_used(self) -> None:
        """
        Write down that a call went well, every five minutes at most.
        """
        now = timezone.now()
        recent = self.last_used_at is not None and now - self.last_used_at < USED_EVERY
        if not recent or self.last_error:
            self.last_used_at, self.last_error = now, ""
            TroveAccount.objects.same_grant(self).update(last_used_at=now, last_error="")
