"""
The filter form and the map: on the example site, and where a map has to do with what is rare.
"""

from __future__ import annotations

import json
import os
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

from .conftest import DESKTOP, PATIENCE, PHONE, Visitor, violations
from .test_whole_way import count

LOOKS = [
    pytest.param(size, scheme, id=f"{name}-{scheme}")
    for name, size in (("desktop", DESKTOP), ("phone", PHONE))
    for scheme in ("light", "dark")
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0"
    "00000301010018dd8db00000000049454e44ae426082"
)
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def zoom(page: Page) -> int:
    return page.locator(".trove-map-canvas").evaluate("map => map.troveMap.map.getZoom()")


def settled(page: Page) -> None:
    """
    A map moves for a quarter of a second.
    """
    page.wait_for_timeout(600)


class TestFilter:
    def test_its_state_is_in_the_address_and_no_more_than_that(self, member):
        page, everything = member.page, count(member)
        page.get_by_label("Tags").fill("night, ")
        page.get_by_label("From").fill("2015-01-01")
        member.press("Show")
        some = count(member)
        assert 0 < some < everything
        assert address(page) == {"tags": ["night, "], "since": ["2015-01-01"], "within": ["25"]}
        page.reload()
        expect(page.get_by_label("Tags")).to_have_value("night, ")
        expect(page.get_by_label("From")).to_have_value("2015-01-01")
        assert count(member) == some

    def test_each_active_filter_is_taken_away_by_a_link(self, member):
        page, everything = member.page, count(member)
        member.goes("/?tags=mountains&services=folder&since=2015-01-01&page=1")
        chips = page.get_by_role("navigation", name="Active filters")
        expect(chips.get_by_role("link")).to_have_count(4)
        member.shows("filter-chips")
        chips.get_by_role("link", name="mountains").click()
        assert address(page) == {"services": ["folder"], "since": ["2015-01-01"]}
        chips.get_by_role("link", name="All photos").click()
        assert address(page) == {}
        assert count(member) == everything

    def test_the_last_of_several_tags_is_completed(self, member):
        page = member.page
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
        assert first.lower() not in ends, "what is there already isn't suggested again"

    @pytest.mark.parametrize(
        ("query", "label"), [("box=here", "Area"), ("since=soon", "From"), ("place=Oz", "Place")]
    )
    def test_what_does_not_read_is_said_at_its_field_and_shows_no_photo(self, member, query, label):
        member.goes(f"/?{query}")
        wrong = member.page.get_by_label(label, exact=True).and_(member.page.locator("input"))
        expect(wrong).to_have_attribute("aria-invalid", "true")
        said = wrong.get_attribute("aria-describedby").split()[-1]
        expect(member.page.locator(f"#{said}")).to_be_visible()
        expect(member.page.locator(".trove-photo")).to_have_count(0)
        member.shows(f"filter-error-{label}")

    @pytest.mark.parametrize("path", ["/?tags=nothing-has-this&box=1,2,3,4", "/?since=2999-01-01"])
    def test_that_nothing_fits_is_said(self, member, path):
        member.goes(path)
        member.sees("No photos match")

    def test_nothing_of_it_needs_a_script(self, member, chromium):
        state = member.page.context.storage_state()
        with chromium.new_context(java_script_enabled=False, storage_state=state) as context:
            plain = Visitor(context.new_page(), member.home)
            plain.goes()
            everything = count(plain)
            plain.page.get_by_label("Tags").fill("Kyoto")
            plain.press("Show")
            assert 0 < count(plain) < everything
            plain.page.get_by_role("link", name="Show on a map").click()
            expect(plain.page.locator(".trove-map-list li").first).to_be_visible()
            expect(plain.page.locator(".trove-map-canvas")).to_be_hidden()
            plain.page.locator(".trove-map-list a").first.click()
            plain.sees("Taken")
            assert plain.errors == []


