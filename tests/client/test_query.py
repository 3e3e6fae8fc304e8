from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from django_trove.client import Query, QueryError
from django_trove.client.codec import query_to_wire
from django_trove.client.query import MAX_LENGTHS

INDIA = timezone(timedelta(hours=5, minutes=30))


def test_query_fields_can_be_set_as_in_2010():
    q = Query()
    q.tags_required = ["Williamsburg", "snow"]
    q.date_from = datetime(2007, 3, 4, 21, 8, 12)
    assert q == Query(
        tags_required=["Williamsburg", "snow"], date_from=datetime(2007, 3, 4, 21, 8, 12)
    )


def test_aware_date_is_converted_to_utc():
    query = Query(date_from=datetime(2007, 3, 5, 2, 38, 12, tzinfo=INDIA))
    assert query_to_wire(query)["date-from"] == "2007-03-04 21:08:12 "


def test_naive_and_aware_dates_can_be_compared():
    with pytest.raises(QueryError, match="date-from must not be after date-to"):
        Query(date_from=datetime(2007, 3, 5), date_to=datetime(2007, 3, 4, tzinfo=UTC))


def test_within_and_near():
    query = Query().within((40.7, -74.0), (40.8, -73.9)).near((40.7, -73.95), 2)
    wire = query_to_wire(query)
    assert (wire["geo_sw"], wire["geo_ne"]) == ([40.7, -74.0], [40.8, -73.9])
    assert (wire["geo_near_center"], wire["geo_near_radius"]) == ([40.7, -73.95], 2)


def test_box_can_cross_antimeridian():
    assert Query().within((-20, 170), (-10, -170)).geo_ne == (-10, -170)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("page", {"page": 0}),
        ("page", {"page": 1.5}),
        ("page", {"page": 10**30}),
        ("count", {"count": 0}),
        ("count", {"count": 501}),
        ("count", {"count": True}),
        ("services", {"services": "flickr"}),
        ("tags-required", {"tags_required": "snow"}),
        ("tags-optional", {"tags_optional": [7]}),
        ("tags-optional", {"tags_optional": ["x"] * 101}),
        ("tags-required", {"tags_required": ["nul \0"]}),
        ("date-from", {"date_from": "2007-03-04"}),
        ("date-to", {"date_to": date(2007, 3, 4)}),
        ("day-from", {"day_from": datetime(2007, 3, 4)}),
        ("day-to", {"day_to": "2007-03-04"}),
        ("day-from", {"day_from": date(2007, 3, 5), "day_to": date(2007, 3, 4)}),
        ("on-this-day", {"on_this_day": "03-04"}),
        ("days-around", {"days_around": -1}),
        ("days-around", {"days_around": 32}),
        ("geo_near_center", {"geo_near_center": (200, 0)}),
        ("geo_near_center", {"geo_near_center": (float("nan"), 0)}),
        ("geo_near_center", {"geo_near_center": (0, 181)}),
        ("geo_near_center", {"geo_near_center": "40.7,-74"}),
        ("geo_near_radius", {"geo_near_radius": 0}),
        ("geo_near_radius", {"geo_near_radius": float("inf")}),
        ("geo_near_radius", {"geo_near_radius": 10**400}),
        ("geo_ne", {"geo_sw": (1, 1)}),
        ("geo_sw", {"geo_ne": (1, 1)}),
        ("geo_sw", {"geo_sw": (2, 1), "geo_ne": (1, 1)}),
        ("attributes", {"attributes": []}),
        ("attributes", {"attributes": {"title": object()}}),
        ("attributes", {"attributes": {7: "x"}}),
        ("force-update", {"force_update": "yes"}),
        ("videos", {"videos": 1}),
        ("public", {"public": "any"}),
        ("albums", {"albums": "7"}),
        ("albums", {"albums": ["7"] * 51}),
        ("text", {"text": ["snow"]}),
        ("text", {"text": "a" * 201}),
        ("text", {"text": "nul\0"}),
        ("trove_id", {"trove_id": 7}),
    ],
)
def test_invalid_value_is_rejected_with_field(field, fields):
    with pytest.raises(QueryError, match=field) as caught:
        Query(**fields)
    assert caught.value.field == field


@pytest.mark.parametrize("place", [(90, 180), (-90, -180), (0, 0)])
def test_limits_of_coordinates_are_valid(place):
    assert Query(geo_sw=place, geo_ne=place, geo_near_center=place).geo_sw == place


@pytest.mark.parametrize("place", [(90.1, 0), (-90.1, 0), (0, 180.1), (0, -180.1)])
def test_coordinates_beyond_the_limits_are_invalid(place):
    with pytest.raises(QueryError, match=r"geo_near_center has a (latitude|longitude)"):
        Query(geo_near_center=place)


def test_invalid_value_set_later_is_rejected_before_sending():
    query = Query()
    query.page = 0
    with pytest.raises(QueryError, match="page"):
        query_to_wire(query)


def test_unknown_service_is_not_rejected_by_client():
    assert Query(services=["myspace"]).services == ["myspace"]


@pytest.mark.parametrize("name", MAX_LENGTHS)
def test_each_list_has_a_limit(name):
    """
    Protocol, section 7.
    """
    maximum = MAX_LENGTHS[name]
    values = [str(number) for number in range(maximum + 1)]
    make = (lambda names: dict.fromkeys(names, "")) if name == "attributes" else list
    attribute = name.replace("-", "_")
    assert Query(**{attribute: make(values[1:])})
    message = f"{name} must not have more than {maximum} items"
    with pytest.raises(QueryError, match=message) as caught:
        Query(**{attribute: make(values)})
    assert caught.value.field == name
