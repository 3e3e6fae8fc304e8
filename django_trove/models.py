"""
A user's connection to their Trove.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .client.token import Token
from .conf import conf
from .core.compiled import CompiledQuery, Parameter
from .core.database import PrimaryManager, atomic, run_despite_rollback, write_alias
from .core.encryption import DecryptionError, EncryptedTextField, fingerprint
from .core.users import is_active
from .health import Failure, Health

LAST_USED_INTERVAL = timedelta(minutes=5)
MAX_TEXT_LENGTH = 255

CONTENT_LABELS = {
    "photos": _("photos"),
    "videos": _("videos"),
    "status": _("status updates"),
    "checkins": _("check-ins"),
    "friends": _("friends"),
}


def to_moment(seconds: float | None) -> datetime | None:
    """
    Return a datetime that is aware if `USE_TZ` is set, as those of models.
    """
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment if settings.USE_TZ else timezone.make_naive(moment)


class TroveAccountQuerySet(models.QuerySet["TroveAccount"]):
    def of(self, user: Any) -> TroveAccount | None:
        """
        Return the user's account, or None if there is none, or the user is anonymous or inactive.
        """
        return _account_of_user.first(self.db, user=user.pk) if is_active(user) else None

    def same_grant(self, account: TroveAccount) -> Self:
        """
        Filter for the account, unless the user has reconnected since it was read.
        """
        return self.filter(
            pk=account.pk, fingerprint=account.fingerprint, connected_at=account.connected_at
        )

    def in_health(self, health: str) -> Self:
        """
        Filter by status. Tokens that cannot be decrypted are not detected.
        """
        if health == Health.NEEDS_RECONNECT:
            return self.exclude(state=TroveAccount.State.ACTIVE)
        active = self.filter(state=TroveAccount.State.ACTIVE)
        if health == Health.DEGRADED:
            return active.exclude(failure="")
        return active.filter(failure="")


class TroveAccount(models.Model):
    """
    A user's access token and its status.

    :param key: the access token, encrypted.
    :param secret: the token secret, encrypted; in version 2 of the protocol, the refresh token.
    :param expires_at: when the access token expires; None in version 1.
    :param refreshing_until: set while a process refreshes the access token.
    :param fingerprint: a hash of the first key. Two users cannot share a token.
    :param app_key: the application key that the token was issued to.
    :param content_types: the content types that were requested.
    :param name: the user's name at the Trove.
    :param identities: the user's accounts on services at the time of connecting, each as
        [service, id].
    :param last_used_at: accurate to five minutes. Cached responses do not count.
    :param failure: the reason why the last call failed (`Failure`), or "" if it succeeded.
    :param last_error: the error message of the last call, for operators.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Connected")
        NEEDS_RECONNECT = "needs_reconnect", _("Reconnect required")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="trove_account",
        verbose_name=_("user"),
    )
    key = EncryptedTextField(bound_to="user_id")
    secret = EncryptedTextField(bound_to="user_id")
    expires_at = models.DateTimeField(null=True, editable=False)
    refreshing_until = models.DateTimeField(null=True, editable=False)
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
    failure = models.CharField(_("failure"), max_length=20, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=MAX_TEXT_LENGTH, blank=True)

    objects = PrimaryManager.from_queryset(TroveAccountQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("Trove account")
        verbose_name_plural = _("Trove accounts")

    def __str__(self) -> str:
        return f"{self.name or 'Trove'} ({self.user_id})"

    @property
    def token(self) -> Token:
        """
        The access token.

        :raises DecryptionError: if no key of this site decrypts it.
        """
        expires_at = self.expires_at.timestamp() if self.expires_at else None
        return Token(key=self.key, secret=self.secret, expires_at=expires_at)

    @token.setter
    def token(self, token: Token) -> None:
        self.key, self.secret = token.key, token.secret
        self.expires_at = to_moment(token.expires_at)
        self.fingerprint = fingerprint(token.key)

    @property
    def health(self) -> Health:
        """
        The status of the account.
        """
        if self.state != self.State.ACTIVE or not self._can_decrypt or not self.has_valid_app_key:
            return Health.NEEDS_RECONNECT
        return Health.DEGRADED if self.failure else Health.CONNECTED

    @property
    def needs_reconnect(self) -> bool:
        """
        Whether the user must reconnect: the token was revoked, cannot be decrypted, or was issued
        to an application key that the site no longer has.
        """
        return self.health == Health.NEEDS_RECONNECT

    @property
    def reason(self) -> str:
        """
        The reason for the status, as a message for the user; "" if the account is connected.
        """
        if self.health == Health.CONNECTED:
            return ""
        if self.state != self.State.ACTIVE:
            return str(Failure.REVOKED.label)
        if not self._can_decrypt:
            return str(Failure.UNDECRYPTABLE.label)
        if not self.has_valid_app_key:
            return str(Failure.OTHER_KEY.label)
        is_known = self.failure in Failure.values  # a later release may have other values
        return str((Failure(self.failure) if is_known else Failure.UNAVAILABLE).label)

    @property
    def last_success_at(self) -> datetime:
        """
        The time of the last successful call, or of the connection.
        """
        return max(self.connected_at, self.last_used_at or self.connected_at)

    @property
    def content_names(self) -> list[str]:
        """
        The names of the content types that the user shares with the site, translated.
        """
        return [str(CONTENT_LABELS.get(name, name)) for name in self.content_types]

    @property
    def has_valid_app_key(self) -> bool:
        """
        Whether the site still has the application key that the token was issued to.
        """
        return conf.has_app_key(self.app_key)

    @property
    def _can_decrypt(self) -> bool:
        try:
            return bool(self.token.key)
        except DecryptionError:
            return False

    def move_to(self, user: Any) -> None:
        """
        Move the account to another user, and encrypt its token for that user.

        :raises DecryptionError: if no key of this site decrypts the token.
        :raises IntegrityError: if the user has an account.
        """
        token = self.token
        self.user, self.token = user, token
        with atomic(TroveAccount):
            self.save(update_fields=["user", "key", "secret"])

    def record_revoked(self, reason: str) -> bool:
        """
        Store that the token is no longer valid, unless the user has reconnected in the meantime.

        :returns: whether the state changed.
        """
        self.state, self.last_error = self.State.NEEDS_RECONNECT, reason[:MAX_TEXT_LENGTH]
        self.failure = Failure.REVOKED
        active = TroveAccount.objects.same_grant(self).filter(state=self.State.ACTIVE)
        return bool(
            active.update(state=self.state, failure=self.failure, last_error=self.last_error)
        )

    def record_failure(self, reason: str, failure: Failure = Failure.UNAVAILABLE) -> None:
        """
        Store why the last call failed, if it is not stored already.

        :param reason: the message for operators.
        """
        if (self.last_error, self.failure) != (reason[:MAX_TEXT_LENGTH], failure):
            self.last_error, self.failure = reason[:MAX_TEXT_LENGTH], failure
            self._update(failure=self.failure, last_error=self.last_error)

    def record_success(self) -> None:
        """
        Store that a call succeeded, at most every five minutes.
        """
        now = timezone.now()
        recent = self.last_used_at is not None and now - self.last_used_at < LAST_USED_INTERVAL
        if not recent or self.failure or self.last_error:
            self.last_used_at, self.last_error, self.failure = now, "", ""
            self._update(last_used_at=now, last_error="", failure="")

    @property
    def is_current(self) -> bool:
        """
        Whether the user has not disconnected or reconnected since the account was read.
        """
        stored = _account_of_user.first(write_alias(TroveAccount), user=self.user_id)
        return stored is not None and (self.pk, self.fingerprint, self.connected_at) == (
            stored.pk,
            stored.fingerprint,
            stored.connected_at,
        )

    def _update(self, **fields: Any) -> None:
        same_grant = TroveAccount.objects.same_grant(self)
        run_despite_rollback(partial(same_grant.update, **fields), TroveAccount)


def _accounts_of_user() -> models.QuerySet[TroveAccount]:
    user = TroveAccount._meta.get_field("user")
    return TroveAccount.objects.filter(user_id=Parameter("user", user))


_account_of_user = CompiledQuery(_accounts_of_user)
