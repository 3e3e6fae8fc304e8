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

from django_trove.client import Photo, Place
from django_trove.core.box import WORLD, Box
from django_trove.forms.filter_form import TroveFilterForm
from django_trove.photos.maps import (
    TileLayer,
    format_location,
    located,
    parse_tile_layer,
    require_location,
)

from ..fake_trove_server import DOWN, photo
from ..templatetags.test_tags import render

URL = "https://tiles.example/{z}/{x}/{y}.png"
LAND = "vendor/natural-earth/land-110m.js"


def tiles(page):
    return re.findall(r'data-tiles="([^"]*)"', page)


class TestTiles:
    def test_default_has_no_tiles(self):
        assert parse_tile_layer(None) is None
        assert parse_tile_layer({}) is None

    def test_tiles_are_read_from_setting(self):
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
    def test_invalid_setting_is_reported(self, given, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            parse_tile_layer(given)


class TestLocations:
    @pytest.mark.parametrize(
        ("place", "text"),
        [
            ((35.0116, 135.7681), "35.012° N, 135.768° E"),
            ((-33.0472, -71.6127), "33.047° S, 71.613° W"),
            ((0, 0), "0.000° N, 0.000° E"),
            ((None, 7.0), ""),
        ],
    )
    def test_location_is_formatted(self, place, text):
        assert format_location(Photo(latitude=place[0], longitude=place[1])) == text

    def test_a_place_is_shown_instead_of_degrees(self):
        place = Place(name="Williamsburg", region="New York")
        photo = Photo(latitude=40.7, longitude=-73.95, place=place)
        assert format_location(photo) == "Williamsburg, New York"

    def test_numbers_are_localized(self):
        with translation.override("de"):
            assert format_location(Photo(latitude=1.5, longitude=2.0)).startswith("1,500")

    @given(st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.floats()))
    def test_invalid_coordinates_are_omitted(self, latitude, longitude):
        shown = located([Photo(latitude=latitude, longitude=longitude)])
        on_earth = (
            latitude is not None
            and longitude is not None
            and -90 <= latitude <= 90
            and -180 <= longitude <= 180
        )
        assert len(shown) == on_earth

    def test_only_located_photos_are_requested(self):
        assert require_location({"tags": "snow"}) == {"tags": "snow", "count": 200, "box": WORLD}
        assert require_location({"near": "1,2", "count": 7}) == {"near": "1,2", "count": 7}
        assert require_location({"box": Box(1, 2, 3, 4), "near": None})["box"] == Box(1, 2, 3, 4)


@pytest.mark.django_db
class TestTag:
    @pytest.fixture(autouse=True)
    def photos(self, fake_server):
        fake_server.photos = [
            photo(1, latitude=35.0116, longitude=135.7681),
            photo(2),
            photo(3, title="<b>Sea</b>", latitude=-33, longitude=-71.6, original_web_url=""),
        ]

    def map(self, user, arguments="", **context):
        return render("{% load trove %}{% trove_map user " + arguments + " %}", user, **context)

    def test_lists_located_photos(self, account):
        page = self.map(account.user)
        assert page.count("<li ") == 2
        assert 'data-latitude="35.0116" data-longitude="135.7681" data-title="Snow 1"' in page
        assert '<a href="https://flickr.example/ann/1" rel="noopener">' in page
        assert "35.012° N, 135.768° E" in page
        assert "2 photos on the map" in page
        assert "<b>" not in page

    def test_numbers_for_scripts_are_not_localized(self, account):
        with translation.override("de"):
            assert 'data-latitude="35.0116"' in self.map(account.user)

    def test_form_filters_photos(self, account, fake_server):
        form = TroveFilterForm(QueryDict("tags=ice&box=30,170,40,-170"))
        fake_server.photos.append(photo(4, tags=["ice"], latitude=1, longitude=2))
        page = self.map(account.user, "form=form", form=form)
        assert page.count("<li ") == 1
        assert 'data-box="30,170,40,-170"' in page

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("box=here", "Enter south, west, north and east"),
            ("tags=" + ",".join("abcdefghijklmnopqrstuvwxyz01234"), "not have more than 30 items"),
        ],
    )
    def test_invalid_form_shows_nothing_and_makes_no_call(
        self, account, fake_server, query, message
    ):
        form = TroveFilterForm(QueryDict(query))
        page = self.map(account.user, "form=form", form=form)
        assert message in page
        assert "<li " not in page
        assert fake_server.photo_calls == 0

    def test_cached_response_costs_no_call_and_one_query(
        self, account, fake_server, django_assert_num_queries
    ):
        self.map(account.user)
        with django_assert_num_queries(1):
            self.map(account.user)
        assert fake_server.photo_calls == 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ('tag="snow"', "Did you mean tags"),
            ('box="1,2"', "box must be"),
            ("count=1000", "count must be"),
        ],
    )
    def test_invalid_argument_raises_template_syntax_error(self, arguments, message):
        with pytest.raises(TemplateSyntaxError, match=f"trove_map: .*{message}"):
            self.map(None, arguments)

    def test_page_renders_if_trove_is_down(self, account, fake_server):
        fake_server.error_response = DOWN
        assert "are unavailable" in self.map(account.user)

    def test_no_located_photos(self, account, fake_server):
        fake_server.photos = [photo(1)]
        page = self.map(account.user)
        assert "No photos with a location found." in page
        assert "trove-map-canvas" in page, "one can look for another area"

    def test_only_owner_is_offered_connection(self, user, make_user, fake_server):
        assert "Connect your Trove" in self.map(user)
        page = self.map(user, viewer=make_user("bob"))
        assert "<form" not in page

    def test_given_photos_are_rendered_without_call(self, account, fake_server):
        template = "{% load trove %}{% trove_photos user as p %}{% trove_map_of p assets=False %}"
        page = render(template, account.user)
        assert page.count("<li ") == 2
        assert fake_server.photo_calls == 1
        assert "<script" not in page

    def test_base_layer_is_land_or_tiles(self, account, settings):
        plain = self.map(account.user)
        settings.TROVE = settings.TROVE | {
            "MAP_TILES": {"URL": URL, "ATTRIBUTION": '<a href="https://t.example">us</a>'}
        }
        tiled = self.map(account.user)
        assert (tiles(plain), tiles(tiled)) == ([], [URL])
        assert (LAND in plain, LAND in tiled) == (True, False)
        assert 'data-attribution="&lt;a href=&quot;https://t.example&quot;&gt;us' in tiled

    def test_page_renders_with_invalid_setting(self, account, settings):
        settings.TROVE = settings.TROVE | {"MAP_TILES": "tiles"}
        assert LAND in self.map(account.user)

    def test_html_works_under_strict_content_security_policy(self, account):
        page = self.map(account.user)
        assert not re.search(r"style=|<script>|<style|\son\w+=", page)


def test_all_files_of_the_map_exist(settings, tmp_path):
    """
    With manifest storage, as in production, a reference to a missing file is an error.
    """
    settings.STATIC_ROOT = str(tmp_path)
    name = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": name}}
    call_command("collectstatic", interactive=False, verbosity=0)
    kept = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for name in ("leaflet/leaflet.js", "leaflet/LICENSE", "natural-earth/LICENSE"):
        assert f"django_trove/vendor/{name}" in kept


def test_land_file_is_small_topology():
    text = Path(finders.find(f"django_trove/{LAND}")).read_text()
    assert len(text) < 60_000
    land = json.loads(text.split("window.troveLand = ")[1].rstrip(";\n"))
    assert land["type"] == "Topology"
    assert land["objects"]["land"]["geometries"][0]["type"] == "MultiPolygon"
