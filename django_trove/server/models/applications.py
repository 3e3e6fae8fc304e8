"""
The applications that may ask people for access.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from django_trove.core.encryption import DecryptionError, EncryptedTextField

from ...core.encryption import KEY_LENGTH, random_key
from ..redirect_uris import OUT_OF_BAND, get_origin, is_registered_uri, validate_redirect_uri

RESERVED_SERVICES = frozenset({"facebook", "flickr", "folder", "google", "smugmug"})
"""Names of services, which no application may push under."""

SLUG_LENGTH = 40
SECRET_GRACE_SECONDS = 86_400


def validate_callbacks(callbacks: Any) -> None:
    """
    Refuse an allow list with an address in it that nobody should register.

    :raises ValidationError: with the reason.
    """
    if not isinstance(callbacks, (list, tuple)):
        raise ValidationError(_('Callbacks are a list, such as ["https://site/callback/"].'))
    for callback in callbacks:
        validate_redirect_uri(callback)


class ApplicationQuerySet(models.QuerySet["Application"]):
    """
    Verbs on applications.
    """

    def active(self) -> ApplicationQuerySet:
        """
        Those that may sign.
        """
        return self.filter(active=True)

    def register(self, name: str, **fields: Any) -> Application:
        """
        Make an application with a key and a secret of its own.

        :raises ValidationError: if a callback can't be registered.
        """
        key = random_key()
        application = Application(name=name, key=key, slug=self._free_slug(name, key), **fields)
        application.secret = random_key()
        application.full_clean()
        application.save(force_insert=True)
        return application

    def _free_slug(self, name: str, key: str) -> str:
        """
        Return a service name that no service and no other application has.
        """
        slug = slugify(name)[:SLUG_LENGTH] or "application"
        taken = slug in RESERVED_SERVICES or self.filter(slug=slug).exists()
        return f"{slug}-{key[:8].lower()}" if taken else slug


class Application(models.Model):
    """
    A web site or program that may ask people for access.
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH, unique=True, editable=False)
    secret = EncryptedTextField(_("secret"), bound_to="key")
    previous_secret = EncryptedTextField(bound_to="key", null=True)
    previous_secret_until = models.DateTimeField(null=True, editable=False)
    slug = models.SlugField(
        _("service name"),
        max_length=50,
        unique=True,
        editable=False,
        help_text=_("The service that what it pushes belongs to."),
    )
    name = models.CharField(_("name"), max_length=100)
    contact = models.CharField(
        _("contact"), max_length=200, blank=True, help_text=_("Who answers for it.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    callbacks = models.JSONField(
        _("callbacks"),
        default=list,
        blank=True,
        validators=[validate_callbacks],
        help_text=_("Where people may be sent back to, exactly as the application asks for it."),
    )
    allow_oob = models.BooleanField(
        _("out of band"), default=False, help_text=_("It may show people a code to type in.")
    )
    allow_oauth10 = models.BooleanField(
        _("OAuth Core 1.0"),
        default=False,
        help_text=_(
            "Let it in without a callback at the request token and without a verifier, as clients "
            "of 2010 come. Somebody who tricks a person into saying yes can then take the token: "
            "leave it off unless such a client can't be replaced."
        ),
    )
    verified = models.BooleanField(
        _("verified"), default=False, help_text=_("You know who answers for it.")
    )
    active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """
        Take any way to write nothing as an empty list.
        """
        self.callbacks = self.callbacks or []

    @property
    def label(self) -> str:
        """
        The name without control characters and without those that turn the direction of text.
        """
        shown = (c for c in self.name if unicodedata.category(c)[0] != "C")
        return " ".join("".join(shown).split()) or self.key

    @property
    def grace_secret(self) -> str | None:
        """
        The previous secret, as long as it holds.
        """
        until = self.previous_secret_until
        holds = until is not None and timezone.now() < until
        return self.previous_secret if holds else None

    def rotate_secret(self) -> str:
        """
        Give the application another secret. The old one holds for a while, so that nothing stops
        before its settings are changed; one that was older still, or doesn't open, holds no more.

        :returns: the new secret, which is shown once.
        """
        try:
            self.previous_secret = self.secret
            self.previous_secret_until = timezone.now() + timedelta(seconds=SECRET_GRACE_SECONDS)
        except DecryptionError:
            self.previous_secret = self.previous_secret_until = None
        self.secret = random_key()
        self.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
        return str(self.secret)

    @property
    def default_callback(self) -> str:
        """
        Where people go back to from an application that names no callback, as OAuth Core 1.0 has
        it; empty where it may not come so.
        """
        if not self.allow_oauth10:
            return ""
        return str(self.callbacks[0]) if self.callbacks else OUT_OF_BAND * self.allow_oob

    def allows_callback(self, callback: str) -> bool:
        """
        Return whether people may be sent back there.
        """
        if callback == OUT_OF_BAND:
            return self.allow_oob
        return any(is_registered_uri(registered, callback) for registered in self.callbacks)

    def allows_return_to(self, url: str) -> bool:
        """
        Return whether an address lies on the same host as one of the callbacks.
        """
        return any(
            is_registered_uri(get_origin(known), get_origin(url))
            for known in self.callbacks
            if get_origin(url)
        )
