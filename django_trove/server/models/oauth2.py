"""
Authorization codes and refresh tokens of OAuth 2 (RFC 6749). The access tokens of both versions are
in one table (`AccessToken`).

A code or token is "key.secret": the key finds the row, and the secret is encrypted like those of
version 1.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_trove.core.database import PrimaryManager, atomic
from django_trove.core.encryption import KEY_LENGTH, DecryptionError, EncryptedTextField, random_key

from .applications import Application
from .tokens import AccessToken, RequestToken, delete_expired

REVOKED_RETENTION = timedelta(days=30)


def issue_token(key: str = "") -> str:
    """
    Return a random code or token.

    :param key: the key of an existing row whose secret is replaced.
    """
    return f"{key or random_key()}.{random_key()}"


@sensitive_variables()
def split_token(token: str) -> tuple[str, str]:
    key, _, secret = token.partition(".")
    return key, secret


@sensitive_variables()
def find_by_token(rows: models.QuerySet[Any], token: str) -> Any:
    """
    Return the row of a code or token, or None.
    """
    key, secret = split_token(token)
    if not (key.isascii() and key.isalnum()):
        return None
    row = rows.filter(key=key).first()
    return row if row and _has_secret(row, secret) else None


@sensitive_variables()
def _has_secret(row: Any, secret: str) -> bool:
    """
    Compare the secret of a row in constant time.
    """
    try:
        return hmac.compare_digest(row.secret.encode(), secret.encode())
    except DecryptionError:
        return False


class CredentialQuerySet(models.QuerySet[Any]):
    @sensitive_variables()
    def find(self, token: str) -> Any:
        """
        Return the row of a code or token, also if it is used or expired, or None.
        """
        return find_by_token(self, token)

    def claim(self, row: Any) -> bool:
        """
        Mark a row as used. Only the first of concurrent calls returns True.
        """
        unused = self.filter(pk=row.pk, used_at=None, expires__gt=timezone.now())
        return bool(unused.update(used_at=timezone.now()))


class Credential(models.Model):
    """
    A code or token that can be used once.
    """

    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    secret = EncryptedTextField(bound_to="key")
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = PrimaryManager.from_queryset(CredentialQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    @classmethod
    @sensitive_variables()
    def from_token(cls, token: str, **fields: Any) -> Self:
        """
        Create the row of an issued code or token.
        """
        key, secret = split_token(token)
        row = cls(key=key, secret=secret, **fields)
        row.save(force_insert=True)
        return row


class AuthorizationCode(Credential):
    """
    A user's authorization that the application has not yet exchanged (RFC 6749, section 4.1.2).

    :param redirect_uri: of the authorization request; empty if it had none.
    :param code_challenge: of PKCE with S256 (RFC 7636); empty if it had none.
    :param access_token: the token that was issued for the code. It is revoked if the code is used
        again.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content_types = models.JSONField(default=list)
    share_email = models.BooleanField(default=False)
    redirect_uri = models.TextField(blank=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    access_token = models.ForeignKey(
        AccessToken, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta(Credential.Meta):
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")


class RefreshToken(Credential):
    """
    Each refresh uses a token and issues the next one. If a token is used again, its access token is
    revoked (RFC 9700, section 4.14.2).
    """

    access_token = models.ForeignKey(
        AccessToken, on_delete=models.CASCADE, related_name="refresh_tokens"
    )

    class Meta(Credential.Meta):
        verbose_name = _("refresh token")
        verbose_name_plural = _("refresh tokens")


def usable_tokens() -> Q:
    """
    Return the condition for access tokens that are not revoked, and, in version 2, are not expired
    or can be refreshed.
    """
    now = timezone.now()
    tokens = RefreshToken.objects.filter(access_token=OuterRef("pk"), used_at=None, expires__gt=now)
    return Q(revoked_at=None) & (Q(expires=None) | Q(expires__gt=now) | Q(Exists(tokens)))


def delete_expired_tokens() -> None:
    """
    Delete refresh tokens that are expired, access tokens whose refresh tokens are, and access
    tokens that were revoked long ago.
    """
    delete_expired(RefreshToken.objects)
    delete_expired(AccessToken.objects.filter(version=2, refresh_tokens=None))
    delete_expired(AccessToken.objects, "revoked_at", REVOKED_RETENTION)


def delete_pending_authorizations(**conditions: Any) -> None:
    """
    Delete authorization codes and request tokens, after waiting for concurrent exchanges. Call this
    before access tokens are revoked or deleted, so that those of the exchanges are included.
    """
    for model in (AuthorizationCode, RequestToken):
        model.objects.filter(**conditions).delete()


def revoke_reused_code(code: AuthorizationCode) -> None:
    """
    Revoke the access token of a code, and delete the code, after waiting for a concurrent exchange.
    """
    codes = AuthorizationCode.objects.filter(pk=code.pk)
    with atomic(AuthorizationCode):
        codes.update(used_at=timezone.now())
        AccessToken.objects.filter(pk__in=codes.values("access_token")).revoke()
        codes.delete()