class TestMap:
    def test_groups_open_up_until_there_is_a_photo_to_go_to(self, member):
        page = member.page
        page.get_by_role("link", name="Show on a map").click()
        expect(page.locator(".trove-map-group").first).to_be_visible()
        listed = page.locator(".trove-map-list li").count()
        assert listed > 5
        numbers = [int(text) for text in page.locator(".trove-map-group").all_inner_texts()]
        assert sum(numbers) + page.locator(".trove-map-pin").count() == listed
        settled(page)
        member.shows("map")
        before = zoom(page)
        for _ in range(12):
            if page.locator(".trove-map-photos").count():
                break
            page.locator(".trove-map-group, .trove-map-pin").first.click()
            settled(page)
        assert zoom(page) > before
        link = page.locator(".trove-map-photos a").first
        title = link.inner_text().strip()
        member.has_picture(".trove-map-photos img", wider_than=0)
        member.shows("map-popup")
        link.click()
        expect(page.locator("h1")).to_have_text(title)

    def test_it_is_used_by_keyboard_alone(self, member):
        page = member.page
        member.goes("/map/?tags=Kyoto")
        marker = page.locator(".trove-map-group, .trove-map-pin").first
        expect(marker).to_be_visible()
        for _ in range(12):
            page.locator(".trove-map-group, .trove-map-pin").first.focus()
            page.keyboard.press("Enter")
            settled(page)
            if page.locator(".trove-map-photos").count():
                break
            focused = page.evaluate("() => document.activeElement.className")
            assert "trove-map-" in focused, "a group that opens up leaves the focus on the map"
        expect(page.locator(".trove-map-photos a").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".trove-map-photos")).to_have_count(0)
        focused = page.evaluate("() => document.activeElement.className")
        assert "trove-map-" in focused, "and one that is closed gives it back"

    def test_the_area_that_is_looked_at_becomes_a_filter(self, member):
        page = member.page
        member.goes("/map/?since=2001-01-01")
        listed = page.locator(".trove-map-list li")
        everything = listed.count()
        page.locator(".trove-map-group").first.click()
        settled(page)
        deep = zoom(page)
        for _ in range(2):
            page.get_by_role("button", name="Search this area").click()
            expect(page.locator(".trove-map-box")).to_be_attached()
            settled(page)
            assert zoom(page) == deep, "searching again doesn't zoom out"
        found = address(page)
        assert found.pop("since") == ["2001-01-01"]
        south, west, north, east = map(float, found["box"][0].split(","))
        assert 0 < listed.count() < everything
        for item in listed.all():
            place = [
                float(item.get_attribute(f"data-{name}")) for name in ("latitude", "longitude")
            ]
            assert south <= place[0] <= north
            assert west <= place[1] <= east
        chips = page.get_by_role("navigation", name="Active filters")
        expect(chips).to_contain_text("area")
        member.shows("map-area")
        chips.get_by_role("link", name="area").click()
        expect(page.locator(".trove-map-box")).to_have_count(0)

    def test_an_area_without_photos_is_one_to_go_on_from(self, member):
        member.goes("/map/?box=-60,-150,-50,-140")
        member.sees("No photo with a place here")
        expect(member.page.get_by_role("button", name="Search this area")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_has_nothing_against_the_filter_and_the_map(member, size, scheme):
    page = member.page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    look = f"{size['width']}-{scheme}"
    for name, path in (
        ("filter", "/?tags=mountains&services=folder&since=2001-01-01"),
        ("filter-wrong", "/?since=2009-01-01&until=2001-01-01&box=here"),
        ("map", "/map/"),
        ("map-box", "/map/?box=30,120,40,150"),
    ):
        member.goes(path)
        settled(page)
        member.shows(f"axe-{name}-{look}")
        assert violations(page) == {}, name
    member.goes("/map/?box=30,120,40,150")
    marker = page.locator(".trove-map-group, .trove-map-pin")
    for _ in range(12):
        if page.locator(".trove-map-photos").count():
            break
        marker.first.click()
        settled(page)
    member.shows(f"axe-popup-{look}")
    assert violations(page) == {}, "popup"
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing sticks out"


PARTS = ".trove-filter, .trove-chips, .trove-map"
FOCUSED = """parts => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    ours: at.closest(parts) !== null,
    name: `${at.tagName} ${at.className} ${at.name ?? ""}`,
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    small: Math.min(box.width, box.height) < 24 && !at.closest(".leaflet-control-attribution"),
  };
}"""


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_who_tabs_through_sees_where_they_are_and_hits_what_they_aim_at(member, size, scheme):
    page = member.page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    member.goes("/map/?tags=Kyoto&services=folder")
    expect(page.locator(".trove-map-pin, .trove-map-group").first).to_be_visible()
    seen: dict[str, dict[str, object]] = {}
    for _ in range(50):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED, PARTS)
        if focused["ours"]:
            seen[focused["name"]] = focused
    for kind in ("INPUT  tags", "SUMMARY", "trove-chip", "trove-map-search", "leaflet-marker-icon"):
        assert any(kind in name for name in seen), f"{kind} is reached"
    assert [name for name, each in seen.items() if each["outline"] < 2] == []
    assert [name for name, each in seen.items() if each["small"]] == []


