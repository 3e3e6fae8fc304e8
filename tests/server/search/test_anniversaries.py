"""
Items of the same day in earlier years (protocol, section 4.13).
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.server.search.anniversaries import MAX_YEARS, _find_days
from django_trove.server.search.engine import search

pytestmark = pytest.mark.django_db


def taken(text, **fields):
    return Photo(
        id=text, date=datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=UTC), **fields
    )


def find_ids(person, day, around=0, **query):
    query = Query(on_this_day=date.fromisoformat(day), days_around=around, **query)
    return [photo.id for photo in search(person, query, "")]


@pytest.mark.parametrize(
    ("day", "around", "expected"),
    [
        ("2026-03-04", 0, ["2020-03-04", "2007-03-04"]),
        ("2020-03-04", 0, ["2007-03-04"]),
        ("2026-03-05", 1, ["2020-03-04", "2007-03-04"]),
        ("2026-02-28", 0, ["2020-02-29", "2020-02-28"]),
        ("2024-02-28", 0, ["2020-02-28"]),
        ("2024-02-29", 0, ["2020-02-29"]),
        ("2021-01-01", 0, []),
        ("2021-01-01", 1, ["2019-12-31"]),
        ("2021-12-30", 2, ["2019-12-31"]),
        ("9999-12-31", 0, ["2019-12-31"]),
        ("0001-01-01", 31, []),
    ],
)
def test_items_of_the_day_in_earlier_years(person, index, day, around, expected):
    days = ("2007-03-04", "2019-12-31", "2020-02-28", "2020-02-29", "2020-03-04")
    index(*map(taken, days), Photo(id="undated"))
    assert find_ids(person, day, around) == expected


def test_the_29th_of_february_is_the_28th_in_other_years(person, index):
    index(taken("2019-02-28"), taken("2019-03-01"))
    assert find_ids(person, "2024-02-29") == ["2019-02-28"]


def test_the_local_day_counts(person, index):
    moment = datetime(2007, 3, 5, 3, tzinfo=UTC)
    index(Photo(id="1", date=moment, utc_offset=-480))
    assert find_ids(person, "2026-03-04") == ["1"]
    assert find_ids(person, "2026-03-05") == []


def test_other_filters_and_pages(person, index):
    index(*(taken(f"{year}-03-04", tags=("snow", f"t{year % 2}")) for year in range(2000, 2020)))
    years = [f"{year}-03-04" for year in range(2019, 1999, -1)]
    assert find_ids(person, "2020-03-04", count=8, page=2) == years[8:16]
    assert find_ids(person, "2020-03-04", tags_required=["snow"], count=8, page=2) == years[8:16]
    assert find_ids(person, "2020-03-04", tags_optional=["t0", "t1"], count=5) == years[:5]
    assert find_ids(person, "2020-03-04", order_by=["date"], count=2) == years[:-3:-1]
    first = search(person, Query(on_this_day=date(2020, 3, 4), count=8), "")
    assert first.total_number_of_results == 20
    assert find_ids(person, "2020-03-04", count=8, after=first.after) == years[8:16]


days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(day=days, around=st.integers(0, 31), year=st.integers(1900, 2100))
def test_days_of_different_years_do_not_overlap(day, around, year):
    start, end = _find_days(day, around, year)
    next_start, _ = _find_days(day, around, year + 1)
    day_seconds = 24 * 60 * 60
    assert end <= next_start
    assert 0 <= (end - start) / day_seconds - (2 * around + 1) <= 1
    assert start % day_seconds == 0


def test_each_year_is_read_from_an_index(person, index):
    start = datetime(2000, 1, 1, 12, tzinfo=UTC)
    index(*(Photo(id=str(n), date=start + timedelta(days=n)) for n in range(0, 3000, 3)))
    with CaptureQueriesContext(connection) as queries:
        search(person, Query(on_this_day=date(2020, 3, 4), days_around=3, count=5), "")
    page = next(query["sql"] for query in queries.captured_queries if "LIMIT 6" in query["sql"])
    assert page.count("UNION") == 8
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {page}")
            plan = [row[3] for row in cursor.fetchall()]
        ranges = [line for line in plan if "taken_at_seconds>? AND taken_at_seconds<?" in line]
        assert len(ranges) == 9


def test_a_library_of_hundreds_of_years(person, index):
    """
    SQLite merges at most 500 sets of rows. Wrong clocks of cameras cause such dates.
    """
    years = [*range(1, 1600, 3), 2007]
    index(*(taken(f"{year:04}-03-04") for year in years))
    found = find_ids(person, "2026-03-04", count=500, videos=True)
    assert found == [f"{year:04}-03-04" for year in sorted(years)[: -MAX_YEARS - 1 : -1]]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is that of SQLite")
def test_the_days_at_a_place_are_read_from_its_index(person, index):
    start = datetime(2000, 1, 1, 12, tzinfo=UTC)
    new_york = {"latitude": 40.7, "longitude": -73.95}
    index(
        *(
            Photo(id=str(n), date=start + timedelta(days=n), public=n % 2 == 0, **new_york)
            for n in range(0, 3000, 3)
        )
    )
    query = Query(on_this_day=date(2020, 3, 4), place="United States", count=5)
    with CaptureQueriesContext(connection) as queries:
        search(person, query, "")
    page = next(each["sql"] for each in queries.captured_queries if "LIMIT 6" in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {page}")
        plan = [row[3] for row in cursor.fetchall()]
    ranges = [line for line in plan if "taken_at_seconds>? AND taken_at_seconds<?" in line]
    assert len(ranges) == page.count("UNION") + 1 == 18
