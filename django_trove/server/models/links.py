"""
One-time links to add an account at a service.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ...core.database import PrimaryManager
from ...core.encryption import random_key
from .applications import Application
from .tokens import delete_expired

LINK_SECONDS = 3600


class AddLinkQuerySet(models.QuerySet["AddLink"]):
    def issue(self, **fields: Any) -> str:
        """
        Create a link, and return its token. Only a digest of the token is stored.
        """
        delete_expired(AddLink.objects)
        token = random_key()
        expires = timezone.now() + timedelta(seconds=LINK_SECONDS)
        self.create(digest=hash_link_token(token), expires=expires, **fields)
        return token

    def open(self, token: str) -> AddLinkQuerySet:
        """
        Filter the link of a token, if it has not expired, and if it is unused or its user has not
        decided about the application.
        """
        is_open = Q(used_at=None) | ~Q(consent_path="")
        return self.filter(is_open, digest=hash_link_token(token), expires__gt=timezone.now())

    def close(self, user: Any, consent_path: str) -> None:
        """
        Delete the link of a consent page, after the user's decision.
        """
        self.filter(user=user, consent_path=consent_path).delete()


class AddLink(models.Model):
    """
    A one-time link to add an account (protocol, section 3.6).

    :param user: None until a user opens a link of section 3.7.
    :param application: None for a link that the user created.
    :param consent_path: of a link of section 3.7: the consent page that follows. Until the user
        decides there, the used link redirects to it.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    application = models.ForeignKey(Application, null=True, on_delete=models.CASCADE)
    service = models.CharField(max_length=50)
    redirect_url = models.TextField(blank=True)
    consent_path = models.TextField(blank=True)
    expires = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = PrimaryManager.from_queryset(AddLinkQuerySet)()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    def bind(self, user: Any) -> AddLink:
        """
        Bind a link without a user to this user. Only the first of concurrent calls succeeds.

        :returns: the updated link.
        """
        rows = AddLink.objects.filter(pk=self.pk)
        rows.filter(user=None).update(user=user)
        return rows.select_related("application").get()

    def use(self) -> bool:
        """
        Mark the link as used. Only the first of concurrent calls returns True.
        """
        unused = AddLink.objects.filter(pk=self.pk, used_at=None)
        return bool(unused.update(used_at=timezone.now()))


def hash_link_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
