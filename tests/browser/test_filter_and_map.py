"""
The filter form and the map on the example site, and maps of unusual photos.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import QueryDict
from django.template import Context, Template
from playwright.sync_api import Page, expect

from django_trove.client import Photo, Urls
from django_trove.forms import TroveFilterForm

from .conftest import (
    APPEARANCES,
    AXE_RULES,
    find_violations,
    open_session,
    save_screenshot,
    wait_for_animations,
)

PIXEL_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "00000301010018dd8db00000000049454e44ae426082"
)
CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


def get_query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def get_zoom(page: Page) -> int:
    return page.locator(".trove-map-canvas").evaluate("map => map.troveMap.map.getZoom()")


class TestFilter:
    def test_url_contains_the_filled_in_fields_only(self, session):
        page, total = session.page, session.count_photos()
        session.open_filters()
        page.get_by_label("Tags").fill("night, ")
        page.get_by_label("From").fill("2015-01-01")
        session.click_button("Show")
        matching = session.count_photos()
        assert 0 < matching < total
        assert get_query(page) == {"tags": ["night, "], "since": ["2015-01-01"], "within": ["25"]}
        page.reload()
        session.open_filters()
        expect(page.get_by_label("Tags")).to_have_value("night, ")
        expect(page.get_by_label("From")).to_have_value("2015-01-01")
        assert session.count_photos() == matching

    @pytest.mark.parametrize(
        ("session", "limit"),
        [({"width": 390, "height": 844}, 310), ({"width": 1280, "height": 800}, 280)],
        indirect=["session"],
        ids=["phone", "desktop"],
    )
    def test_first_screen_shows_photos(self, session, limit):
        assert session.get_first_photo_position() < limit

    def test_words_are_searched(self, session):
        page = session.page
        title = page.locator(".trove-title").first.inner_text()
        page.get_by_placeholder("Search words").fill(title)
        page.get_by_role("button", name="Search").click()
        assert get_query(page)["text"] == [title]
        expect(page.locator(".trove-title")).to_have_text([title])

    def test_filters_are_opened_by_keyboard(self, session):
        page = session.page
        page.get_by_role("button", name="Search").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Tags")).to_be_visible()

    def test_links_remove_active_filters(self, session):
        page, total = session.page, session.count_photos()
        session.open("/?tags=mountains&services=folder&since=2015-01-01&page=1")
        chips = page.get_by_role("navigation", name="Active filters")
        expect(chips.get_by_role("link")).to_have_count(4)
        session.save_screenshot("filter-chips")
        chips.get_by_role("link", name="mountains").click()
        assert get_query(page) == {"services": ["folder"], "since": ["2015-01-01"]}
        chips.get_by_role("link", name="All photos").click()
        assert get_query(page) == {}
        assert session.count_photos() == total

    def test_last_of_several_tags_is_completed(self, session):
        page = session.page
        session.open_filters()
        tags = page.get_by_label("Tags")
        first = page.locator("datalist option").first.get_attribute("value")
        assert first
        typed = f"Sea ,{first.upper()}, "
        tags.press_sequentially(typed)
        values = [
            option.get_attribute("value")
            for option in page.locator("#trove_filter_tags_suggestions option").all()
        ]
        assert len(values) > 5
        assert all(value.startswith(typed) for value in values)
        ends = [value.removeprefix(typed).lower() for value in values]
        assert first.lower() not in ends, "tags in the field must not be suggested"

    @pytest.mark.parametrize(("query", "label"), [("since=soon", "From"), ("near=Oz", "Near")])
    def test_invalid_value_shows_error_at_field_and_no_photos(self, session, query, label):
        session.open(f"/?{query}")
        input_ = session.page.get_by_label(label, exact=True).and_(session.page.locator("input"))
        expect(input_).to_have_attribute("aria-invalid", "true")
        error = input_.get_attribute("aria-describedby").split()[-1]
        expect(session.page.locator(f"#{error}")).to_be_visible()
        expect(session.page.locator(".trove-photo")).to_have_count(0)
        session.save_screenshot(f"filter-error-{label}")

    @pytest.mark.parametrize("path", ["/?tags=nothing-has-this&box=1,2,3,4", "/?since=2999-01-01"])
    def test_no_matching_photos_message(self, session, path):
        session.open(path)
        session.expect_text("No photos match")

    def test_filter_and_map_work_without_script(self, session, chromium):
        options = {
            "java_script_enabled": False,
            "storage_state": session.page.context.storage_state(),
        }
        with open_session(chromium, session.site_url, **options) as plain:
            plain.open()
            total = plain.count_photos()
            plain.open_filters()
            plain.page.get_by_label("Tags").fill("Kyoto")
            plain.click_button("Show")
            assert 0 < plain.count_photos() < total
            plain.page.get_by_role("link", name="Show on a map").click()
            expect(plain.page.locator(".trove-map-list li").first).to_be_visible()
            expect(plain.page.locator(".trove-map-canvas")).to_be_hidden()
            plain.page.locator(".trove-map-list a").first.click()
            plain.expect_text("Taken")


class TestMap:
    def test_clicking_groups_zooms_in_to_photo_link(self, session):
        page = session.page
        page.get_by_role("link", name="Show on a map").click()
        expect(page.locator(".trove-map-group").first).to_be_visible()
        items = page.locator(".trove-map-list li").count()
        assert items > 5
        numbers = [int(text) for text in page.locator(".trove-map-group").all_inner_texts()]
        assert sum(numbers) + page.locator(".trove-map-pin").count() == items
        wait_for_animations(page)
        session.save_screenshot("map")
        before = get_zoom(page)
        for _ in range(12):
            if page.locator(".trove-map-photos").count():
                break
            page.locator(".trove-map-group, .trove-map-pin").first.click()
            wait_for_animations(page)
        assert get_zoom(page) > before
        link = page.locator(".trove-map-photos a").first
        title = link.inner_text().strip()
        session.expect_image(".trove-map-photos img", wider_than=0)
        session.save_screenshot("map-popup")
        link.click()
        expect(page.locator("h1")).to_have_text(title)

    def test_map_can_be_used_by_keyboard(self, session):
        page = session.page
        session.open("/map/?tags=Kyoto")
        marker = page.locator(".trove-map-group, .trove-map-pin").first
        expect(marker).to_be_visible()
        for _ in range(12):
            page.locator(".trove-map-group, .trove-map-pin").first.focus()
            page.keyboard.press("Enter")
            wait_for_animations(page)
            if page.locator(".trove-map-photos").count():
                break
            focused = page.evaluate("() => document.activeElement.className")
            assert "trove-map-" in focused, "the focus must stay in the map"
        expect(page.locator(".trove-map-photos a").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".trove-map-photos")).to_have_count(0)
        focused = page.evaluate("() => document.activeElement.className")
        assert "trove-map-" in focused, "closing the popup must return the focus"

    def test_visible_area_becomes_filter(self, session):
        page = session.page
        session.open("/map/?since=2001-01-01")
        items = page.locator(".trove-map-list li")
        total = items.count()
        page.locator(".trove-map-group").first.click()
        wait_for_animations(page)
        zoom = get_zoom(page)
        for _ in range(2):
            page.get_by_role("button", name="Search this area").click()
            expect(page.locator(".trove-map-box")).to_be_attached()
            wait_for_animations(page)
            assert get_zoom(page) == zoom, "a search must keep the zoom level"
        found = get_query(page)
        assert found.pop("since") == ["2001-01-01"]
        south, west, north, east = map(float, found["box"][0].split(","))
        assert 0 < items.count() < total
        for item in items.all():
            place = [
                float(item.get_attribute(f"data-{name}")) for name in ("latitude", "longitude")
            ]
            assert south <= place[0] <= north
            assert west <= place[1] <= east
        chips = page.get_by_role("navigation", name="Active filters")
        expect(chips).to_contain_text("area")
        session.save_screenshot("map-area")
        chips.get_by_role("link", name="area").click()
        expect(page.locator(".trove-map-box")).to_have_count(0)

    def test_area_without_photos_can_be_searched_again(self, session):
        session.open("/map/?box=-60,-150,-50,-140")
        session.expect_text("No photos with a location found.")
        expect(session.page.get_by_role("button", name="Search this area")).to_be_visible()


@pytest.mark.parametrize(("viewport", "color_scheme"), APPEARANCES)
def test_axe_finds_no_violations_in_filter_and_map(session, viewport, color_scheme):
    page = session.page
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=color_scheme)
    suffix, rules = f"{viewport['width']}-{color_scheme}", AXE_RULES[color_scheme]
    for name, path in (
        ("filter", "/?tags=mountains&services=folder&since=2001-01-01"),
        ("filter-wrong", "/?since=2009-01-01&until=2001-01-01&box=here"),
        ("map", "/map/"),
        ("map-box", "/map/?box=30,120,40,150"),
    ):
        session.open(path)
        wait_for_animations(page)
        session.save_screenshot(f"axe-{name}-{suffix}")
        assert find_violations(page, rules) == {}, name
    session.open("/map/?box=30,120,40,150")
    marker = page.locator(".trove-map-group, .trove-map-pin")
    for _ in range(12):
        if page.locator(".trove-map-photos").count():
            break
        marker.first.click()
        wait_for_animations(page)
    session.save_screenshot(f"axe-popup-{suffix}")
    assert find_violations(page, rules) == {}, "popup"
    overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, "the page must not scroll horizontally"


WIDGETS = ".trove-filter, .trove-chips, .trove-map"
DESCRIBE_FOCUSED_ELEMENT = """widgets => {
  const element = document.activeElement;
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return {
    isOurs: element.closest(widgets) !== null,
    name: `${element.tagName} ${element.className} ${element.name ?? ""}`,
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    isSmall: Math.min(box.width, box.height) < 24 &&
      !element.closest(".leaflet-control-attribution"),
  };
}"""


@pytest.mark.parametrize(("viewport", "color_scheme"), APPEARANCES)
def test_focus_is_visible_and_targets_are_large_enough(session, viewport, color_scheme):
    page = session.page
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=color_scheme)
    session.open("/map/?tags=Kyoto&services=folder")
    expect(page.locator(".trove-map-pin, .trove-map-group").first).to_be_visible()
    session.open_filters()
    page.get_by_placeholder("Search words").focus()
    seen: dict[str, dict[str, object]] = {}
    for _ in range(50):
        page.keyboard.press("Tab")
        focused = page.evaluate(DESCRIBE_FOCUSED_ELEMENT, WIDGETS)
        if focused["isOurs"]:
            seen[focused["name"]] = focused
    for kind in ("INPUT  tags", "SUMMARY", "trove-chip", "trove-map-search", "leaflet-marker-icon"):
        assert any(kind in name for name in seen), f"{kind} cannot be focused"
    assert [name for name, each in seen.items() if each["outline"] < 2] == []
    assert [name for name, each in seen.items() if each["isSmall"]] == []


TEMPLATE = """{% load trove static %}<!doctype html><html lang="en"><head><title>Map</title>
<link rel="icon" href="/tiles/icon.png">
<link rel="stylesheet" href="{% static 'django_trove/trove.css' %}"></head><body><main>
{% include "django_trove/filter.html" %}{% trove_map_of photos form=filter_form %}
</main></body></html>"""


@dataclass
class Site:
    """
    A page with a map of `photos`. `tiles` collects the paths of the requested tiles.
    """

    url: str
    photos: list[Photo] = field(default_factory=list)
    policy: str = CONTENT_SECURITY_POLICY
    tiles: list[str] = field(default_factory=list)

    def render(self, query: str) -> bytes:
        form = TroveFilterForm(QueryDict(query))
        context = Context({"photos": self.photos, "filter_form": form})
        return Template(TEMPLATE).render(context).encode()


@contextmanager
def serve_map() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            kind, body = "text/html; charset=utf-8", b""
            if parts.path.startswith("/tiles/"):
                site.tiles.append(parts.path)
                kind, body = "image/png", PIXEL_PNG
                time.sleep(0.05)  # the map cancels requests for tiles that leave the viewport
            elif parts.path.startswith("/static/"):
                name = parts.path.removeprefix("/static/")
                kinds = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
                kind, body = kinds[Path(name).suffix], Path(finders.find(name)).read_bytes()
            else:
                body = site.render(parts.query)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", site.policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_map() as site:
        yield site


@pytest.fixture
def map_page(chromium, site) -> Iterator[Page]:
    messages: list[str] = []
    with open_session(chromium, site.url) as session:
        session.page.on(
            "console", lambda message: messages.append(f"{message.type} {message.text}")
        )
        yield session.page
    assert [message for message in messages if not message.startswith("log ")] == []


def make_photo(latitude: float, longitude: float, title: str = "Sea", **facts: object) -> Photo:
    urls = Urls({"thumbnail": "/tiles/thumbnail.png"})
    page = "https://flickr.example/1"
    facts = {"title": title, "urls": urls, "original_web_url": page} | facts
    return Photo(latitude=latitude, longitude=longitude, **facts)


class TestUnusualPhotos:
    def test_photos_on_both_sides_of_antimeridian_are_shown_together(self, site, map_page):
        site.photos = [make_photo(-17, 178), make_photo(-14, -172), make_photo(-21, -175)]
        map_page.goto(site.url)
        wait_for_animations(map_page)
        save_screenshot(map_page, "unusual-antimeridian", full_page=False)
        assert get_zoom(map_page) >= 4
        expect(map_page.locator(".trove-map-pin")).to_have_count(3)
        canvas = map_page.locator(".trove-map-canvas").bounding_box()
        for pin in map_page.locator(".trove-map-pin").all():
            box = pin.bounding_box()
            assert canvas["x"] < box["x"] < canvas["x"] + canvas["width"]
        map_page.get_by_role("button", name="Search this area").click()
        expect(map_page.locator(".trove-map-box")).to_be_attached()
        south, west, north, east = map(float, get_query(map_page)["box"][0].split(","))
        assert -180 <= east < west <= 180
        assert south < -21 < -14 < north
        wait_for_animations(map_page)
        expect(map_page.locator(".trove-map-pin")).to_have_count(3)
        assert get_zoom(map_page) >= 4

    def test_photos_are_shown_when_map_wraps_around(self, site, map_page):
        site.photos = [make_photo(10, 20)]
        map_page.goto(f"{site.url}/?box=-60,-180,60,180")
        map_page.locator(".trove-map-canvas").evaluate(
            "map => { map.troveMap.map.setView([0, 740], 3, { animate: false }) }"
        )
        expect(map_page.locator(".trove-map-pin")).to_be_in_viewport()
        map_page.get_by_role("button", name="Search this area").click()
        expect(map_page.locator("#trove_filter_box")).not_to_have_value("-60,-180,60,180")
        box = get_query(map_page)["box"][0]
        edges = [float(edge) for edge in box.split(",")]
        assert edges[1] < 20 < edges[3]
        assert edges[1] >= -180
        assert edges[3] <= 180
        assert "errorlist" not in map_page.content()

    def test_world_is_searched_from_180_west_to_180_east(self, site, map_page):
        map_page.goto(site.url)
        map_page.locator(".trove-map-canvas").evaluate(
            "map => { map.troveMap.map.setView([0, 90], 1, { animate: false }) }"
        )
        map_page.get_by_role("button", name="Search this area").click()
        map_page.wait_for_url("**box=**")
        edges = [float(edge) for edge in get_query(map_page)["box"][0].split(",")]
        assert edges[1::2] == [-180, 180]

    def test_many_photos_are_grouped_into_markers_that_do_not_overlap(self, site, map_page):
        site.photos = [make_photo(30 + n % 25 / 2, 130 + n // 25 / 2) for n in range(500)]
        began = time.monotonic()
        map_page.goto(site.url)
        expect(map_page.locator(".trove-map-group").first).to_be_visible()
        assert time.monotonic() - began < 5
        save_screenshot(map_page, "unusual-many", full_page=False)
        numbers = [int(text) for text in map_page.locator(".trove-map-group").all_inner_texts()]
        assert sum(numbers) + map_page.locator(".trove-map-pin").count() == 500
        assert len(numbers) < 150
        boxes = [pin.bounding_box() for pin in map_page.locator(".trove-map-group").all()[:60]]
        middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
        for index, (x, y) in enumerate(middles):
            for other_x, other_y in middles[:index]:
                assert (x - other_x) ** 2 + (y - other_y) ** 2 > 40**2

    def test_photos_of_one_place_are_items(self, site, map_page):
        site.photos = [make_photo(1, 2, f"Sea {n}") for n in range(30)]
        map_page.goto(site.url)
        map_page.get_by_role("button", name="Photos here: 30").click()
        wait_for_animations(map_page)
        if not map_page.locator(".trove-map-photos").count():
            map_page.get_by_role("button", name="Photos here: 30").click()
        expect(map_page.locator(".trove-map-photos li")).to_have_count(30)
        save_screenshot(map_page, "unusual-one-place", full_page=False)
        wait_for_animations(map_page)
        map_page.get_by_role("button", name="Close").click()
        expect(map_page.locator(".trove-map-photos")).to_have_count(0)
        expect(map_page.get_by_role("button", name="Photos here: 30")).to_be_focused()

    def test_title_is_escaped(self, site, map_page):
        bad = '"><img src=x onerror=document.title=1><b>'
        site.photos = [make_photo(1, 2, bad, original_web_url="javascript:document.title=2")]
        map_page.goto(site.url)
        map_page.locator(".trove-map-pin").click()
        expect(map_page.locator(".trove-map-photos .trove-title")).to_have_text(bad)
        assert map_page.locator("b, img[src=x]").count() == 0
        assert map_page.title() == "Map"

    def test_tiles_are_loaded_and_cancelled_under_strict_policy(self, site, map_page, settings):
        tiles = {
            "URL": site.url + "/tiles/{z}/{x}/{y}.png",
            "ATTRIBUTION": '© <a href="https://tiles.example">Us</a>',
            "MAX_ZOOM": 6,
        }
        settings.TROVE = settings.TROVE | {"MAP_TILES": tiles}
        site.photos = [make_photo(10, 20), make_photo(40, 60)]
        map_page.goto(site.url)
        expect(map_page.locator(".leaflet-tile-loaded").first).to_be_visible()
        expect(map_page.get_by_role("link", name="Us", exact=True)).to_be_visible()
        for _ in range(2):
            for name in ("Zoom out", "Zoom in", "Zoom in"):
                # An animation can disable the button at any time; then the click has no effect.
                map_page.get_by_role("button", name=name).click(force=True)
                map_page.wait_for_timeout(120)
        wait_for_animations(map_page)
        save_screenshot(map_page, "unusual-tiles", full_page=False)
        assert get_zoom(map_page) <= 6
        assert len({path.split("/")[2] for path in site.tiles if path.count("/") == 4}) > 1
        assert map_page.evaluate("() => window.troveLand") is None

    def test_two_maps_share_their_assets(self, site, map_page, monkeypatch):
        both = TEMPLATE.replace("</main>", "{% trove_map_of photos assets=False %}</main>")
        monkeypatch.setitem(globals(), "TEMPLATE", both)
        site.photos = [make_photo(1, 2)]
        map_page.goto(site.url)
        expect(map_page.locator(".trove-map-pin")).to_have_count(2)
        assert len(re.findall("leaflet.js", map_page.content())) == 1

    def test_map_in_details_element_fits_photos_when_opened(self, site, map_page, monkeypatch):
        folded = TEMPLATE.replace(
            "{% trove_map_of", "<details><summary>Map</summary>{% trove_map_of"
        )
        monkeypatch.setitem(globals(), "TEMPLATE", folded.replace("</main>", "</details></main>"))
        site.photos = [make_photo(-17, 178), make_photo(-14, -172)]
        map_page.goto(site.url)
        map_page.locator("summary", has_text="Map").click()
        wait_for_animations(map_page)
        assert get_zoom(map_page) >= 4
        for pin in map_page.locator(".trove-map-pin").all():
            expect(pin).to_be_in_viewport()

    def test_coordinates_are_rendered_as_numbers(self, site, map_page):
        site.photos = [make_photo(1e-7, -1e-7)]
        map_page.goto(site.url)
        place = map_page.locator(".trove-map-canvas").evaluate(
            "map => JSON.stringify(map.troveMap.photos.map((p) => [p.latitude, p.longitude]))"
        )
        assert json.loads(place) == [[1e-7, -1e-7]]
