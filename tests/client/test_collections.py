from datetime import date

import pytest

from django_trove.client import Month


def test_the_first_day_of_a_month():
    assert Month(id="1", year=2007, month=3).first_day == date(2007, 3, 1)


@pytest.mark.parametrize(
    ("year", "month"), [(0, 0), (2007, 0), (2007, 13), (0, 5), (99_999, 1), (10**20, 12)]
)
def test_an_invalid_month_has_no_first_day(year, month):
    assert Month(id="1", year=year, month=month).first_day is None
