"""
Geographic conditions on the columns `latitude` and `longitude` (protocol, section 4.6).
"""

from __future__ import annotations

import math

from django_trove.client.query import EARTH_RADIUS_KM, Query
from django_trove.client.values import Location

from ..models.index import BANDS_PER_DEGREE
from .sql import Sql, all_of, any_of, is_one_of

TOLERANCE = 1e-6  # degrees; compensates rounding errors of the bounding box

# With more bands, scanning by date is faster, because many items match.
MAX_BANDS = 100

# Within this radius and latitude, the relative error of a planar approximation is below FLAT_ERROR.
MAX_FLAT_KM = 50.0
MAX_FLAT_LATITUDE = 70.0
FLAT_ERROR = 0.03


def in_latitude_bands(query: Query) -> Sql | None:
    """
    Return a condition for the latitude bands that the query's area intersects, or None if there is
    no area, or if there are more than `MAX_BANDS`.
    """
    spans = []
    if query.geo_sw and query.geo_ne:
        spans.append((query.geo_sw[0], query.geo_ne[0]))
    if query.geo_near_center:
        height = _latitude_span(query.geo_near_radius)
        spans.append((query.geo_near_center[0] - height, query.geo_near_center[0] + height))
    bands = [
        range(math.floor(south * BANDS_PER_DEGREE), math.floor(north * BANDS_PER_DEGREE) + 1)
        for south, north in spans
    ]
    fewest = min(bands, key=len, default=range(0))
    return is_one_of("r.latitude_band", fewest) if 0 < len(fewest) <= MAX_BANDS else None


def within_box(south_west: Location, north_east: Location) -> Sql:
    """
    Return the condition for a box. If its west edge is greater than its east edge, it crosses the
    antimeridian.
    """
    (south, west), (north, east) = south_west, north_east
    return all_of([_is_between("r.latitude", south, north), _longitude_between(west, east)])


def within_radius(center: Location, radius_km: float) -> Sql:
    """
    Return the condition for a great-circle distance. A bounding box and, for small circles, a
    planar approximation reduce the number of exact calculations.
    """
    exact = _is_at_most(_haversine(center), _haversine_of_distance(radius_km))
    if radius_km <= MAX_FLAT_KM and abs(center[0]) <= MAX_FLAT_LATITUDE and abs(center[1]) < 178:
        squared = _flat_distance_squared(center)
        inner, outer = radius_km * (1 - FLAT_ERROR), radius_km * (1 + FLAT_ERROR)
        inside = _is_at_most(squared, inner**2)
        exact = any_of([inside, all_of([_is_at_most(squared, outer**2), exact])])
    return all_of([_bounding_box(center, radius_km), exact])


def _is_between(column: str, low: float, high: float) -> Sql:
    return Sql(f"{column} BETWEEN %s AND %s", (float(low), float(high)))


def _is_at_most(expression: Sql, value: float) -> Sql:
    return Sql(f"{expression.text} <= %s", (*expression.params, value))


def _flat_distance_squared(center: Location) -> Sql:
    """
    Return the squared distance in kilometers by the equirectangular approximation.
    """
    latitude, longitude = map(float, center)
    degree = math.radians(EARTH_RADIUS_KM)
    north = (latitude, degree)
    east = (longitude, degree * math.cos(math.radians(latitude)))
    return Sql(
        "((r.latitude - %s) * %s * (r.latitude - %s) * %s"
        " + (r.longitude - %s) * %s * (r.longitude - %s) * %s)",
        (*north, *north, *east, *east),
    )


def _haversine(center: Location) -> Sql:
    """
    Return the haversine of the central angle. It increases with the distance, so it can be compared
    without the inverse function.
    """
    latitude, longitude = (math.radians(degrees) for degrees in center)
    return Sql(
        "(SIN((RADIANS(r.latitude) - %s) / 2) * SIN((RADIANS(r.latitude) - %s) / 2)"
        " + COS(RADIANS(r.latitude)) * %s"
        " * SIN((RADIANS(r.longitude) - %s) / 2) * SIN((RADIANS(r.longitude) - %s) / 2))",
        (latitude, latitude, math.cos(latitude), longitude, longitude),
    )


def _haversine_of_distance(kilometers: float) -> float:
    """
    Return the haversine of a distance, or 2 for half the circumference or more.
    """
    half = kilometers / (2 * EARTH_RADIUS_KM)
    return math.sin(half) ** 2 if half < math.pi / 2 else 2.0


def _longitude_between(west: float, east: float) -> Sql:
    """
    Return the condition for a range. The longitudes 180 and -180 are the same meridian.
    """
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    inside = [_is_between("r.longitude", *span) for span in spans]
    if west == -180:
        inside.append(Sql("r.longitude = 180"))
    if east == 180:
        inside.append(Sql("r.longitude = -180"))
    return any_of(inside)


def _bounding_box(center: Location, radius_km: float) -> Sql:
    """
    Return the bounding box of a circle; it has all longitudes if the circle contains a pole.
    """
    latitude, longitude = center
    angle = radius_km / EARTH_RADIUS_KM
    height = _latitude_span(radius_km)
    inside = _is_between("r.latitude", latitude - height, latitude + height)
    if abs(latitude) + height >= 90:
        return all_of([inside, Sql("r.longitude IS NOT NULL")])
    ratio = math.sin(angle) / math.cos(math.radians(latitude))
    width = math.degrees(math.asin(min(ratio, 1.0))) + TOLERANCE
    west, east = longitude - width, longitude + width
    around = _longitude_between(
        west + 360 if west < -180 else west, east - 360 if east > 180 else east
    )
    return all_of([inside, around])


def _latitude_span(radius_km: float) -> float:
    """
    Return the radius in degrees of latitude.
    """
    return math.degrees(radius_km / EARTH_RADIUS_KM) + TOLERANCE
