"""
Albums, months and photos of the same day in templates.
"""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Template, TemplateSyntaxError, engines
from django.template.context import make_context
from django.test import RequestFactory

from django_trove.client import Place

from ..generic.conftest import days_and_years_ago, years_ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def trove(fake_trove, user):
    fake_trove.connect(user)
    snow = {"album_id": "7", "album_title": "Snow"}
    fake_trove.add_photo(user, title="First", date=years_ago(1), **snow)
    fake_trove.add_photo(user, title="Second", date=days_and_years_ago(2, 3), public=False, **snow)
    return fake_trove


def render(user, tag, viewer=None):
    request = RequestFactory().get("/here/")
    request.user = viewer or user
    template = Template("{% load trove %}{% " + tag)
    return template.render(make_context({"user": user}, request)).strip()


def render_jinja2(user, call):
    request = RequestFactory().get("/here/")
    request.user = user
    template = engines["jinja2"].from_string("{{ " + call + " }}")
    return template.render({"user": user}, request).strip()


class TestAlbums:
    def test_variable(self, trove, user):
        tag = "trove_albums user as albums %}{% for a in albums %}{{ a.title }} {{ a.count }}"
        assert render(user, f"{tag}{{% endfor %}}") == "Snow 2"

    def test_list_without_pages_to_link_to(self, trove, user):
        html = render(user, "trove_album_list user %}")
        assert "Snow" in html
        assert re.findall("href=[^>]*", html) == ['href="/trove/"']

    def test_visitors_see_counts_of_public_photos(self, trove, user):
        html = render(user, "trove_album_list user %}", AnonymousUser())
        assert "1 photo" in html


class TestPlaces:
    @pytest.fixture
    def trove(self, trove, user):
        place = Place(name="Williamsburg", region="New York", country="United States")
        trove.add_photo(user, location=(40.7, -73.95), place=place, public=False)
        trove.add_photo(user, location=(40.7, -73.95), place=place)
        return trove

    def test_variable(self, trove, user):
        tag = "trove_places user as places %}{% for p in places %}{{ p.place }}: {{ p.count }}"
        text = "Williamsburg, New York, United States: 2"
        assert render(user, f"{tag}{{% endfor %}}") == text
        assert "1" in render(user, f"{tag}{{% endfor %}}", AnonymousUser())

    def test_list(self, trove, user):
        html = render(user, "trove_place_list user %}")
        assert "Williamsburg" in html
        assert "New York, United States · 2 photos" in html
        assert re.findall("href=[^>]*", html) == ['href="/trove/"']


class TestMonths:
    def test_variable(self, trove, user):
        tag = "trove_timeline user as timeline %}{{ timeline|length }} {{ timeline.0.count }}"
        assert render(user, tag) == "2 1"

    def test_list(self, trove, user):
        assert str(years_ago(1).year) in render(user, "trove_month_list user %}")


class TestOnThisDay:
    def test_photos_by_year(self, trove, user):
        html = render(user, "trove_on_this_day user %}")
        assert "1 year ago" in html
        assert ("First" in html, "Second" in html) == (True, False)

    def test_days(self, trove, user):
        html = render(user, "trove_on_this_day user days=2 %}")
        assert html.index("First") < html.index("3 years ago") < html.index("Second")

    def test_another_day(self, trove, user):
        day = days_and_years_ago(2, 0).isoformat()
        html = render(user, f'trove_on_this_day user on_this_day="{day}" %}}')
        assert ("First" in html, "Second" in html) == (False, True)

    def test_years_are_counted_from_another_day(self, trove, user):
        trove.add_photo(user, date="2000-01-01")
        html = render(user, 'trove_on_this_day user on_this_day="2004-01-01" %}')
        assert "4 years ago" in html

    def test_nothing_is_rendered_without_photos(self, fake_trove, user):
        fake_trove.connect(user)
        assert render(user, "trove_on_this_day user %}") == ""

    def test_visitors_see_public_photos_only(self, trove, user):
        html = render(user, "trove_on_this_day user days=2 %}", AnonymousUser())
        assert ("First" in html, "Second" in html) == (True, False)

    def test_visitors_of_user_without_trove(self, fake_trove, user):
        assert render(user, "trove_on_this_day user %}", AnonymousUser()) == ""
        assert "Connect your Trove" in render(user, "trove_on_this_day user %}")

    def test_invalid_days(self, trove, user):
        assert "days_around must be an integer from 0 to 31" in render(
            user, 'trove_on_this_day user days="32"|add:0 %}'
        )

    def test_unknown_filter(self, trove, user):
        with pytest.raises(TemplateSyntaxError, match=r'"tag".*Example: {% trove_on_this_day user'):
            render(user, 'trove_on_this_day user tag="snow" %}')


LISTS = ["trove_album_list", "trove_month_list", "trove_place_list", "trove_on_this_day"]


@pytest.mark.parametrize("name", LISTS)
def test_list_links_to_the_account_page_of_its_owner(trove, user, name):
    assert render(user, f"{name} user %}}").count("Your Trove account") == 1
    assert "Your Trove account" not in render(user, f"{name} user %}}", AnonymousUser())


@pytest.mark.parametrize("name", LISTS)
def test_jinja2_functions_equal_tags(trove, user, settings, name):
    settings.TEMPLATES = [
        *settings.TEMPLATES,
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "OPTIONS": {"environment": "django_trove.jinja2.environment"},
        },
    ]
    assert render_jinja2(user, f"{name}(user)") == render(user, f"{name} user %}}")
