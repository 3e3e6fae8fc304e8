"""
Albums, and the numbers of items by month.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_trove.core.database import PrimaryManager

from .identities import Identity
from .index import Kind
from .values import EPOCH, SECOND, UNDATED

UNDATED_MONTH = 0


def month_of(local_seconds: int) -> int:
    """
    Return year and month of a local time as a number, such as 200703, or `UNDATED_MONTH`.
    """
    if local_seconds == UNDATED:
        return UNDATED_MONTH
    try:
        moment = EPOCH + local_seconds * SECOND
    except OverflowError:  # within a day of year 1 or 9999
        return UNDATED_MONTH
    return moment.year * 100 + moment.month


class Album(models.Model):
    """
    An album of an account, as long as it contains items.

    :param service_id: the id at the service (`Item.album_id`).
    :param newest_seconds: `Item.taken_at_seconds` of its newest item.
    :param newest_public_seconds: the same of its newest public item.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="albums", db_index=False
    )
    service_id = models.CharField(_("service id"), max_length=500)
    title = models.TextField(_("title"), blank=True)
    photos = models.PositiveIntegerField(_("photos"), default=0)
    videos = models.PositiveIntegerField(_("videos"), default=0)
    public_photos = models.PositiveIntegerField(_("public photos"), default=0)
    public_videos = models.PositiveIntegerField(_("public videos"), default=0)
    newest_seconds = models.BigIntegerField(default=UNDATED, editable=False)
    newest_public_seconds = models.BigIntegerField(default=UNDATED, editable=False)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("album")
        verbose_name_plural = _("albums")
        constraints = [
            models.UniqueConstraint(fields=["identity", "service_id"], name="trove_album_once"),
        ]
        indexes = [
            models.Index(fields=["owner", "-newest_seconds", "-id"], name="trove_album_owner"),
            models.Index(
                fields=["owner", "-newest_public_seconds", "-id"], name="trove_album_public"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.service_id


class MonthTally(models.Model):
    """
    The number of public or private items of one kind and month in an account.

    :param month: `month_of` the local time.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="month_tallies", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    public = models.BooleanField()
    month = models.PositiveIntegerField()
    items = models.IntegerField(default=0)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "kind", "public", "month"], name="trove_month_once"
            ),
        ]
        indexes = [models.Index(fields=["owner", "kind", "month"], name="trove_month_owner")]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.kind} {self.month}: {self.items}"
