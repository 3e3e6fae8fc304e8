"""
The example site with a fake Trove, without a second process or a network.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

import photoblog
from django_trove.forms.photo_choices import photo_snapshot
from django_trove.models import TroveAccount
from django_trove.pytest_plugin import fake_trove as fake_trove_fixture
from photoblog.models import Profile
from settings.base import PAGES

pytestmark = pytest.mark.django_db
trove = fake_trove_fixture

ALL_TYPES = ["photos", "videos", "status", "checkins", "friends"]
TEMPLATES = Path(photoblog.__file__).parent / "templates"


@pytest.fixture(autouse=True)
def site(settings, trove):
    """
    Apply the example's settings that do not depend on its workspace.
    """
    settings.ROOT_URLCONF = "urls.site"
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [TEMPLATES]}]
    policy = "photoblog.middleware.content_security_policy"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, policy]
    settings.TROVE = settings.TROVE | {"CONNECT_REDIRECT_URL": "home", "PAGES": PAGES}
    settings.LOGIN_URL, settings.LOGIN_REDIRECT_URL = "login", "home"
    settings.PLACES = {"Kyoto": (35.0116, 135.7681)}
    settings.IMAGE_ORIGINS = []


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
    Connect Ada and add three photos.
    """
    trove.connect(ada)
    return [
        trove.add_photo(ada, title="Snow", tags=["snow"], date="2007-03-04", service="smugmug"),
        trove.add_photo(ada, title="Temple", date="2019-04-01", location=(35.01, 135.77)),
        trove.add_photo(ada, title="Harbour", tags=["sea"], date="2021-07-30"),
    ]


def page(browser, path="/", **data):
    response = browser.get(path, data)
    assert response.status_code == 200
    return response.content.decode()


def titles(html):
    return {title for title in ("Snow", "Temple", "Harbour") if title in html}


class TestActivity:
    def test_all_types(self, browser, ada, trove, settings):
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ALL_TYPES}
        trove.connect(ada)
        video = trove.add_video(ada, title="Waves", duration=62)
        trove.add_status(ada, "Snow again")
        trove.add_checkin(ada, "Café Central")
        trove.add_friend(ada, "Bob")
        content = page(browser, "/activity/")
        for text in ("Waves", "1:02", "Snow again", "Café Central", "Bob"):
            assert text in content
        assert "Waves" in page(browser, f"/photos/{video.trove_id}/")

    def test_videos_only(self, browser, ada, trove, settings):
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos", "videos"]}
        trove.connect(ada)
        content = page(browser, "/activity/")
        assert "No videos found." in content
        assert "Friends" not in content


class TestHome:
    def test_without_connection(self, browser):
        assert "Connect your Trove" in page(browser)
        assert "Sign in to connect" in page(Client())

    def test_connect_shows_photos(self, browser, trove, ada):
        response = browser.post(reverse("django_trove:connect"))
        assert trove.allow(browser, response).url == "/"
        trove.add_photo(ada, title="Snow")
        assert titles(page(browser)) == {"Snow"}

    def test_denied_authorization(self, browser, trove):
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
            ({"near": "kyoto", "within": "25"}, {"Temple"}),
            ({"tags": "no-such-tag"}, set()),
        ],
    )
    def test_filters(self, browser, photos, filters, expected):
        assert titles(page(browser, **filters)) == expected

    def test_shows_cached_photos_if_the_trove_is_down(self, browser, trove, photos):
        page(browser)
        trove.down()
        shown = page(browser)
        assert titles(shown) == {"Snow", "Temple", "Harbour"}
        assert "cached photos" in shown

    def test_requires_reconnect_after_revocation(self, browser, trove, ada, photos):
        trove.revoke(ada)
        page(browser)
        assert "Reconnect your Trove" in page(browser)

    def test_does_not_show_photos_of_other_users(self, trove, photos):
        other = get_user_model().objects.create_user("bob")
        trove.connect(other)
        browser = Client()
        browser.force_login(other)
        assert titles(page(browser)) == set()


class TestPhotoDetail:
    def test_shows_details(self, browser, photos):
        shown = page(browser, f"/photos/{photos[0].trove_id}/")
        assert "March 4, 2007" in shown
        assert photos[0].urls.large in shown

    def test_unknown_photo(self, browser, photos):
        assert browser.get("/photos/999/").status_code == 404

    def test_error_page_if_the_trove_is_down(self, browser, trove, photos):
        trove.down()
        response = browser.get(f"/photos/{photos[0].trove_id}/")
        assert response.status_code == 503
        assert "This photo is not available" in response.content.decode()

    def test_related_photos_do_not_contain_the_photo_itself(self, browser, trove, photos):
        path = f"/photos/{photos[0].trove_id}/"
        assert "More photos tagged" not in page(browser, path)
        ice = trove.add_photo(title="Ice", tags=["snow"], date="2009-03-04")
        related = page(browser, path).partition("More photos tagged “snow”")[2]
        assert ice.trove_id in related
        assert f'href="{path}"' not in related

    def test_links_to_neighbors_tags_and_list(self, browser, photos):
        shown = page(browser, f"/photos/{photos[1].trove_id}/")
        assert f'rel="prev" href="/photos/{photos[2].trove_id}/"' in shown
        assert f'rel="next" href="/photos/{photos[0].trove_id}/"' in shown
        assert 'href="/"' in shown
        assert 'href="/?tags=sea"' in page(browser, f"/photos/{photos[2].trove_id}/")


class TestProfile:
    def test_saves_picture(self, browser, ada, photos):
        snow = photos[0]
        response = browser.post("/profile/", {"motto": "Brr", "picture": snow.trove_id})
        assert response.status_code == 302
        assert Profile.objects.get(user=ada).picture == photo_snapshot(snow)
        shown = page(browser, "/profile/")
        assert f'<img src="{snow.urls.thumbnail}" alt="Your profile picture: Snow">' in shown

    def test_keeps_picture_if_the_trove_is_down(self, browser, trove, ada, photos):
        snow = photos[0]
        Profile.objects.create(user=ada, picture=photo_snapshot(snow))
        trove.down()
        form = {"motto": "Still here", "picture": snow.trove_id}
        assert browser.post("/profile/", form).status_code == 302
        profile = Profile.objects.get(user=ada)
        assert (profile.motto, profile.picture) == ("Still here", photo_snapshot(snow))

    def test_rejects_photo_of_another_user(self, browser, trove, photos):
        other = get_user_model().objects.create_user("bob")
        foreign = trove.add_photo(other)
        response = browser.post("/profile/", {"picture": foreign.trove_id})
        assert "not one of your photos" in response.content.decode()
        assert not Profile.objects.exists()

    def test_requires_login(self):
        assert Client().get("/profile/").url.startswith("/sign-in/")
