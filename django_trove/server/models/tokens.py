"""
OAuth tokens and nonces.

Verifying a signature requires the plain secret (RFC 5849, section 3.4.2), so secrets are encrypted
and not hashed.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connections, models
from django.db.models import F
from django.db.models.constants import OnConflict
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from django_trove.core.compiled import CompiledQuery, Parameter
from django_trove.core.database import PrimaryManager, get_connection, write_alias
from django_trove.core.encryption import KEY_LENGTH, EncryptedTextField, random_key
from django_trove.core.users import is_active

from ..redirect_uris import OUT_OF_BAND
from .applications import Application

MAX_WRONG_VERIFIERS = 5  # after that, a request token is invalid
CODE_LENGTH = 9
CODE_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1
CLEANUP_INTERVAL = 50
CLEANUP_BATCH_SIZE = 1000


def random_code() -> str:
    """
    Return a verifier that a user can type: 9 characters, about 44 bits. A request token accepts
    `MAX_WRONG_VERIFIERS` attempts.
    """
    return get_random_string(CODE_LENGTH, CODE_CHARACTERS)


def delete_expired(
    rows: models.Manager[Any] | models.QuerySet[Any],
    field: str = "expires",
    age: timedelta = timedelta(0),
) -> None:
    """
    Delete a batch of rows whose time in `field` is more than `age` ago, on average in one of
    `CLEANUP_INTERVAL` calls.
    """
    if secrets.randbelow(CLEANUP_INTERVAL) == 0:
        before = {f"{field}__lt": timezone.now() - age}
        expired = rows.filter(**before).values_list("pk", flat=True)
        rows.filter(pk__in=list(expired[:CLEANUP_BATCH_SIZE])).delete()


class RequestTokenQuerySet(models.QuerySet["RequestToken"]):
    def alive(self) -> RequestTokenQuerySet:
        """
        Filter tokens that are unused, unexpired and not blocked by wrong verifiers.
        """
        return self.filter(
            used_at=None,
            expires__gt=timezone.now(),
            application__active=True,
            wrong_verifiers__lt=MAX_WRONG_VERIFIERS,
        )

    def undecided(self) -> RequestTokenQuerySet:
        """
        Filter tokens that a user can still authorize or deny.
        """
        return self.alive().filter(approved_at=None)

    def exchangeable(self) -> RequestTokenQuerySet:
        """
        Filter authorized tokens, also those of inactive users.
        """
        return self.alive().filter(approved_at__isnull=False)

    def claim(self, token: RequestToken) -> bool:
        """
        Mark a token as used. Only the first of concurrent calls returns True.
        """
        unused = self.filter(pk=token.pk, used_at=None, approved_at__isnull=False)
        return bool(unused.update(used_at=timezone.now()))

    def approve(
        self, token: RequestToken, user: Any, content_types: list[str], *, share_email: bool
    ) -> str | None:
        """
        Authorize a token.

        :param content_types: the granted content types.
        :returns: the verifier; None if the token was decided or has expired in the meantime.
        """
        token.verifier = random_key() if token.callback != OUT_OF_BAND else random_code()
        field: Any = RequestToken._meta.get_field("verifier")
        changed = self._undecided_row(token).update(
            approved_at=timezone.now(),
            user=user,
            content_types=content_types,
            share_email=share_email,
            verifier=field.ciphertext(token),
        )
        return token.verifier if changed else None

    def deny(self, token: RequestToken) -> bool:
        """
        Let a token expire, so that it cannot be authorized. Return False if it was decided or has
        expired in the meantime.
        """
        return bool(self._undecided_row(token).update(expires=F("created")))

    def _undecided_row(self, token: RequestToken) -> RequestTokenQuerySet:
        """
        After waiting for a concurrent decision, a database evaluates the conditions on the row
        again, but not those of the subquery.
        """
        rows = RequestToken.objects.filter(pk__in=self.undecided().filter(pk=token.pk))
        return rows.filter(approved_at=None, expires__gt=F("created"))

    def count_wrong_verifier(self, token: RequestToken) -> None:
        self.filter(pk=token.pk).update(wrong_verifiers=F("wrong_verifiers") + 1)


class RequestToken(models.Model):
    """
    Temporary credentials of an application (RFC 5849, section 2.1). They have no user until one
    authorizes them.

    :param allow_oauth10: requested without a callback and exchanged without a verifier (protocol,
        section 2.8).
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

    objects = PrimaryManager.from_queryset(RequestTokenQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("request token")
        verbose_name_plural = _("request tokens")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    @property
    def consent_path(self) -> str:
        """
        The path of the page on which a user authorizes the token.
        """
        return f"{reverse('trove_server:authorize')}?{urlencode({'oauth_token': self.key})}"


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def valid(self) -> AccessTokenQuerySet:
        """
        Filter tokens that are not revoked, with an active application, also those of inactive
        users.
        """
        return self.filter(revoked_at=None, application__active=True)

    def revoke(self) -> int:
        """
        Revoke the tokens, and return their number.
        """
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class AccessToken(models.Model):
    """
    A user's authorization of an application (RFC 5849, section 2.3; RFC 6749, section 1.4).

    :param version: the version of the protocol. In version 2, `secret` is the second part of the
        bearer token. A refresh replaces it.
    :param expires: None in version 1.
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH, unique=True)
    secret = EncryptedTextField(bound_to="key")
    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="access_tokens"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trove_access_tokens"
    )
    version = models.PositiveSmallIntegerField(_("version of the protocol"), default=1)
    expires = models.DateTimeField(_("expires"), null=True)
    content_types = models.JSONField(_("content types"), default=list)
    share_email = models.BooleanField(_("shares the email address"), default=False)
    created = models.DateTimeField(_("created"), default=timezone.now)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    objects = PrimaryManager.from_queryset(AccessTokenQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


def find_access_token(client_key: str, key: str) -> AccessToken | None:
    """
    Return the valid token with this key of an application. Return None if there is none, or if its
    user is inactive. The query loads the user and the application, too.
    """
    token = _token_by_key.first(write_alias(AccessToken), client_key=client_key, key=key)
    return token if token and is_active(token.user) else None


def _tokens_by_key() -> models.QuerySet[AccessToken]:
    text = models.CharField[str, str]()
    valid = AccessToken.objects.valid().filter(version=1)
    return valid.filter(key=Parameter("key", text), application__key=Parameter("client_key", text))


_token_by_key = CompiledQuery(_tokens_by_key, related=["user", "application"])


class NonceManager(PrimaryManager["Nonce"]):
    def record(self, digest: str, seconds: int) -> bool:
        """
        Record a nonce for a time, and return False if it is already recorded. It is one statement,
        and no transaction.
        """
        connection = get_connection(Nonce)
        expires = timezone.now() + timedelta(seconds=seconds)
        with connection.cursor() as cursor:
            cursor.execute(
                _nonce_sql(connection.alias),
                [digest, connection.ops.adapt_datetimefield_value(expires)],
            )
            return bool(cursor.rowcount == 1)


@cache
def _nonce_sql(alias: str) -> str:
    operations = connections[alias].ops
    insert = operations.insert_statement(on_conflict=OnConflict.IGNORE)
    suffix = operations.on_conflict_suffix_sql([], OnConflict.IGNORE, [], [])
    return f"{insert} {Nonce._meta.db_table} (digest, expires) VALUES (%s, %s) {suffix}"


class Nonce(models.Model):
    """
    A used nonce, stored to reject replayed requests (RFC 5849, section 3.3).
    """

    digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField(db_index=True)

    objects = NonceManager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
