"""
The numbers of items by cell of the map.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from django_trove.core.database import PrimaryManager

from .identities import Identity
from .index import Kind

LEVELS = (4, 7, 10, 13, 16, 19)
"""The levels of the map whose cells are counted (`core.map_grid`)."""

UNITS_PER_DEGREE = 1_000_000


class MapTally(models.Model):
    """
    The number of public or private items of one kind in a cell of the map, in an account.

    :param cell: the first deepest cell of the cell.
    :param latitudes: the sum of the latitudes of the items, in units of 1 / `UNITS_PER_DEGREE`.
    :param longitudes: the same for the longitudes.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="map_tallies", db_index=False
    )
    kind = models.PositiveSmallIntegerField(choices=Kind)
    public = models.BooleanField()
    level = models.PositiveSmallIntegerField()
    cell = models.BigIntegerField()
    items = models.IntegerField(default=0)
    latitudes = models.BigIntegerField(default=0)
    longitudes = models.BigIntegerField(default=0)

    objects = PrimaryManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "level", "cell", "kind", "public"], name="trove_map_cell_once"
            ),
        ]
        indexes = [models.Index(fields=["owner", "level", "cell"], name="trove_map_cell_owner")]

    def __str__(self) -> str:
        return f"{self.identity_id} {self.kind} {self.level} {self.cell}: {self.items}"
