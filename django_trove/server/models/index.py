"""
The index: what people have on their services, in the order in which it is asked for.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .people import Identity

__all__ = ["UNDATED", "Item", "ItemTag", "Tag"]

UNDATED = -(2**62)
"""The moment of an item that nobody knows the date of: before all others, on every database."""


class ItemQuerySet(models.QuerySet["Item"]):
    """
    Verbs on items: a search reads as a sentence of them.
    """

    def owned_by(self, user: Any) -> ItemQuerySet:
        """
        One person's.
        """
        return self.filter(owner=user)

    def from_services(self, names: list[str] | None) -> ItemQuerySet:
        """
        From these services; None or empty means all.
        """
        return self.filter(service__in=names) if names else self

    def from_identities(self, ids: list[int] | None) -> ItemQuerySet:
        """
        From these of the person's accounts; None means all.
        """
        return self if ids is None else self.filter(identity__in=ids)

    def tagged_all(self, tags: list[int]) -> ItemQuerySet:
        """
        With every one of these tags.
        """
        return self.filter(*(_tagged(tag=tag) for tag in tags))

    def tagged_any(self, tags: list[int]) -> ItemQuerySet:
        """
        With at least one of these tags.
        """
        return self.filter(_tagged(tag__in=tags))

    def taken_from(self, moment: int) -> ItemQuerySet:
        """
        Taken then or later; `UNDATED` means any time or none.
        """
        return self if moment == UNDATED else self.filter(moment__gte=moment)

    def taken_until(self, moment: int) -> ItemQuerySet:
        """
        Taken then or earlier, and not undated; `UNDATED` means any time or none.
        """
        return self if moment == UNDATED else self.filter(moment__lte=moment, moment__gt=UNDATED)


def _tagged(**tag: Any) -> Exists:
    return Exists(ItemTag.objects.filter(item=OuterRef("pk"), moment=OuterRef("moment"), **tag))


class Item(models.Model):
    """
    A photo as its service describes it.

    :param stamp: changes when the item does at its service.
    :param moment: seconds since 1970 in UTC, or `UNDATED`.
    :param tags: as written, for showing; searched for by `ItemTag`.
    :param urls: addresses by size at the service; empty where `files` has them.
    :param files: for pictures that we serve: {size: {"name", "type"}}, in storage but for
        "original", which stays where it is.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    service = models.CharField(_("service"), max_length=50)
    service_id = models.CharField(_("id at the service"), max_length=500)
    stamp = models.CharField(max_length=100, blank=True)
    moment = models.BigIntegerField(_("moment"), default=UNDATED)
    title = models.TextField(_("title"), blank=True)
    description = models.TextField(_("description"), blank=True)
    owner_name = models.TextField(_("owner"), blank=True)
    urls = models.JSONField(default=dict, blank=True)
    files = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    album_id = models.TextField(_("album"), blank=True)
    license = models.TextField(_("licence"), blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    public = models.BooleanField(_("public"), default=False)
    web_url = models.TextField(_("page at the service"), blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["identity", "service_id"], name="trove_item_once"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="trove_item_whole_place",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-moment", "-id"], name="trove_item_owner"),
            models.Index(fields=["owner", "service", "-moment", "-id"], name="trove_item_service"),
            models.Index(fields=["identity", "-moment", "-id"], name="trove_item_identity"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.service} {self.service_id}"


class Tag(models.Model):
    """
    A tag of one person's, in the form in which tags are compared.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="trove_tag_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemTag(models.Model):
    """
    An item's tag. It repeats the item's moment, so that one index has a tag's items in order.
    """

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="item_tags")
    moment = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("tag"), F("moment").desc(), F("item").desc(), name="trove_item_tag_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.item_id}"
