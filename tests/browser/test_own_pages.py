"""
The app's own pages as a host gets them that overrides nothing: each state that they can be in, at
two widths, light and dark, under a strict policy. Axe has nothing against any, none is too wide.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from django_trove.client import Urls
from django_trove.models import TroveAccount

from .conftest import DESKTOP, PHONE, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.browser.own_pages")]

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600">
<rect width="800" height="600" fill="#4a7"/><circle cx="400" cy="300" r="200" fill="#fd6"/></svg>"""
ACCOUNT, PHOTOS = reverse("django_trove:account"), "/photos/"


@pytest.fixture(autouse=True)
def host(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.browser.own_pages.strict"]
    settings.LOGIN_URL = "login"
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": ["tests/templates"]}]


@pytest.fixture
def site(host, transactional_db):
    """
    A server of its own: one that runs already has its middleware.
    """
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def user():
    return get_user_model().objects.create_user("ada", password="pass-word")


@pytest.fixture
def http(user):
    """
    The user's cookies, without a browser.
    """
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def here(chromium, site, http):
    """
    A visitor who is signed in; any error in the console fails the test.
    """
    cookie = {"name": "sessionid", "value": http.cookies["sessionid"].value, "url": site.url}
    with chromium.new_context(viewport=DESKTOP) as context:
        context.add_cookies([cookie])
        context.route(
            "https://photos.example/**",
            lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"),
        )
        visitor = Visitor(context.new_page(), site)
        yield visitor
        assert visitor.errors == []


@pytest.fixture
def trove(fake_trove, user, settings):
    """
    A Trove with ten photos, which the user has connected.
    """
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    fake_trove.add_identity(user, "flickr", "ada on flickr")
    for number in range(10):
        wide = number % 3 != 1
        address = f"https://photos.example/{number}.svg"
        fake_trove.add_photo(
            title=f"Photo {number}", tags=["sea", "evening"], date=date(2024, 5, number + 1),
            place=(38.7, -9.1), description="By the river.", width=800 if wide else 600,
            height=600 if wide else 800, urls=Urls({"original": address, "medium": address}),
            trove_id=f"t{number}", original_web_url=f"https://flickr.example/{number}",
        )  # fmt: skip
    fake_trove.connect(user, "Ada Lovelace")
    return fake_trove


@pytest.fixture
def looks(here):
    """
    Look at the page in each way, keep a picture of it, and see that all may use it.
    """

    def looks(name):
        for size in (DESKTOP, PHONE):
            here.page.set_viewport_size(size)
            here.is_sound(f"own-{name}-{size['width']}")

    return looks


def account_is(**fields):
    TroveAccount.objects.update(**fields)


def test_the_policy_is_in_force(here, fake_trove):
    answer = here.page.goto(here.home.url + ACCOUNT)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


class TestAccount:
    def test_nobody_is_connected(self, here, fake_trove, looks):
        here.goes(ACCOUNT)
        here.sees("Your photos live elsewhere")
        looks("account-none")

    def test_all_is_well(self, here, trove, looks):
        here.goes(ACCOUNT)
        here.sees("Ada Lovelace")
        here.sees("photos")
        looks("account-connected")

    def test_the_last_call_failed(self, here, trove, looks):
        trove.down()
        here.goes(PHOTOS)
        here.goes(ACCOUNT)
        here.sees("Your Trove didn't answer")
        here.sees("It last went well:")
        looks("account-degraded")
        trove.up()
        here.goes(PHOTOS)
        here.goes(ACCOUNT)
        expect(here.page.locator("[data-health]")).to_have_count(0)

    def test_it_has_to_be_connected_again_which_is_one_click(self, here, trove, user, looks):
        trove.revoke(user)
        here.goes(PHOTOS)
        here.goes(ACCOUNT)
        here.sees("no longer lets this site in")
        expect(here.page.get_by_role("button", name="Connect again")).to_be_visible()
        looks("account-reconnect")

    def test_giving_it_up_is_asked_first(self, here, trove, looks):
        here.goes(ACCOUNT)
        here.page.get_by_role("link", name="Disconnect").click()
        here.sees("Disconnect your Trove?")
        looks("disconnect")
        here.press("Disconnect")
        here.sees("no longer connected")
        looks("account-message")


class TestComingBack:
    """
    The person has said yes at the Trove, which isn't there for a browser: they come back from it.
    """

    def _comes_back(self, here, http, trove, user):
        start = http.post(reverse("django_trove:connect"), {"next": PHOTOS})
        back = trove.callback_url(start, user)
        here.page.goto(back.replace("http://testserver", here.home.url))

    def test_whose_trove_came_back_is_asked(self, here, http, fake_trove, user, looks):
        fake_trove.add_identity(user, "flickr", "ada on flickr")
        self._comes_back(here, http, fake_trove, user)
        here.sees("This is ada's Trove")
        here.sees("Accounts: Flickr")
        looks("confirm")
        here.press("Keep")
        here.sees("Your Trove is connected")
        assert here.page.url.endswith(PHOTOS)

    def test_another_person_s_is_named_beside_the_one_so_far(self, here, http, trove, user, looks):
        account_is(name="Grace Hopper")
        self._comes_back(here, http, trove, user)
        here.sees("So far Grace Hopper's Trove was connected here")
        looks("confirm-another")

    def test_not_me_forgets_it_and_says_what_to_do(self, here, http, fake_trove, user, looks):
        self._comes_back(here, http, fake_trove, user)
        here.press("Not me")
        here.sees("That Trove wasn't kept")
        looks("not-me")
        assert not TroveAccount.objects.exists()

    def test_what_stops_a_connection_is_said(self, here, fake_trove, looks):
        here.expected = {403, 400}
        here.goes(reverse("django_trove:callback") + "?oauth_problem=user_refused")
        here.sees("You said no")
        looks("denied")
        here.goes(reverse("django_trove:callback") + "?oauth_token=x&oauth_verifier=y")
        here.sees("This wasn't started here")
        looks("unknown")

    def test_a_trove_that_is_down_is_said(self, here, fake_trove, looks):
        fake_trove.down()
        here.expected = {502}
        here.goes(ACCOUNT)
        here.press("Connect your Trove")
        here.sees("Your Trove doesn't answer")
        looks("down")


class TestPhotos:
    def test_pages_have_numbers_and_come_in_place(self, here, trove, looks):
        here.goes(PHOTOS)
        here.page.locator(".trove-photo").last.scroll_into_view_if_needed()
        expect(here.page.locator(".trove-photo")).to_have_count(10)
        expect(here.page.locator("[aria-current=page]")).to_have_text("3")
        expect(here.page.locator(".trove-status")).to_have_text("10 photos are shown.")
        looks("list-whole")

    def test_one_opens_large_and_has_a_page(self, here, trove, looks):
        here.goes(PHOTOS)
        here.page.locator(".trove-photo a:has(img)").first.click()
        expect(here.page.locator("dialog.trove-lightbox")).to_be_visible()
        looks("lightbox")
        here.page.keyboard.press("Escape")
        here.goes("/photos/t9/")
        here.sees("By the river.")
        here.has_picture(".trove-picture img", wider_than=0)
        looks("detail")

    def test_of_two_galleries_with_one_photo_one_opens(self, here, trove):
        here.goes("/twice/")
        here.page.locator(".trove-photo a:has(img)").last.click()
        here.page.reload()
        expect(here.page.locator("dialog.trove-lightbox")).to_have_count(1)

    def test_nothing_found(self, here, trove, looks):
        here.goes(PHOTOS + "?tags=nothinghasthis")
        here.sees("No photos here.")
        looks("list-empty")

    def test_a_filter_that_makes_no_sense(self, here, trove, looks):
        here.goes(PHOTOS + "?since=soon")
        here.sees("Enter a valid date")
        looks("list-filter")

    def test_a_trove_that_is_down_shows_what_it_said_last(self, here, trove, looks):
        here.goes(PHOTOS)
        trove.down()
        here.goes(PHOTOS)
        here.sees("This is what it said last")
        assert here.page.locator(".trove-photo").count() >= 4
        looks("list-stale")

    def test_and_nothing_but_why_where_it_said_nothing_yet(self, here, trove, looks):
        trove.down()
        here.goes(PHOTOS)
        here.sees("These photos can't be shown just now")
        looks("list-down")
        here.expected = {503}
        here.goes("/photos/t9/")
        here.sees("These photos can't be shown just now")

    def test_who_is_not_connected_is_asked_to(self, here, fake_trove, looks):
        here.goes(PHOTOS)
        expect(here.page.get_by_role("button", name="Connect your Trove")).to_be_visible()
        expect(here.page.get_by_label("Tags")).to_have_count(0)
        looks("list-connect")


class TestPicking:
    """
    A form of the host's with `TrovePhotoField`, as its page draws it.
    """

    def picks(self, here):
        return here.page.locator(".trove-picker-photo:has(img)")

    def test_one_is_picked_and_kept(self, here, trove, looks):
        here.goes("/pick/")
        expect(self.picks(here)).to_have_count(4)
        looks("pick")
        here.page.get_by_role("radio", name="Photo 8").check()
        here.press("Save")
        here.sees("kept: t8")
        expect(here.page.get_by_role("radio", name="Photo 8")).to_be_checked()

    def test_more_are_shown_in_place_and_what_is_picked_stays(self, here, trove):
        here.goes("/pick/")
        here.page.evaluate("window.loadedOnce = true")
        here.page.get_by_role("radio", name="Photo 9").check()
        here.press("Show more photos")
        expect(self.picks(here)).to_have_count(8)
        expect(here.page.get_by_role("radio", name="Photo 9")).to_be_checked()
        assert here.page.evaluate("window.loadedOnce")

    def test_a_search_goes_on_in_place_and_enter_does_not_send_the_form(self, here, trove):
        address = Urls({"medium": "https://photos.example/snow.svg"})
        trove.add_photo(title="Snow", tags=["snow"], urls=address)
        here.goes("/pick/")
        here.page.evaluate("window.loadedOnce = true")
        here.page.get_by_label("Search your photos by tags").fill("snow")
        here.page.keyboard.press("Enter")
        expect(here.page.get_by_role("radio", name="Snow")).to_be_visible()
        expect(here.page.locator(".trove-picker-status")).to_have_text("1 of 1 photo")
        assert here.page.evaluate("window.loadedOnce")

    def test_the_keyboard_does_for_all_of_it(self, here, trove):
        here.goes("/pick/")
        here.page.get_by_role("radio", name="No photo").focus()
        here.page.keyboard.press("ArrowDown")
        expect(here.page.get_by_role("radio", name="Photo 9")).to_be_checked()
        here.page.keyboard.press("Enter")
        here.sees("kept: t9")

    def test_a_trove_that_is_down_is_said(self, here, trove, looks):
        trove.down()
        here.goes("/pick/")
        here.sees("Your Trove can't be asked just now")
        looks("pick-down")

    def test_without_a_script_the_form_does_it(self, chromium, here, trove, site):
        options = {"java_script_enabled": False, "storage_state": here.page.context.storage_state()}
        with chromium.new_context(**options) as context:
            plain = Visitor(context.new_page(), site)
            plain.goes("/pick/")
            plain.page.get_by_role("radio", name="Photo 9").check()
            plain.press("Show more photos")
            expect(self.picks(plain)).to_have_count(8)
            plain.sees("Nothing is saved yet")
            expect(plain.page.get_by_role("radio", name="Photo 9")).to_be_checked()
            plain.press("Save")
            plain.sees("kept: t9")


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_longer_words_fit_too(here, trove, settings, language, looks):
    settings.LANGUAGE_CODE = language
    here.goes(ACCOUNT)
    looks(f"account-{language}")
    here.goes(PHOTOS)
    looks(f"list-{language}")
