"""
People's accounts on services, and the links by which they add one.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_trove.sealed import EncryptedTextField, encrypted_fields

from ..keys import random_key
from .applications import Application
from .sweeping import delete_expired
from .syncing import Synced, SyncedQuerySet

__all__ = ["AddLink", "Identity", "Library", "display_name"]

LINK_SECONDS = 3600


def display_name(user: Any) -> str:
    """
    Return what to call a person, whatever the user model.
    """
    full = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return str(full or user.get_username())


class IdentityQuerySet(SyncedQuerySet["Identity"]):
    """
    Verbs on people's accounts.
    """

    def of(self, user: Any) -> IdentityQuerySet:
        """
        One person's, the oldest first.
        """
        return self.filter(user=user).order_by("pk")

    def leaving(self) -> IdentityQuerySet:
        """
        Those that are being removed.
        """
        return self.filter(state=Identity.State.LEAVING)

    def leave(self) -> None:
        """
        Begin to remove them. A worker that looks at one of them loses its lease.
        """
        self.update(state=Identity.State.LEAVING, lease="", lease_until=None)

    def keep_token(self, identity: Identity, before: str | None) -> bool:
        """
        Write an account's token if its row still has the one from before.

        :param before: as it stands in the database, sealed.
        :returns: whether it was so.
        """
        (field,) = encrypted_fields(Identity)
        unchanged = self.filter(pk=identity.pk, token=before)
        return bool(unchanged.update(token=field.sealed(identity)))

    def add(self, user: Any, service: str, service_id: str, **fields: Any) -> tuple[Identity, bool]:
        """
        Add an account, or find it where the person has it already.

        :returns: it, and whether it is new.
        """
        return self.get_or_create(
            user=user, service=service, service_id=service_id, defaults=fields
        )


class Identity(Synced):
    """
    A person's account on a service.

    :param settings: what its connector needs, such as a folder's path; "pushed" for an account at
        an application, which has no connector.
    """

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


class LibraryQuerySet(models.QuerySet["Library"]):
    """
    Verbs on libraries.
    """

    def touch(self, user_id: Any) -> None:
        """
        Say that a person's items change. Until the transaction ends, nobody else changes them: it
        is an update, and comes first, so that others wait on SQLite too.
        """
        mine = self.filter(user=user_id)
        if not mine.update(version=F("version") + 1):
            self.bulk_create([Library(user_id=user_id)], ignore_conflicts=True)
            mine.update(version=F("version") + 1)


class Library(models.Model):
    """
    All that a person has here.

    :param version: another one whenever an item changes: what was counted before holds no more.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.BigIntegerField(default=0)

    objects = LibraryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("libraries")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


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
