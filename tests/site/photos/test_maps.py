from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import QueryDict
from django.template import TemplateSyntaxError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client import Photo
from django_trove.forms.filter_form import TroveFilterForm
from django_trove.photos.box import WORLD, Box
from django_trove.photos.maps import (
    TileLayer,
    format_location,
    located,
    parse_tile_layer,
    require_location,
)

from ..fake_cache_and_clock import DOWN, photo
from ..templatetags.test_tags import render

URL = "https://tiles.example/{z}/{x}/{y}.png"
LAND = "vendor/natural-earth/land-110m.js"


def tiles(page):
    return re.findall(r'data-tiles="([^"]*)"', page)


class TestTiles:
    def test_a_site_has_none_unless_it_says_so(self):
        assert parse_tile_layer(None) is None
        assert parse_tile_layer({}) is None

    def test_they_are_read_from_the_setting(self):
        given = {"URL": URL, "ATTRIBUTION": "© us", "MAX_ZOOM": 17}
        assert parse_tile_layer(given) == TileLayer(URL, "© us", 17)
        assert parse_tile_layer({"URL": URL}) == TileLayer(URL, "", 19)
        assert parse_tile_layer({"URL": "https://t.example/{z}/{x}/{-y}.png"})

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (URL, "must be a dictionary"),
            ({"URL": "https://tiles.example/"}, "must contain {z}, {x} and {y}"),
            ({"url": URL}, "unknown key 'url'; the keys are URL"),
            ({"URL": URL, "MAX_ZOOM": "many"}, "MAX_ZOOM must be an integer from 1 to 24"),
            ({"URL": URL, "MAX_ZOOM": 99}, "MAX_ZOOM must be"),
        ],
    )
    def test_what_is_wrong_with_them_is_said(self, given, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            parse_tile_layer(given)


class TestPlaces:
    @pytest.mark.parametrize(
        ("place", "text"),
        [
            ((35.0116, 135.7681), "35.012° N, 135.768° E"),
            ((-33.0472, -71.6127), "33.047° S, 71.613° W"),
            ((0, 0), "0.000° N, 0.000° E"),
            ((None, 7.0), ""),
        ],
    )
    def test_a_place_is_told_in_words(self, place, text):
        assert format_location(Photo(latitude=place[0], longitude=place[1])) == text

    def test_its_numbers_are_the_reader_s(self):
        with translation.override("de"):
            assert format_location(Photo(latitude=1.5, longitude=2.0)).startswith("1,500")

    @given(st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.floats()))
    def test_only_what_is_on_the_earth_is_on_the_map(self, latitude, longitude):
        shown = located([Photo(latitude=latitude, longitude=longitude)])
        on_earth = (
            latitude is not None
            and longitude is not None
            and -90 <= latitude <= 90
            and -180 <= longitude <= 180
        )
        assert len(shown) == on_earth

    def test_photos_without_a_place_are_not_asked_for(self):
        assert require_location({"tags": "snow"}) == {"tags": "snow", "count": 200, "box": WORLD}
        assert require_location({"near": "1,2", "count": 7}) == {"near": "1,2", "count": 7}
        assert require_location({"box": Box(1, 2, 3, 4), "near": None})["box"] == Box(1, 2, 3, 4)


