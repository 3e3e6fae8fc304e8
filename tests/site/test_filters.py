from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.utils.safestring import SafeString
from django.utils.timezone import override as override_timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from django_trove.client import Query, QueryError
from django_trove.filters import FILTERS, build_query

MARCH = datetime(2007, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, Query()),
        ({"tags": "snow, Williamsburg ,"}, Query(tags_required=["snow", "Williamsburg"])),
        ({"tags": ["a,b"]}, Query(tags_required=["a,b"])),
        (
            {"tags": ("snow",), "any_tags": {"x"}},
            Query(tags_required=["snow"], tags_optional=["x"]),
        ),
        ({"services": "flickr"}, Query(services=["flickr"])),
        ({"services": ""}, Query()),
        ({"services": " , "}, Query()),
        ({"identities": "7,8"}, Query(identities_by_id=["7", "8"])),
        ({"album": "7"}, Query(albums=["7"])),
        ({"album": ["7", "8"]}, Query(albums=["7", "8"])),
        ({"text": SafeString(" snow ")}, Query(text="snow")),
        ({"public": True}, Query(public=True)),
        ({"public": "false"}, Query(public=False)),
        ({"public": "any"}, Query()),
        ({"videos": "True"}, Query(videos=True)),
        ({"videos": False}, Query()),
        ({"since": "2007-03-04"}, Query(day_from=date(2007, 3, 4))),
        ({"since": date(2007, 3, 4)}, Query(day_from=date(2007, 3, 4))),
        ({"until": "2007-03-04"}, Query(day_to=date(2007, 3, 4))),
        ({"until": date(2007, 3, 4)}, Query(day_to=date(2007, 3, 4))),
        ({"until": "2007-03-04T12:00Z"}, Query(date_to=datetime(2007, 3, 4, 12, tzinfo=UTC))),
        (
            {"since": "2007-03-04 01:00+01:00"},
            Query(date_from=datetime(2007, 3, 4, 1, tzinfo=timezone(timedelta(hours=1)))),
        ),
        ({"on_this_day": "2026-03-04"}, Query(on_this_day=date(2026, 3, 4))),
        (
            {"on_this_day": date(2026, 3, 4), "days_around": "3"},
            Query(on_this_day=date(2026, 3, 4), days_around=3),
        ),
        ({"near": "40.7, -73.95"}, Query(geo_near_center=(40.7, -73.95))),
        ({"near": "40.7,-73.95,2"}, Query(geo_near_center=(40.7, -73.95), geo_near_radius=2)),
        ({"near": (40, -73, 2)}, Query(geo_near_center=(40, -73), geo_near_radius=2)),
        ({"box": "40,-74,41,-73"}, Query(geo_sw=(40, -74), geo_ne=(41, -73))),
        ({"box": "40,-74,40,-73"}, Query(geo_sw=(40, -74), geo_ne=(40, -73))),
        ({"count": "12", "page": 2}, Query(count=12, page=2)),
        ({"order_by": "service_date,-width"}, Query(order_by=["service_date", "-width"])),
        ({"force_update": True}, Query(force_update=True)),
        (dict.fromkeys(FILTERS, ""), Query()),
        (dict.fromkeys(FILTERS), Query()),
    ],
)
def test_filter_is_converted_to_query(filters, query):
    assert build_query(**filters) == query


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        ({"public": "yes"}, "public", "public must be True or False, not 'yes'."),
        ({"public": 1}, "public", "public must be True or False"),
        ({"videos": "any"}, "videos", "videos must be True or False"),
        ({"text": "x" * 201}, "text", "at most 200 characters"),
        ({"text": 7}, "text", "must be a string"),
        ({"album": ["7"] * 51}, "album", "album must not have more than 50 items"),
        ({"tag": "snow"}, "tag", "Did you mean tags?"),
        ({"xyz": "snow"}, "xyz", "The filters are tags, any_tags"),
        (
            {"since": "yesterday"},
            "since",
            "since must be a date such as 2007-03-04, not 'yesterday'",
        ),
        ({"since": "2007-02-31"}, "since", "since must be a date"),
        ({"until": 7}, "until", "until must be a date"),
        ({"since": "2008-01-01", "until": "2007-01-01"}, "since", "since must not be after until"),
        ({"on_this_day": "03-04"}, "on_this_day", "or a date such as 2007-03-04"),
        ({"on_this_day": "2007-02-31"}, "on_this_day", "or a date such as 2007-03-04"),
        ({"days_around": 32}, "days_around", "days_around must be an integer from 0 to 31"),
        ({"near": "here"}, "near", 'near must be "latitude,longitude[,kilometers]"'),
        ({"near": "1,2,3,4"}, "near", "near must be"),
        ({"near": "100,0"}, "near", "near has a latitude of 100"),
        ({"near": "0,0,-1"}, "near", "the radius of near must be a distance"),
        ({"near": 7}, "near", "near must be"),
        ({"box": "41,-74,40,-73"}, "box", "box: south (41) must not be greater than north (40)"),
        ({"box": "1,2,3"}, "box", 'box must be "south,west,north,east"'),
        ({"count": "many"}, "count", "count must be an integer"),
        ({"count": 501}, "count", "count must be an integer from 1 to 500"),
        ({"page": "0"}, "page", "page must be an integer"),
        ({"tags": 7}, "tags", "tags must be a list or a string with commas"),
        ({"tags": [7]}, "tags", "tags must be a list of strings"),
        ({"force_update": "maybe"}, "force_update", "force_update must be true or false"),
    ],
)
def test_error_names_filter(filters, field, message):
    with pytest.raises(QueryError) as caught:
        build_query(**filters)
    assert caught.value.field == field
    assert message in caught.value.detail


def test_today_is_the_date_in_the_current_time_zone():
    with override_timezone("Pacific/Kiritimati"):
        east = build_query(on_this_day="today").on_this_day
    with override_timezone("Etc/GMT+12"):
        west = build_query(on_this_day="today").on_this_day
    assert timedelta(1) <= east - west <= timedelta(2)


@settings(deadline=None)
@given(st.sampled_from(sorted(FILTERS)), st.one_of(st.text(), st.floats(), st.lists(st.floats())))
def test_any_input_is_valid_query_or_error_with_filter(name, value):
    try:
        build_query(**{name: value}).check()
        blamed = name
    except QueryError as error:
        blamed = error.field
    assert blamed == name
