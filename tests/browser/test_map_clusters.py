"""
A map of more photos than the list next to it has, under a strict Content-Security-Policy.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from django_trove.client import Place, Urls
from django_trove.photos.maps import COUNT

from .conftest import DESKTOP, PHONE, open_session, wait_for_animations

pytestmark = pytest.mark.django_db(transaction=True)

IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#4a7"/></svg>'  # noqa: E501
TOWNS = {"Williamsburg": (40.71, -73.95), "Kyoto": (35.01, 135.77), "Berlin": (52.52, 13.4)}
PHOTOS = 400
MARKERS = ".trove-map-group, .trove-map-pin"


@pytest.fixture(scope="module")
def site(django_db_setup) -> Iterator[LiveServer]:
    with override_settings(
        ROOT_URLCONF="tests.browser.default_project",
        LOGIN_URL="login",
        MIDDLEWARE=[
            *django_settings.MIDDLEWARE,
            "tests.browser.default_project.content_security_policy",
        ],
    ):
        server = LiveServer("localhost")
        yield server
        server.stop()


@pytest.fixture
def session(chromium, site, transactional_db, fake_trove, settings) -> Iterator[Any]:
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 60}
    user = get_user_model().objects.create_user("ada", password="pass-word")
    fake_trove.connect(user, "Ada Lovelace")
    chance = random.Random(7)
    for number in range(PHOTOS):
        town = list(TOWNS)[0 if number < 300 else number % 3]
        location = [degrees + chance.gauss(0, 0.03) for degrees in TOWNS[town]]
        fake_trove.add_photo(
            user,
            title=f"Photo {number}",
            location=tuple(location),
            place=Place(name=town, country="Country"),
            urls=Urls({"original": f"https://photos.example/{number}.svg"}),
            trove_id=f"t{number}",
        )
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}
    with open_session(chromium, site.url) as session:
        session.page.context.add_cookies([cookie])
        session.page.context.route(
            "https://photos.example/**",
            lambda route: route.fulfill(body=IMAGE, content_type="image/svg+xml"),
        )
        yield session


def count_photos(page) -> int:
    groups = page.locator(".trove-map-group").all_inner_texts()
    return sum(map(int, groups)) + page.locator(".trove-map-pin").count()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "390"])
def test_the_map_shows_all_photos(session, viewport):
    page = session.page
    page.set_viewport_size(viewport)
    session.open("/library/map/")
    wait_for_animations(page)
    assert page.locator(".trove-map-list li").count() == COUNT
    expect(page.locator(".trove-map-count")).to_be_hidden()
    assert count_photos(page) == PHOTOS
    session.check_page(f"map-clusters-{viewport['width']}")
    for _ in range(12):
        if page.locator(".trove-map-photos").count():
            break
        page.locator(MARKERS).first.click()
        wait_for_animations(page)
        assert 0 < count_photos(page) <= PHOTOS
    session.check_page(f"map-clusters-popup-{viewport['width']}")
    details = page.locator(".trove-map-photos .trove-map-details").first
    expect(details).to_contain_text(", Country")
    href = page.locator(".trove-map-photos a").first.get_attribute("href")
    assert href.startswith("/library/photo/t")


def test_the_map_of_a_filter(session):
    page = session.page
    session.open("/library/map/?place=Kyoto")
    wait_for_animations(page)
    expected = sum(number % 3 == 1 for number in range(300, PHOTOS))
    assert count_photos(page) == expected
    expect(page.locator(".trove-map-canvas")).to_have_attribute(
        "data-clusters", "/library/map.json?place=Kyoto"
    )


def test_the_list_is_the_map_if_clusters_are_unavailable(session):
    page = session.page
    page.route("**/map.json*", lambda route: route.fulfill(status=503, body="{}"))
    session.open("/library/map/")
    wait_for_animations(page)
    assert count_photos(page) == COUNT
    session.console_errors.clear()