TEMPLATE = """{% load trove static %}<!doctype html><html lang="en"><head><title>Map</title>
<link rel="icon" href="/tiles/icon.png">
<link rel="stylesheet" href="{% static 'django_trove/trove.css' %}"></head><body><main>
{% include "django_trove/filter.html" %}{% trove_map_of photos form=filter_form %}
</main></body></html>"""


@dataclass
class Site:
    """
    A page with a map of whatever photos, under a strict policy.

    :param policy: of the page.
    :param tiles: that were asked for.
    """

    url: str
    photos: list[Photo] = field(default_factory=list)
    policy: str = POLICY
    tiles: list[str] = field(default_factory=list)

    def page(self, query: str) -> bytes:
        form = TroveFilterForm(QueryDict(query))
        context = Context({"photos": self.photos, "filter_form": form})
        return Template(TEMPLATE).render(context).encode()


@contextmanager
def serving() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            kind, body = "text/html; charset=utf-8", b""
            if parts.path.startswith("/tiles/"):
                site.tiles.append(parts.path)
                kind, body = "image/png", PIXEL
                time.sleep(0.05)  # so that some are on their way when they aren't wanted any more
            elif parts.path.startswith("/static/"):
                name = parts.path.removeprefix("/static/")
                kinds = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
                kind, body = kinds[Path(name).suffix], Path(finders.find(name)).read_bytes()
            else:
                body = site.page(parts.query)
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
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def looker(chromium, site) -> Iterator[Page]:
    with chromium.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type != "log" else None)
        yield page
        assert errors == []


def taken(latitude: float, longitude: float, title: str = "Sea", **facts: object) -> Photo:
    urls = Urls({"thumbnail": "/tiles/thumbnail.png"})
    page = "https://flickr.example/1"
    facts = {"title": title, "urls": urls, "original_web_url": page} | facts
    return Photo(latitude=latitude, longitude=longitude, **facts)


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


