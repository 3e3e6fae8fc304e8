"""
The index: copies of the metadata of users' items, with the columns that queries filter and sort by.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from django_trove.client import codec
from django_trove.core.database import PrimaryManager

from .identities import Identity
from .values import UNDATED


class Kind(models.IntegerChoices):
    """
    Type of an item. Types are queried separately, so each has its own tags and counts.
    """

    PHOTO = 1, _("photo")
    VIDEO = 2, _("video")
    STATUS = 3, _("status update")
    CHECKIN = 4, _("check-in")
    FRIEND = 5, _("friend")


KINDS: dict[str, Kind] = {
    name: Kind[content.object_type.upper()] for name, content in codec.CONTENT_CLASSES.items()
}
"""The kind of each content type."""


class Item(models.Model):
    """
    A photo, a video or another item, as described by its service.

    :param service_id: unique in the account (`connectors.base.to_service_id`).
    :param record: the record of the protocol, without the keys of all types; {} for photos and
        videos, which are stored in columns. The columns of other types are copies for queries.
    :param etag: changes whenever the item changes at its service.
    :param sync_number: the sync (`Identity.sync_number`) that found the item last.
    :param latitude_band: the band of its latitude (`latitude_band_of`).
    :param country: the country of the place.
    :param region: country and region.
    :param place: country, region and name of the nearest place (`models.places.join_place`).
    :param place_version: the version of the data (`places.gazetteer.VERSION`) that was searched for
        the place.
    :param map_cell: the cell of its location (`core.map_grid.cell_of`).
    :param taken_at_seconds: seconds since 1970 in UTC, or `UNDATED`.
    :param local_seconds: the same for the local time (`to_local_seconds`), for filters by day.
    :param utc_offset: in minutes, or None if it is unknown.
    :param words: the words of title and description (`index.words`).
    :param tags: as displayed; searches use `ItemTag`.
    :param urls: URLs at the service, by size.
    :param sizes: [width, height] in pixels, by size.
    :param camera: as in the protocol.
    :param average_color: as in the protocol.
    :param files: files served by this Trove, by size: {size: {"name", "type"}}. A file without a
        name is the original file of the connector, the others are in the storage. {size: {}} is a
        proxied file that is not cached yet.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    service = models.CharField(_("service"), max_length=50)
    service_id = models.CharField(_("service id"), max_length=510)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=Kind, default=Kind.PHOTO)
    etag = models.CharField(max_length=100, blank=True)
    sync_number = models.PositiveIntegerField(default=0, editable=False)
    taken_at_seconds = models.BigIntegerField(_("taken at"), default=UNDATED)
    local_seconds = models.BigIntegerField(default=UNDATED, editable=False)
    utc_offset = models.SmallIntegerField(
        _("UTC offset"), null=True, blank=True, help_text=_("In minutes.")
    )
    uploaded_at_seconds = models.BigIntegerField(_("uploaded at"), default=UNDATED)
    title = models.TextField(_("title"), blank=True)
    description = models.TextField(_("description"), blank=True)
    words = models.TextField(blank=True, editable=False)
    owner_name = models.TextField(_("owner"), blank=True)
    urls = models.JSONField(default=dict, blank=True)
    files = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    album_id = models.CharField(_("album"), max_length=500, blank=True)
    album_title = models.TextField(_("album title"), blank=True)
    license = models.TextField(_("license"), blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    duration = models.FloatField(_("duration"), default=0, help_text=_("In seconds."))
    media_type = models.TextField(_("media type"), blank=True)
    sizes = models.JSONField(default=dict, blank=True)
    camera = models.JSONField(_("camera"), default=dict, blank=True)
    average_color = models.CharField(max_length=7, blank=True, editable=False)
    record = models.JSONField(_("record"), default=dict, blank=True)
    public = models.BooleanField(_("public"), default=False)
    web_url = models.TextField(_("web page"), blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude_band = models.SmallIntegerField(null=True, editable=False)
    country = models.CharField(_("country"), max_length=200, blank=True)
    region = models.CharField(_("region"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    place_version = models.PositiveSmallIntegerField(default=0, editable=False)
    map_cell = models.BigIntegerField(null=True, editable=False)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
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
            models.Index(
                fields=["owner", "kind", "-taken_at_seconds", "-id"], name="trove_item_owner"
            ),
            models.Index(
                fields=["owner", "kind", "-taken_at_seconds", "-id"],
                condition=Q(public=True),
                name="trove_item_public",
            ),
            models.Index(
                fields=["owner", "kind", "album_id", "-taken_at_seconds", "-id"],
                name="trove_item_album",
            ),
            models.Index(
                fields=["owner", "kind", "album_id", "-taken_at_seconds", "-id"],
                condition=Q(public=True),
                name="trove_item_public_album",
            ),
            models.Index(
                fields=["owner", "kind", "service", "-taken_at_seconds", "-id"],
                name="trove_item_service",
            ),
            models.Index(
                fields=["identity", "kind", "-taken_at_seconds", "-id"], name="trove_item_identity"
            ),
            models.Index(
                fields=[
                    "owner",
                    "kind",
                    "latitude_band",
                    "longitude",
                    "latitude",
                    "taken_at_seconds",
                    "id",
                ],
                name="trove_item_location",
            ),
            models.Index(
                fields=["identity", "kind", "public", "map_cell"], name="trove_item_map_cell"
            ),
            *(
                models.Index(
                    fields=["owner", "kind", name, "public", "-taken_at_seconds", "-id"],
                    name=f"trove_item_{name}",
                )
                for name in ("country", "region", "place")
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.service} {self.service_id}"


class Tag(models.Model):
    """
    A normalized tag of a user, on items of one kind.

    :param items: number of items with the tag.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind, default=Kind.PHOTO)
    name = models.CharField(max_length=200)
    items = models.PositiveIntegerField(default=0)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "name"], name="trove_tag_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemTag(models.Model):
    """
    A tag of an item. The columns that queries filter and sort by are denormalized, so that one
    index covers a query by tag. `local_seconds` is not in the index: a range of days reads only
    rows of these days, and a wider index slows down all queries.
    """

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="item_tags", db_index=False
    )
    taken_at_seconds = models.BigIntegerField()
    local_seconds = models.BigIntegerField()
    identity = models.ForeignKey(
        Identity,
        on_delete=models.DO_NOTHING,  # deleted with the item
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["item", "tag"], name="trove_item_tag_once"),
        ]
        indexes = [
            models.Index(
                fields=["tag", "-taken_at_seconds", "-item", "identity", "latitude", "longitude"],
                name="trove_item_tag_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.item_id}"


class Tally(models.Model):
    """
    Number of items of one kind in an account. The columns that totals are filtered by are
    denormalized.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    service = models.CharField(max_length=50)
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="tallies", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    items = models.PositiveIntegerField(default=0)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["identity", "kind"], name="trove_tally_once"),
        ]
        indexes = [models.Index(fields=["owner", "kind"], name="trove_tally_owner")]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.kind}: {self.items}"


class LibraryQuerySet(models.QuerySet["Library"]):
    def touch(self, user_id: Any) -> None:
        """
        Increment the version, which invalidates cached counts, and lock the row until the
        transaction ends. It must be the first statement of the transaction: an update takes the
        write lock on SQLite, too.
        """
        rows = self.filter(user=user_id)
        if not rows.update(version=F("version") + 1):
            self.bulk_create([Library(user_id=user_id)], ignore_conflicts=True)
            rows.update(version=F("version") + 1)


class Library(models.Model):
    """
    The index of one user.

    :param version: incremented whenever an item changes; part of the cache keys of counts.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.BigIntegerField(default=0)

    objects = PrimaryManager.from_queryset(LibraryQuerySet)()

    class Meta:
        base_manager_name = "objects"
        verbose_name_plural = _("libraries")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
