"""
The numbers of items by place.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from django_trove.client.values import Place
from django_trove.core.database import PrimaryManager

from .identities import Identity
from .index import Kind

SEPARATOR = "|"


class Level(models.IntegerChoices):
    COUNTRY = 1
    REGION = 2
    PLACE = 3


COLUMNS = {Level.COUNTRY: "country", Level.REGION: "region", Level.PLACE: "place"}
"""The column of `Item` for each level."""


def split_place(place: str) -> dict[Level, str]:
    """
    Return the country, the region and the place of a value of `Item.place`, as the columns of
    `Item` contain them. A place without a region has no region.
    """
    if not place:
        return {}
    country, region, _ = place.split(SEPARATOR)
    regions = {Level.REGION: f"{country}{SEPARATOR}{region}"} if region else {}
    return {Level.COUNTRY: country, **regions, Level.PLACE: place}


def join_place(place: Place) -> str:
    return SEPARATOR.join((place.country, place.region, place.name)) if place else ""


def parse_place(text: str) -> Place:
    """
    Return the place, region or country in a column of `Item` or `PlaceTally`.
    """
    country, region, name = [*text.split(SEPARATOR), "", ""][:3]
    return Place(name=name, region=region, country=country)


class PlaceTally(models.Model):
    """
    The number of public or private items of one kind at a place, or in a region or a country, in an
    account.

    :param place: the value of the column of `Item` for this level.
    :param name: the normalized name (`index.words.normalize_name`).
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="place_tallies", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    public = models.BooleanField()
    level = models.PositiveSmallIntegerField(choices=Level)
    place = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    items = models.IntegerField(default=0)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "kind", "public", "place"], name="trove_place_once"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "kind", "name"], name="trove_place_name"),
            models.Index(fields=["owner", "level"], name="trove_place_level"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.kind} {self.place}: {self.items}"
