"""
The tokens that people and applications hold together.

Secrets have to be read back to check a signature (RFC 5849, section 3.4.2), so they are sealed and
not hashed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_trove.core.encryption import KEY_LENGTH, EncryptedTextField, random_key

from .applications import Application

MAX_WRONG_VERIFIERS = 5  # after that, a request token is invalid
CLEANUP_INTERVAL = 50
CLEANUP_BATCH_SIZE = 1000


def delete_expired(
    rows: models.QuerySet[Any], field: str = "expires", age: timedelta = timedelta(0)
) -> None:
    """
    Delete a batch of rows whose time in `field` is more than `age` ago, on average in one of
    `CLEANUP_INTERVAL` calls.
    """
    if secrets.randbelow(CLEANUP_INTERVAL) == 0:
        expired = rows.filter(**{f"{field}__lt": timezone.now() - age}).values_list("pk", flat=True)
        rows.filter(pk__in=list(expired[:CLEANUP_BATCH_SIZE])).delete()


class RequestTokenQuerySet(models.QuerySet["RequestToken"]):
    """
    Verbs on request tokens.
    """

    def alive(self) -> RequestTokenQuerySet:
        """
        Those that still lead somewhere.
        """
        return self.filter(
            used_at=None,
            expires__gt=timezone.now(),
            application__active=True,
            wrong_verifiers__lt=MAX_WRONG_VERIFIERS,
        )

    def undecided(self) -> RequestTokenQuerySet:
        """
        Those that a person can still say yes or no to.
        """
        return self.alive().filter(approved_at=None)

    def exchangeable(self) -> RequestTokenQuerySet:
        """
        Those whose person said yes.
        """
        return self.alive().filter(approved_at__isnull=False, user__is_active=True)

    def claim(self, token: RequestToken) -> bool:
        """
        Use a token up. Of two who try at once, one succeeds.
        """
        mine = self.filter(pk=token.pk, used_at=None, approved_at__isnull=False)
        return bool(mine.update(used_at=timezone.now()))

    def approve(
        self, token: RequestToken, user: Any, content_types: list[str], *, share_email: bool
    ) -> str | None:
        """
        Say yes, once.

        :param content_types: what was granted of those that were asked for.
        :returns: the verifier; None if it was decided or died meanwhile.
        """
        token.verifier = random_key()
        field: Any = RequestToken._meta.get_field("verifier")
        undecided = RequestToken.objects.filter(pk__in=self.undecided().filter(pk=token.pk))
        changed = undecided.filter(approved_at=None).update(
            approved_at=timezone.now(),
            user=user,
            content_types=content_types,
            share_email=share_email,
            verifier=field.ciphertext(token),
        )
        return token.verifier if changed else None

    def count_wrong_verifier(self, token: RequestToken) -> None:
        """
        Remember that a verifier was guessed at.
        """
        self.filter(pk=token.pk).update(wrong_verifiers=F("wrong_verifiers") + 1)


class RequestToken(models.Model):
    """
    An application's question to a person (RFC 5849, section 2.1). It is bound to nobody until
    somebody says yes.

    :param allow_oauth10: it was asked for without a callback and is exchanged without a verifier, as in
        OAuth Core 1.0.
    """

    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    secret = EncryptedTextField(bound_to="key")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="request_tokens"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    content_types = models.JSONField(default=list)
    share_email = models.BooleanField(default=False)
    callback = models.TextField()
    allow_oauth10 = models.BooleanField(default=False)
    verifier = EncryptedTextField(bound_to="key", null=True)
    wrong_verifiers = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(db_index=True)
    approved_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    objects = RequestTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("request token")
        verbose_name_plural = _("request tokens")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """
    Verbs on access tokens.
    """

    def valid(self) -> AccessTokenQuerySet:
        """
        Those that open something now.
        """
        return self.filter(revoked_at=None, user__is_active=True, application__active=True)

    def opening(self, client_key: str, key: str) -> AccessToken | None:
        """
        Return the token by which an application asks, with both whom it is for.
        """
        valid = self.valid().select_related("user", "application")
        return valid.filter(key=key, application__key=client_key).first()

    def revoke(self) -> int:
        """
        Take them back, at once.
        """
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class AccessToken(models.Model):
    """
    A person's yes to an application (RFC 5849, section 2.3).
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH, unique=True)
    secret = EncryptedTextField(bound_to="key")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="access_tokens"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trove_access_tokens"
    )
    content_types = models.JSONField(_("content types"), default=list)
    share_email = models.BooleanField(_("sees the e-mail address"), default=False)
    created = models.DateTimeField(_("created"), default=timezone.now)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class Nonce(models.Model):
    """
    A signed request that was answered, so that it isn't answered again (RFC 5849, section 3.3).
    """

    digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
