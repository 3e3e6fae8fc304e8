from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from ...core.encryption import random_key
from .applications import Application
from .tokens import delete_expired

LINK_SECONDS = 3600


class AddLinkQuerySet(models.QuerySet["AddLink"]):
    """
    Verbs on one-time links.
    """

    def issue(self, **fields: Any) -> str:
        """
        Make a link, and return its token: only a digest of it is kept.
        """
        delete_expired(AddLink.objects.all())
        token = random_key()
        expires = timezone.now() + timedelta(seconds=LINK_SECONDS)
        self.create(digest=hash_link_token(token), expires=expires, **fields)
        return token

    def open(self, token: str) -> AddLinkQuerySet:
        """
        The link of this token, while it is good.
        """
        return self.filter(digest=hash_link_token(token), used_at=None, expires__gt=timezone.now())


class AddLink(models.Model):
    """
    A one-time link by which a person adds an account (protocol, "add a service").

    :param user: who it is for; None for somebody who has no Trove yet.
    :param application: who asked for it; None for the person themself.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    application = models.ForeignKey(Application, null=True, on_delete=models.CASCADE)
    service = models.CharField(max_length=50)
    redirect_url = models.TextField(blank=True)
    expires = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = AddLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    def bound_to(self, user: Any) -> AddLink:
        """
        Make a link that is for nobody yet this person's. Of two who try at once, one succeeds.

        :returns: the link as it is then.
        """
        links = AddLink.objects.filter(pk=self.pk)
        links.filter(user=None).update(user=user)
        return links.select_related("application").get()

    def use(self) -> bool:
        """
        Use the link up. Of two who try at once, one succeeds.
        """
        unused = AddLink.objects.filter(pk=self.pk, used_at=None)
        return bool(unused.update(used_at=timezone.now()))


def hash_link_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