@pytest.mark.django_db
class TestTag:
    @pytest.fixture(autouse=True)
    def photos(self, pretend):
        pretend.photos = [
            photo(1, latitude=35.0116, longitude=135.7681),
            photo(2),
            photo(3, title="<b>Sea</b>", latitude=-33, longitude=-71.6, original_web_url=""),
        ]

    def map(self, user, arguments="", **context):
        return render("{% load trove %}{% trove_map user " + arguments + " %}", user, **context)

    def test_it_lists_each_photo_that_has_a_place(self, account):
        page = self.map(account.user)
        assert page.count("<li ") == 2
        assert 'data-latitude="35.0116" data-longitude="135.7681" data-title="Snow 1"' in page
        assert '<a href="https://flickr.example/ann/1" rel="noopener">' in page
        assert "35.012° N, 135.768° E" in page
        assert "2 photos on the map" in page
        assert "<b>" not in page

    def test_numbers_for_scripts_are_not_the_reader_s(self, account):
        with translation.override("de"):
            assert 'data-latitude="35.0116"' in self.map(account.user)

    def test_a_form_chooses(self, account, pretend):
        form = TroveFilterForm(QueryDict("tags=ice&box=30,170,40,-170"))
        pretend.photos.append(photo(4, tags=["ice"], latitude=1, longitude=2))
        page = self.map(account.user, "form=form", form=form)
        assert page.count("<li ") == 1
        assert 'data-box="30,170,40,-170"' in page

    def test_a_form_that_does_not_read_shows_nothing_and_asks_nothing(self, account, pretend):
        form = TroveFilterForm(QueryDict("box=here"))
        page = self.map(account.user, "form=form", form=form)
        assert "Enter south, west, north and east" in page
        assert "<li " not in page
        assert pretend.photo_calls == 0

    def test_a_kept_answer_costs_no_call_and_one_query(
        self, account, pretend, django_assert_num_queries
    ):
        self.map(account.user)
        with django_assert_num_queries(1):
            self.map(account.user)
        assert pretend.photo_calls == 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ('tag="snow"', "Did you mean tags"),
            ('box="1,2"', "box must be"),
            ("count=1000", "count must be"),
        ],
    )
    def test_a_mistake_in_the_template_is_said_when_it_is_compiled(self, arguments, message):
        with pytest.raises(TemplateSyntaxError, match=f"trove_map: .*{message}"):
            self.map(None, arguments)

    def test_a_trove_that_is_down_breaks_no_page(self, account, pretend):
        pretend.fault = DOWN
        assert "are unavailable" in self.map(account.user)

    def test_none_with_a_place(self, account, pretend):
        pretend.photos = [photo(1)]
        page = self.map(account.user)
        assert "No photos with a location found." in page
        assert "trove-map-canvas" in page, "one can look for another area"

    def test_only_its_owner_is_asked_to_connect(self, user, make_user, pretend):
        assert "Connect your Trove" in self.map(user)
        page = self.map(user, viewer=make_user("bob"))
        assert "<form" not in page

    def test_photos_of_the_page_are_drawn_without_asking(self, account, pretend):
        template = "{% load trove %}{% trove_photos user as p %}{% trove_map_of p assets=False %}"
        page = render(template, account.user)
        assert page.count("<li ") == 2
        assert pretend.photo_calls == 1
        assert "<script" not in page

    def test_it_is_drawn_on_land_or_on_the_site_s_tiles(self, account, settings):
        plain = self.map(account.user)
        settings.TROVE = settings.TROVE | {
            "MAP_TILES": {"URL": URL, "ATTRIBUTION": '<a href="https://t.example">us</a>'}
        }
        tiled = self.map(account.user)
        assert (tiles(plain), tiles(tiled)) == ([], [URL])
        assert (LAND in plain, LAND in tiled) == (True, False)
        assert 'data-attribution="&lt;a href=&quot;https://t.example&quot;&gt;us' in tiled

    def test_a_wrong_setting_breaks_no_page(self, account, settings):
        settings.TROVE = settings.TROVE | {"MAP_TILES": "tiles"}
        assert LAND in self.map(account.user)

    def test_nothing_in_it_needs_an_exception_from_a_strict_policy(self, account):
        page = self.map(account.user)
        assert not re.search(r"style=|<script>|<style|\son\w+=", page)


def test_every_file_that_a_map_loads_is_there(settings, tmp_path):
    """
    With names by content, as in production, a file that names one that is missing is an error.
    """
    settings.STATIC_ROOT = str(tmp_path)
    name = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": name}}
    call_command("collectstatic", interactive=False, verbosity=0)
    kept = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for name in ("leaflet/leaflet.js", "leaflet/LICENSE", "natural-earth/LICENSE"):
        assert f"django_trove/vendor/{name}" in kept


def test_the_land_is_small_and_in_the_form_that_the_map_reads():
    text = Path(finders.find(f"django_trove/{LAND}")).read_text()
    assert len(text) < 60_000
    land = json.loads(text.split("window.troveLand = ")[1].rstrip(";\n"))
    assert land["type"] == "Topology"
    assert land["objects"]["land"]["geometries"][0]["type"] == "MultiPolygon"
