"""
Places on a globe, as conditions on a latitude and a longitude column.
"""

from __future__ import annotations

import math

from django.db.models import Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ASin, Cos, Least, Radians, Sin, Sqrt
from django.db.models.lookups import LessThanOrEqual

from django_trove.client.content import Location

__all__ = ["EARTH_RADIUS_KM", "in_box", "near"]

EARTH_RADIUS_KM = 6371.0088
SLACK = 1e-6
"""Degrees: so that rounding never keeps a box from holding its circle."""


def in_box(south_west: Location, north_east: Location) -> Q:
    """
    Return the condition of lying in a box. One whose west is greater than its east crosses the
    antimeridian.
    """
    (south, west), (north, east) = south_west, north_east
    return Q(latitude__range=(south, north)) & _between(west, east)


def near(center: Location, radius_km: float) -> Q:
    """
    Return the condition of lying within a great-circle distance. A box around the circle goes
    first, since the exact test is dear.

    :param center: latitude and longitude in degrees.
    """
    return _around(center, radius_km) & Q(LessThanOrEqual(_distance(center), radius_km))


def _distance(center: Location) -> Combinable:
    """
    Return the kilometres from `center` by the haversine formula, which is right for near points
    and, capped at 1, for opposite ones.
    """
    latitude, longitude = (math.radians(degrees) for degrees in center)
    north = Sin((Radians("latitude") - Value(latitude)) / 2)
    east = Sin((Radians("longitude") - Value(longitude)) / 2)
    squared = north * north + Cos(Radians("latitude")) * math.cos(latitude) * east * east
    return ASin(Sqrt(Least(squared, Value(1.0)))) * (2 * EARTH_RADIUS_KM)


def _between(west: float, east: float) -> Q:
    """
    Meridians 180 and -180 are one.
    """
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    inside = Q(*(Q(longitude__range=span) for span in spans), _connector=Q.OR)
    if west == -180:
        inside |= Q(longitude=180)
    if east == 180:
        inside |= Q(longitude=-180)
    return inside


def _around(center: Location, radius_km: float) -> Q:
    """
    Return the box that holds a circle; where the circle holds a pole, of all longitudes.
    """
    latitude, longitude = center
    angle = radius_km / EARTH_RADIUS_KM
    height = math.degrees(angle) + SLACK
    box = Q(latitude__range=(latitude - height, latitude + height), longitude__isnull=False)
    if abs(latitude) + height >= 90:
        return box
    ratio = math.sin(angle) / math.cos(math.radians(latitude))
    width = math.degrees(math.asin(min(ratio, 1.0))) + SLACK
    west, east = longitude - width, longitude + width
    return box & _between(west + 360 if west < -180 else west, east - 360 if east > 180 else east)
