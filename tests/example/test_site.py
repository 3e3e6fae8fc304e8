"""
The example's site, asking a fake Trove: no second process and no network.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

import showcase
from django_trove.forms.photo_field import photo_snapshot
from django_trove.models import TroveAccount
from django_trove.pytest_plugin import fake_trove as fake_trove_fixture
from showcase.models import Profile

pytestmark = pytest.mark.django_db
trove = fake_trove_fixture

TEMPLATES = Path(showcase.__file__).parent / "templates"


@pytest.fixture(autouse=True)
def site(settings, trove):
    """
    What the example's own settings say, but for its processes and files.
    """
    settings.ROOT_URLCONF = "showcase.urls"
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [TEMPLATES]}]
    policy = "showcase.policy.content_security_policy"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, policy]
    settings.TROVE = settings.TROVE | {"CONNECT_REDIRECT_URL": "home"}
    settings.LOGIN_URL, settings.LOGIN_REDIRECT_URL = "login", "home"
    settings.PLACES = {"Kyoto": (35.0116, 135.7681)}
    settings.PICTURES = []


@pytest.fixture
def ada(db):
    return get_user_model().objects.create_user("ada")


@pytest.fixture
def browser(ada):
    browser = Client()
    browser.force_login(ada)
    return browser


@pytest.fixture
def photos(trove, ada):
    """
    Three of Ada's, who is connected.
    """
    trove.connect(ada)
    return [
        trove.add_photo(ada, title="Snow", tags=["snow"], date="2007-03-04", service="smugmug"),
        trove.add_photo(ada, title="Temple", date="2019-04-01", place=(35.01, 135.77)),
        trove.add_photo(ada, title="Harbour", tags=["sea"], date="2021-07-30"),
    ]


def page(browser, path="/", **data):
    response = browser.get(path, data)
    assert response.status_code == 200
    return response.content.decode()


def titles(html):
    return {title for title in ("Snow", "Temple", "Harbour") if title in html}


class TestHome:
    def test_welcomes_who_is_not_connected(self, browser):
        assert "Connect your Trove" in page(browser)
        assert "Sign in to connect" in page(Client())

    def test_connects_and_shows_photos(self, browser, trove, ada):
        response = browser.post(reverse("django_trove:connect"))
        assert trove.allow(browser, response).url == "/"
        trove.add_photo(ada, title="Snow")
        assert titles(page(browser)) == {"Snow"}

    def test_takes_no_for_an_answer(self, browser, trove):
        response = trove.deny(browser, browser.post(reverse("django_trove:connect")))
        assert "Start again" in response.content.decode()
        assert not TroveAccount.objects.exists()

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, {"Snow", "Temple", "Harbour"}),
            ({"tags": "SNOW "}, {"Snow"}),
            ({"services": "smugmug"}, {"Snow"}),
            ({"since": "2019-01-01", "until": "2019-12-31"}, {"Temple"}),
            ({"place": "kyoto", "within": "25"}, {"Temple"}),
            ({"tags": "no-such-tag"}, set()),
        ],
    )
    def test_filters(self, browser, photos, filters, expected):
        assert titles(page(browser, **filters)) == expected

    def test_shows_the_last_good_answer_while_the_trove_is_down(self, browser, trove, photos):
        page(browser)
        trove.down()
        shown = page(browser)
        assert titles(shown) == {"Snow", "Temple", "Harbour"}
        assert "answer just now" in shown

    def test_asks_to_connect_again_after_a_revocation(self, browser, trove, ada, photos):
        trove.revoke(ada)
        page(browser)
        assert "Reconnect your Trove" in page(browser)

    def test_shows_nobody_else_s_photos(self, trove, photos):
        other = get_user_model().objects.create_user("bob")
        trove.connect(other)
        browser = Client()
        browser.force_login(other)
        assert titles(page(browser)) == set()


class TestOnePhoto:
    def test_is_shown_with_its_facts(self, browser, photos):
        shown = page(browser, f"/photos/{photos[0].trove_id}/")
        assert "4 March 2007" in shown
        assert photos[0].urls.large in shown

    def test_that_is_not_there_is_not_found(self, browser, photos):
        assert browser.get("/photos/999/").status_code == 404

    def test_is_trouble_while_the_trove_is_down(self, browser, trove, photos):
        trove.down()
        assert browser.get(f"/photos/{photos[0].trove_id}/").status_code == 502


class TestProfile:
    def test_has_a_picture_once_one_is_picked(self, browser, ada, photos):
        snow = photos[0]
        response = browser.post("/profile/", {"motto": "Brr", "picture": snow.trove_id})
        assert response.status_code == 302
        assert Profile.objects.get(user=ada).picture == photo_snapshot(snow)
        shown = page(browser, "/profile/")
        assert f'<img src="{snow.urls.thumbnail}" alt="Your profile picture: Snow">' in shown

    def test_keeps_its_picture_while_the_trove_is_down(self, browser, trove, ada, photos):
        snow = photos[0]
        Profile.objects.create(user=ada, picture=photo_snapshot(snow))
        trove.down()
        form = {"motto": "Still here", "picture": snow.trove_id}
        assert browser.post("/profile/", form).status_code == 302
        profile = Profile.objects.get(user=ada)
        assert (profile.motto, profile.picture) == ("Still here", photo_snapshot(snow))

    def test_takes_no_picture_of_somebody_else(self, browser, trove, photos):
        other = get_user_model().objects.create_user("bob")
        foreign = trove.add_photo(other)
        response = browser.post("/profile/", {"picture": foreign.trove_id})
        assert "none of your photos" in response.content.decode()
        assert not Profile.objects.exists()

    def test_is_for_who_is_signed_in(self):
        assert Client().get("/profile/").url.startswith("/sign-in/")