class TestRareMaps:
    def test_photos_on_both_sides_of_the_antimeridian_are_neighbours(self, site, looker):
        site.photos = [taken(-17, 178), taken(-14, -172), taken(-21, -175)]
        looker.goto(site.url)
        settled(looker)
        keep(looker, "rare-antimeridian")
        assert zoom(looker) >= 4
        expect(looker.locator(".trove-map-pin")).to_have_count(3)
        canvas = looker.locator(".trove-map-canvas").bounding_box()
        for pin in looker.locator(".trove-map-pin").all():
            box = pin.bounding_box()
            assert canvas["x"] < box["x"] < canvas["x"] + canvas["width"]
        looker.get_by_role("button", name="Search this area").click()
        expect(looker.locator(".trove-map-box")).to_be_attached()
        south, west, north, east = map(float, address(looker)["box"][0].split(","))
        assert -180 <= east < west <= 180
        assert south < -21 < -14 < north
        settled(looker)
        expect(looker.locator(".trove-map-pin")).to_have_count(3)
        assert zoom(looker) >= 4

    def test_a_map_goes_around_the_globe_and_its_photos_come_along(self, site, looker):
        site.photos = [taken(10, 20)]
        looker.goto(f"{site.url}/?box=-60,-180,60,180")
        looker.locator(".trove-map-canvas").evaluate(
            "map => { map.troveMap.map.setView([0, 740], 3, { animate: false }) }"
        )
        expect(looker.locator(".trove-map-pin")).to_be_in_viewport()
        looker.get_by_role("button", name="Search this area").click()
        expect(looker.locator("#trove_filter_box")).not_to_have_value("-60,-180,60,180")
        box = address(looker)["box"][0]
        edges = [float(edge) for edge in box.split(",")]
        assert edges[1] < 20 < edges[3]
        assert edges[1] >= -180
        assert edges[3] <= 180
        assert "errorlist" not in looker.content()

    def test_the_whole_world_is_an_area_without_edges(self, site, looker):
        looker.goto(site.url)
        looker.locator(".trove-map-canvas").evaluate(
            "map => { map.troveMap.map.setView([0, 90], 1, { animate: false }) }"
        )
        looker.get_by_role("button", name="Search this area").click()
        looker.wait_for_url("**box=**")
        edges = [float(edge) for edge in address(looker)["box"][0].split(",")]
        assert edges[1::2] == [-180, 180]

    def test_many_photos_are_few_markers_which_do_not_hide_each_other(self, site, looker):
        site.photos = [taken(30 + n % 25 / 2, 130 + n // 25 / 2) for n in range(500)]
        began = time.monotonic()
        looker.goto(site.url)
        expect(looker.locator(".trove-map-group").first).to_be_visible()
        assert time.monotonic() - began < 5
        keep(looker, "rare-many")
        numbers = [int(text) for text in looker.locator(".trove-map-group").all_inner_texts()]
        assert sum(numbers) + looker.locator(".trove-map-pin").count() == 500
        assert len(numbers) < 150
        boxes = [pin.bounding_box() for pin in looker.locator(".trove-map-group").all()[:60]]
        middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
        for index, (x, y) in enumerate(middles):
            for other_x, other_y in middles[:index]:
                assert (x - other_x) ** 2 + (y - other_y) ** 2 > 40**2

    def test_photos_of_one_place_are_told_apart_in_a_list(self, site, looker):
        site.photos = [taken(1, 2, f"Sea {n}") for n in range(30)]
        looker.goto(site.url)
        looker.get_by_role("button", name="Photos here: 30").click()
        settled(looker)
        if not looker.locator(".trove-map-photos").count():
            looker.get_by_role("button", name="Photos here: 30").click()
        expect(looker.locator(".trove-map-photos li")).to_have_count(30)
        keep(looker, "rare-one-place")
        looker.get_by_role("button", name="Close").click()
        expect(looker.locator(".trove-map-photos")).to_have_count(0)
        expect(looker.get_by_role("button", name="Photos here: 30")).to_be_focused()

    def test_a_title_is_never_markup(self, site, looker):
        bad = '"><img src=x onerror=document.title=1><b>'
        site.photos = [taken(1, 2, bad, original_web_url="javascript:document.title=2")]
        looker.goto(site.url)
        looker.locator(".trove-map-pin").click()
        expect(looker.locator(".trove-map-photos .trove-title")).to_have_text(bad)
        assert looker.locator("b, img[src=x]").count() == 0
        assert looker.title() == "Map"

    def test_tiles_are_fetched_and_let_go_under_a_strict_policy(self, site, looker, settings):
        tiles = {
            "URL": site.url + "/tiles/{z}/{x}/{y}.png",
            "ATTRIBUTION": '© <a href="https://tiles.example">Us</a>',
            "MAX_ZOOM": 6,
        }
        settings.TROVE = settings.TROVE | {"MAP_TILES": tiles}
        site.photos = [taken(10, 20), taken(40, 60)]
        looker.goto(site.url)
        expect(looker.locator(".leaflet-tile-loaded").first).to_be_visible()
        expect(looker.get_by_role("link", name="Us", exact=True)).to_be_visible()
        for _ in range(2):
            for name in ("Zoom out", "Zoom in", "Zoom in"):
                button = looker.get_by_role("button", name=name)
                if button.get_attribute("aria-disabled") != "true":
                    button.click()
                looker.wait_for_timeout(120)
        settled(looker)
        keep(looker, "rare-tiles")
        assert zoom(looker) <= 6
        assert len({path.split("/")[2] for path in site.tiles if path.count("/") == 4}) > 1
        assert looker.evaluate("() => window.troveLand") is None

    def test_two_maps_share_what_they_load(self, site, looker, monkeypatch):
        both = TEMPLATE.replace("</main>", "{% trove_map_of photos assets=False %}</main>")
        monkeypatch.setitem(globals(), "TEMPLATE", both)
        site.photos = [taken(1, 2)]
        looker.goto(site.url)
        expect(looker.locator(".trove-map-pin")).to_have_count(2)
        assert len(re.findall("leaflet.js", looker.content())) == 1

    def test_a_map_in_a_fold_looks_at_its_photos_when_it_is_opened(self, site, looker, monkeypatch):
        folded = TEMPLATE.replace(
            "{% trove_map_of", "<details><summary>Map</summary>{% trove_map_of"
        )
        monkeypatch.setitem(globals(), "TEMPLATE", folded.replace("</main>", "</details></main>"))
        site.photos = [taken(-17, 178), taken(-14, -172)]
        looker.goto(site.url)
        looker.locator("summary", has_text="Map").click()
        settled(looker)
        assert zoom(looker) >= 4
        for pin in looker.locator(".trove-map-pin").all():
            expect(pin).to_be_in_viewport()

    def test_data_for_the_map_is_written_as_numbers(self, site, looker):
        site.photos = [taken(1e-7, -1e-7)]
        looker.goto(site.url)
        place = looker.locator(".trove-map-canvas").evaluate(
            "map => JSON.stringify(map.troveMap.photos.map((p) => [p.latitude, p.longitude]))"
        )
        assert json.loads(place) == [[1e-7, -1e-7]]
