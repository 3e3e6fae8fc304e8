"""
Registered applications.
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

from django_trove.core.database import PrimaryManager
from django_trove.core.encryption import DecryptionError, EncryptedTextField

from ...core.encryption import KEY_LENGTH, random_key
from ..connectors.registry import get_connector_classes
from ..redirect_uris import OUT_OF_BAND, get_origin, is_registered_uri, validate_redirect_uri

SLUG_LENGTH = 40
SECRET_GRACE_SECONDS = 86_400


def validate_callbacks(callbacks: Any) -> None:
    """
    Validate the list of redirect URIs.

    :raises ValidationError: if it is not a list of valid redirect URIs.
    """
    if not isinstance(callbacks, (list, tuple)):
        raise ValidationError(_('Enter a list of URLs, such as ["https://site/callback/"].'))
    for callback in callbacks:
        validate_redirect_uri(callback)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def active(self) -> ApplicationQuerySet:
        """
        Filter applications that may sign requests.
        """
        return self.filter(active=True)

    def register(self, name: str, **fields: Any) -> Application:
        """
        Create an application with a new key and secret.

        :param name: shown to users; its slug is the service name for pushed items.
        :param fields: other fields of the model.
        :raises ValidationError: if a field is invalid, such as a redirect URI.
        """
        key = random_key()
        application = Application(name=name, key=key, slug=self._free_slug(name, key), **fields)
        application.secret = random_key()
        application.full_clean()
        application.save(force_insert=True)
        return application

    def _free_slug(self, name: str, key: str) -> str:
        """
        Return a service name that neither a connector nor another application has.
        """
        slug = slugify(name)[:SLUG_LENGTH] or "application"
        in_use = slug in get_connector_classes() or self.filter(slug=slug).exists()
        return f"{slug}-{key[:8].lower()}" if in_use else slug


class Application(models.Model):
    """
    A web site or program that can request access to users' Troves.
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
        help_text=_("Service name of the items that the application pushes."),
    )
    name = models.CharField(_("name"), max_length=100)
    contact = models.CharField(
        _("contact"),
        max_length=200,
        blank=True,
        help_text=_("The person responsible for the application."),
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
        help_text=_("Allowed redirect URIs. They are compared exactly."),
    )
    allow_oob = models.BooleanField(
        _("out of band"),
        default=False,
        help_text=_("Allow callbacks with a code that the user types in."),
    )
    allow_oauth10 = models.BooleanField(
        _("OAuth Core 1.0"),
        default=False,
        help_text=_(
            "Allow requests without a callback and without a verifier, for clients of 2010. This "
            "permits session fixation: an attacker who makes a user authorize their request token "
            "gets access. Enable it only for a client that cannot be replaced."
        ),
    )
    allow_legacy_oauth2 = models.BooleanField(
        _("OAuth 2 of 2011"),
        default=False,
        help_text=_(
            "Allow authorization without state and PKCE, and access tokens in URLs, for clients of "
            "2011. This permits attacks on the callback, and URLs are written to logs. Enable it "
            "only for a client that cannot be replaced."
        ),
    )
    verified = models.BooleanField(
        _("verified"), default=False, help_text=_("You have verified the contact.")
    )
    active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = PrimaryManager.from_queryset(ApplicationQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """
        Replace empty values of the form field by an empty list.
        """
        self.callbacks = self.callbacks or []

    @property
    def label(self) -> str:
        """
        The name without control and bidirectional formatting characters, which could imitate
        another name.
        """
        printable = (c for c in self.name if unicodedata.category(c)[0] != "C")
        return " ".join("".join(printable).split()) or self.key

    @property
    def grace_secret(self) -> str | None:
        """
        The previous secret during its grace period.
        """
        until = self.previous_secret_until
        valid = until is not None and timezone.now() < until
        return self.previous_secret if valid else None

    def rotate_secret(self) -> str:
        """
        Replace the secret. The old one stays valid for a grace period, so that the application can
        be reconfigured without downtime. An older one, or one that cannot be decrypted, becomes
        invalid.

        :returns: the new secret.
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
        The callback for request tokens without one (protocol, section 2.8); empty unless the
        application may use OAuth Core 1.0.
        """
        if not self.allow_oauth10:
            return ""
        return str(self.callbacks[0]) if self.callbacks else OUT_OF_BAND * self.allow_oob

    def allows_callback(self, callback: str) -> bool:
        """
        Return whether a callback is registered.
        """
        if callback == OUT_OF_BAND:
            return self.allow_oob
        return any(is_registered_uri(registered, callback) for registered in self.callbacks)

    def allows_return_to(self, url: str) -> bool:
        """
        Return whether a URL has the origin of a registered callback.
        """
        return any(
            is_registered_uri(get_origin(registered), get_origin(url))
            for registered in self.callbacks
            if get_origin(url)
        )
