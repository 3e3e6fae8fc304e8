"""
Places on a globe, as conditions on a latitude and a longitude column.
"""

from __future__ import annotations

import math

from django.db.models import ExpressionWrapper, F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cos, Radians, Sin
from django.db.models.lookups import LessThanOrEqual

from django_trove.client.content import Location
from django_trove.client.query import Query

from ..models.index import BANDS_PER_DEGREE

EARTH_RADIUS_KM = 6371.0088
SLACK = 1e-6
"""Degrees: so that rounding never keeps a box from holding its circle."""

MAX_BANDS = 100
"""Of latitude. A box over more of them is walked by date: what is that large soon fills a page."""

MAX_FLAT_KM = 50.0
MAX_FLAT_LATITUDE = 70.0
FLAT_ERROR = 0.03
"""Within that radius and latitude, reckoning on a plane errs by less than this part."""


def in_latitude_bands(query: Query) -> Q:
    """
    Return the condition of lying in one of the few bands of latitude that a query's place touches;
    an empty one where there is no place, or these are too many.
    """
    spans = []
    if query.geo_sw and query.geo_ne:
        spans.append((query.geo_sw[0], query.geo_ne[0]))
    if query.geo_near_center:
        height = _latitude_span(query.geo_near_radius)
        spans.append((query.geo_near_center[0] - height, query.geo_near_center[0] + height))
    touched = [
        range(math.floor(s * BANDS_PER_DEGREE), math.floor(n * BANDS_PER_DEGREE) + 1)
        for s, n in spans
    ]
    few = min(touched, key=len, default=range(0))
    return Q(latitude_band__in=list(few)) if 0 < len(few) <= MAX_BANDS else Q()


def within_box(south_west: Location, north_east: Location) -> Q:
    """
    Return the condition of lying in a box. One whose west is greater than its east crosses the
    antimeridian.
    """
    (south, west), (north, east) = south_west, north_east
    return Q(latitude__range=(south, north)) & _longitude_between(west, east)


def within_radius(center: Location, radius_km: float) -> Q:
    """
    Return the condition of lying within a great-circle distance. A box around the circle goes
    first, and near its edge alone the exact test, since that is dear.

    :param center: latitude and longitude in degrees.
    """
    exact = Q(LessThanOrEqual(_haversine(center), _haversine_of(radius_km)))
    if radius_km <= MAX_FLAT_KM and abs(center[0]) <= MAX_FLAT_LATITUDE and abs(center[1]) < 178:
        squared = _flat_distance_squared(center)
        inner, outer = radius_km * (1 - FLAT_ERROR), radius_km * (1 + FLAT_ERROR)
        surely = Q(LessThanOrEqual(squared, inner**2))
        exact = surely | (Q(LessThanOrEqual(squared, outer**2)) & exact)
    return _bounding_box(center, radius_km) & exact


def _flat_distance_squared(center: Location) -> Combinable:
    """
    Return the square of the kilometres from `center` as on a map of a town.
    """
    latitude, longitude = center
    degree = math.radians(EARTH_RADIUS_KM)
    north = (F("latitude") - Value(latitude)) * Value(degree)
    east = (F("longitude") - Value(longitude)) * Value(degree * math.cos(math.radians(latitude)))
    return ExpressionWrapper(north * north + east * east, FloatField())


def _haversine(center: Location) -> Combinable:
    """
    Return the haversine of the angle from `center`: it grows with the distance, is right for near
    points, and spares the database the way back from it to kilometres.
    """
    latitude, longitude = (math.radians(degrees) for degrees in center)
    north = Sin((Radians("latitude") - Value(latitude)) / 2)
    east = Sin((Radians("longitude") - Value(longitude)) / 2)
    return north * north + Cos(Radians("latitude")) * math.cos(latitude) * east * east


def _haversine_of(kilometres: float) -> float:
    """
    Return the haversine of a distance: of half way round the Earth, and beyond, more than any.
    """
    half = kilometres / (2 * EARTH_RADIUS_KM)
    return math.sin(half) ** 2 if half < math.pi / 2 else 2.0


def _longitude_between(west: float, east: float) -> Q:
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


def _bounding_box(center: Location, radius_km: float) -> Q:
    """
    Return the box that holds a circle; where the circle holds a pole, of all longitudes.
    """
    latitude, longitude = center
    angle = radius_km / EARTH_RADIUS_KM
    height = _latitude_span(radius_km)
    box = Q(latitude__range=(latitude - height, latitude + height), longitude__isnull=False)
    if abs(latitude) + height >= 90:
        return box
    ratio = math.sin(angle) / math.cos(math.radians(latitude))
    width = math.degrees(math.asin(min(ratio, 1.0))) + SLACK
    west, east = longitude - width, longitude + width
    return box & _longitude_between(
        west + 360 if west < -180 else west, east - 360 if east > 180 else east
    )


def _latitude_span(radius_km: float) -> float:
    """
    Return the degrees of latitude that a circle reaches to either side.
    """
    return math.degrees(radius_km / EARTH_RADIUS_KM) + SLACK
