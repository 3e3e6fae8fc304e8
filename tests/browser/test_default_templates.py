"""
The app's default templates in each state: no horizontal scrolling and no axe violations at two
widths and in two color schemes, and no console errors under a strict Content-Security-Policy.
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.urls import reverse
from PIL import Image, ImageChops
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from django_trove.client import Urls
from django_trove.models import TroveAccount
from django_trove.photos.page_urls import NAMESPACE

from .conftest import DESKTOP, PHONE, open_session

pytestmark = pytest.mark.django_db(transaction=True)

RED = (220, 30, 30)
IMAGE = """<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600">
<rect width="800" height="600" fill="#4a7"/><circle cx="400" cy="300" r="200" fill="#fd6"/></svg>"""
ACCOUNT, PHOTOS = reverse("django_trove:account"), "/photos/"
TEMPLATES_DIR = Path(__file__).parent.parent / "templates"


@pytest.fixture(scope="module")
def site(django_db_setup):
    """
    One server for the module. A server loads its middleware when it starts.
    """
    middleware = "tests.browser.default_project.content_security_policy"
    with override_settings(
        ROOT_URLCONF="tests.browser.default_project",
        LOGIN_URL="login",
        MIDDLEWARE=[*django_settings.MIDDLEWARE, middleware],
        TEMPLATES=[django_settings.TEMPLATES[0] | {"DIRS": [TEMPLATES_DIR]}],
    ):
        server = LiveServer("localhost")
        yield server
        server.stop()


@pytest.fixture
def user(site, transactional_db):
    return get_user_model().objects.create_user("ada", password="pass-word")


@pytest.fixture
def client(user):
    """
    A test client that is signed in as the same user as the browser.
    """
    client = Client()
    client.force_login(user)
    return client


def serve_images(session):
    session.page.context.route(
        "https://photos.example/**",
        lambda route: route.fulfill(body=IMAGE, content_type="image/svg+xml"),
    )


@pytest.fixture
def session(chromium, site, client):
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}
    with open_session(chromium, site.url) as session:
        session.page.context.add_cookies([cookie])
        serve_images(session)
        yield session


@pytest.fixture
def trove(fake_trove, user, settings):
    """
    A fake Trove with ten photos, connected by the user.
    """
    settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
    fake_trove.add_identity(user, "flickr", "ada on flickr")
    for number in range(10):
        is_wide = number % 3 != 1
        url = f"https://photos.example/{number}.svg"
        fake_trove.add_photo(
            title=f"Photo {number}", tags=["sea", "evening"], date=date(2024, 5, number + 1),
            location=(38.7, -9.1), description="By the river.", width=800 if is_wide else 600,
            height=600 if is_wide else 800, urls=Urls({"original": url, "medium": url}),
            trove_id=f"t{number}", original_web_url=f"https://flickr.example/{number}",
        )  # fmt: skip
    fake_trove.connect(user, "Ada Lovelace")
    return fake_trove


@pytest.fixture
def check_page(session):
    def check_page(name):
        for viewport in (DESKTOP, PHONE):
            session.page.set_viewport_size(viewport)
            session.check_page(f"default-{name}-{viewport['width']}")

    return check_page


class TestOtherContent:
    """
    Videos, status updates, check-ins and friends.
    """

    LISTS = "/lists/"

    @pytest.fixture
    def all_types(self, trove, user, settings):
        types = ["photos", "videos", "status", "checkins", "friends"]
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": types}
        trove.connect(user)
        return trove

    @pytest.fixture
    def content(self, all_types):
        urls = {"original": "https://photos.example/v.mp4", "large": "https://photos.example/v.svg"}
        all_types.add_video(
            title="Waves", trove_id="v1", urls=urls, media_type="video/mp4", duration=62
        )
        all_types.add_video(
            title="Clouds", trove_id="v2", duration=5, urls={"original": urls["large"]},
            original_web_url="https://flickr.example/v2",
        )  # fmt: skip
        all_types.add_status(
            message="Snow again! See https://snow.example/ and more text.\nSecond line.",
            date="2007-03-04 21:08:12", service="facebook", place={"full_name": "Kyoto, Japan"},
            subfields={"name": "The sea", "description": "A page about it"},
            original_web_url="https://facebook.example/1",
        )  # fmt: skip
        all_types.add_checkin(
            venue="Café Central", shout="Coffee", date="2007-03-04", service="facebook"
        )
        for name in ("Bob", "Eve", "A friend with a name that is very long"):
            url = f"https://flickr.example/{name[0]}"
            avatar = "https://photos.example/a.svg"
            all_types.add_friend(name=name, url=url, avatar_url=avatar)

    def test_lists(self, session, content, check_page):
        session.open(self.LISTS)
        for text in ("Snow again!", "Café Central", "Bob", "1:02"):
            session.expect_text(text)
        session.page.locator(".trove-friends img").first.scroll_into_view_if_needed()
        session.expect_image(".trove-friends img", wider_than=10)
        check_page("lists")

    def test_empty_lists(self, session, all_types, check_page):
        session.open(self.LISTS)
        for text in ("No status updates found.", "No check-ins found.", "No friends found."):
            session.expect_text(text)
        check_page("lists-empty")

    def test_missing_grants(self, session, trove, settings, check_page):
        types = ["photos", "videos", "status", "checkins", "friends"]
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": types}
        session.open(self.LISTS)
        session.expect_text("You have not shared your check-ins with this site.")
        check_page("lists-missing-grants")

    def test_page_of_video(self, session, content, check_page):
        session.open("/photos/v1/")
        source = session.page.locator("video source")
        expect(source).to_have_attribute("type", "video/mp4")
        check_page("video")
        session.open("/photos/v2/")
        expect(session.page.get_by_role("link", name="Watch on Flickr")).to_be_visible()
        check_page("video-without-file")

    def test_video_without_file_is_a_picture_in_the_lightbox(self, session, content):
        session.open(self.LISTS)
        session.page.locator("a:has(img)", has=session.page.get_by_alt_text("Clouds")).click()
        dialog = session.page.locator("dialog.trove-lightbox")
        expect(dialog.locator("img")).to_be_visible()
        expect(dialog.locator("video")).to_have_count(0)


def test_policy_is_sent(session, fake_trove):
    response = session.page.goto(session.site_url + ACCOUNT)
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


class TestAccount:
    def test_no_connection(self, session, fake_trove, check_page):
        session.open(ACCOUNT)
        session.expect_text("Connect your Trove to see your photos")
        check_page("account-none")

    def test_connected(self, session, trove, check_page):
        session.open(ACCOUNT)
        session.expect_text("Ada Lovelace")
        session.expect_text("photos")
        check_page("account-connected")

    def test_degraded_until_next_success(self, session, trove, check_page):
        trove.down()
        session.open(PHOTOS)
        session.open(ACCOUNT)
        session.expect_text("Your Trove is unavailable")
        session.expect_text("Last response of the Trove:")
        check_page("account-degraded")
        trove.up()
        session.open(PHOTOS)
        session.open(ACCOUNT)
        expect(session.page.locator("[data-health]")).to_have_count(0)

    def test_reconnect_required(self, session, trove, user, check_page):
        trove.revoke(user)
        session.open(PHOTOS)
        session.open(ACCOUNT)
        session.expect_text("no longer has access to your Trove")
        expect(session.page.get_by_role("button", name="Reconnect")).to_be_visible()
        check_page("account-reconnect")

    def test_disconnecting_requires_confirmation(self, session, trove, check_page):
        session.open(ACCOUNT)
        session.page.get_by_role("link", name="Disconnect").click()
        session.expect_text("Disconnect your Trove?")
        check_page("disconnect")
        session.click_button("Disconnect")
        session.expect_text("no longer connected")
        check_page("account-message")


class TestCallback:
    """
    The fake Trove has no pages, so the tests open the URL to which it redirects.
    """

    def _open_callback(self, session, client, trove, user):
        start = client.post(reverse("django_trove:connect"), {"next": PHOTOS})
        cookies = [
            {"name": name, "value": cookie.value, "url": session.site_url}
            for name, cookie in start.cookies.items()
        ]
        session.page.context.add_cookies(cookies)
        callback = trove.callback_url(start, user)
        session.page.goto(callback.replace("http://testserver", session.site_url))

    def test_account_must_be_confirmed(self, session, client, fake_trove, user, check_page):
        fake_trove.add_identity(user, "flickr", "ada on flickr")
        self._open_callback(session, client, fake_trove, user)
        session.expect_text("You authorized the Trove of ada")
        session.expect_text("Accounts: Flickr")
        check_page("confirm")
        session.click_button("Connect this account")
        session.expect_text("Your Trove is connected")
        assert session.page.url.endswith(PHOTOS)

    def test_confirmation_names_previous_account(self, session, client, trove, user, check_page):
        TroveAccount.objects.update(name="Grace Hopper")
        self._open_callback(session, client, trove, user)
        session.expect_text("The Trove of Grace Hopper is currently connected")
        check_page("confirm-another")

    def test_rejected_account_is_not_saved(self, session, client, fake_trove, user, check_page):
        self._open_callback(session, client, fake_trove, user)
        session.click_button("Not my account")
        session.expect_text("The account was not connected")
        check_page("not-me")
        assert not TroveAccount.objects.exists()

    def test_denied_and_unknown_callbacks_show_error(self, session, fake_trove, check_page):
        session.expected_statuses = {403, 400}
        session.open(reverse("django_trove:callback") + "?oauth_problem=user_refused")
        session.expect_text("You did not authorize this site")
        check_page("denied")
        session.open(reverse("django_trove:callback") + "?oauth_token=x&oauth_verifier=y")
        session.expect_text("Unknown connection")
        check_page("unknown")

    def test_connecting_shows_error_if_trove_is_down(self, session, fake_trove, check_page):
        fake_trove.down()
        session.expected_statuses = {503}
        session.open(ACCOUNT)
        session.click_button("Connect your Trove")
        session.expect_text("Your Trove is unavailable")
        check_page("down")


class TestPhotos:
    @pytest.mark.parametrize(
        ("width", "height", "limit"), [(390, 844, 220), (1280, 800, 240)], ids=["phone", "desktop"]
    )
    def test_first_screen_shows_photos(self, session, trove, width, height, limit):
        session.page.set_viewport_size({"width": width, "height": height})
        session.open(PHOTOS)
        assert session.get_first_photo_position() < limit

    def test_scrolling_loads_numbered_pages(self, session, trove, check_page):
        session.open(PHOTOS)
        session.page.locator(".trove-photo").last.scroll_into_view_if_needed()
        expect(session.page.locator(".trove-photo")).to_have_count(10)
        expect(session.page.locator("[aria-current=page]")).to_have_text("3")
        expect(session.page.locator(".trove-status")).to_have_text("10 photos are displayed.")
        check_page("list-whole")

    def test_lightbox_and_photo_page(self, session, trove, check_page):
        session.open(PHOTOS)
        session.page.locator(".trove-photo a:has(img)").first.click()
        expect(session.page.locator("dialog.trove-lightbox")).to_be_visible()
        check_page("lightbox")
        session.page.keyboard.press("Escape")
        session.open("/photos/t9/")
        session.expect_text("By the river.")
        session.expect_image(".trove-picture img", wider_than=0)
        check_page("detail")

    def test_reload_opens_one_lightbox_of_two_galleries(self, session, trove, settings):
        settings.TROVE = settings.TROVE | {"PAGES": {"photo": "no-page-of-a-photo"}}
        session.open("/two-galleries/")
        session.page.locator(".trove-photo a:has(img)").last.click()
        session.page.reload()
        expect(session.page.locator("dialog.trove-lightbox")).to_have_count(1)

    def test_no_photos_found(self, session, trove, check_page):
        session.open(PHOTOS + "?tags=nothinghasthis")
        session.expect_text("No photos found.")
        check_page("list-empty")

    def test_invalid_filter(self, session, trove, check_page):
        session.open(PHOTOS + "?since=soon")
        session.expect_text("Enter a valid date")
        check_page("list-filter")

    def test_cached_photos_are_shown_if_trove_is_down(self, session, trove, check_page):
        session.open(PHOTOS)
        trove.down()
        session.open(PHOTOS)
        session.expect_text("These are the most recent results")
        assert session.page.locator(".trove-photo").count() >= 4
        check_page("list-stale")

    def test_error_is_shown_if_trove_is_down_and_cache_is_empty(self, session, trove, check_page):
        trove.down()
        session.open(PHOTOS)
        session.expect_text("These photos are unavailable")
        check_page("list-down")
        session.expected_statuses = {503}
        session.open("/photos/t9/")
        session.expect_text("These photos are unavailable")

    def test_list_without_connection_shows_connect_button(self, session, fake_trove, check_page):
        session.open(PHOTOS)
        expect(session.page.get_by_role("button", name="Connect your Trove")).to_be_visible()
        expect(session.page.get_by_label("Tags")).to_have_count(0)
        check_page("list-connect")


class TestPhotoField:
    """
    A form with `TrovePhotoField`.
    """

    def _find_photos(self, session):
        return session.page.locator(".trove-picker-photo:has(img)")

    def test_chosen_photo_is_saved(self, session, trove, check_page):
        session.open("/choose-photo/")
        expect(self._find_photos(session)).to_have_count(4)
        check_page("pick")
        session.page.get_by_role("radio", name="Photo 8").check()
        session.click_button("Save")
        session.expect_text("saved: t8")
        expect(session.page.get_by_role("radio", name="Photo 8")).to_be_checked()

    def test_more_photos_are_loaded_in_place_and_choice_is_kept(self, session, trove):
        session.open("/choose-photo/")
        session.page.evaluate("window.isSameDocument = true")
        session.page.get_by_role("radio", name="Photo 9").check()
        session.click_button("Show more photos")
        expect(self._find_photos(session)).to_have_count(8)
        expect(session.page.get_by_role("radio", name="Photo 9")).to_be_checked()
        assert session.page.evaluate("window.isSameDocument")

    def test_search_updates_in_place_and_enter_does_not_submit_form(self, session, trove):
        urls = Urls({"medium": "https://photos.example/snow.svg"})
        trove.add_photo(title="Snow", tags=["snow"], urls=urls)
        session.open("/choose-photo/")
        session.page.evaluate("window.isSameDocument = true")
        session.page.get_by_label("Search your photos by tags").fill("snow")
        session.page.keyboard.press("Enter")
        expect(session.page.get_by_role("radio", name="Snow")).to_be_visible()
        expect(session.page.locator(".trove-picker-status")).to_have_text("1 of 1 photo")
        assert session.page.evaluate("window.isSameDocument")

    def test_field_can_be_used_by_keyboard(self, session, trove):
        session.open("/choose-photo/")
        session.page.get_by_role("radio", name="No photo").focus()
        session.page.keyboard.press("ArrowDown")
        expect(session.page.get_by_role("radio", name="Photo 9")).to_be_checked()
        session.page.keyboard.press("Enter")
        session.expect_text("saved: t9")

    def test_error_is_shown_if_trove_is_down(self, session, trove, check_page):
        trove.down()
        session.open("/choose-photo/")
        session.expect_text("Your Trove is unavailable")
        check_page("pick-down")

    def test_field_works_without_script(self, chromium, session, trove, site):
        options = {
            "java_script_enabled": False,
            "storage_state": session.page.context.storage_state(),
        }
        with open_session(chromium, site.url, **options) as plain:
            serve_images(plain)
            plain.open("/choose-photo/")
            plain.page.get_by_role("radio", name="Photo 9").check()
            plain.click_button("Show more photos")
            expect(self._find_photos(plain)).to_have_count(8)
            plain.expect_text("Nothing has been saved")
            expect(plain.page.get_by_role("radio", name="Photo 9")).to_be_checked()
            plain.click_button("Save")
            plain.expect_text("saved: t9")


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_translations_fit(session, trove, settings, language, check_page):
    settings.LANGUAGE_CODE = language
    session.open(ACCOUNT)
    check_page(f"account-{language}")
    session.open(PHOTOS)
    check_page(f"list-{language}")


# The smallest rectangle of the ancestors that clip a link, or of the window.
FIND_CUT_TABS = """[...document.querySelectorAll(".trove-nav a")].filter((tab) => {
  const { left, right } = tab.getBoundingClientRect();
  for (let box = tab; box; box = box.parentElement) {
    const visible = box.getBoundingClientRect();
    const clips = getComputedStyle(box).overflowX !== "visible" || box === document.documentElement;
    if (clips && (left < visible.left - 0.5 || right > visible.right + 0.5)) return true;
  }
  return tab.scrollWidth > tab.clientWidth;
}).map((tab) => tab.textContent)"""


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
@pytest.mark.parametrize("page", ["list", "map"])
def test_no_tab_is_cut_on_a_phone(session, trove, settings, language, page):
    settings.LANGUAGE_CODE = language
    session.page.set_viewport_size(PHONE)
    session.open(reverse(f"{NAMESPACE}:{page}"))
    assert session.page.locator(".trove-nav a").count() == 5
    session.check_page(f"tabs-{page}-{language}")
    assert session.page.evaluate(FIND_CUT_TABS) == []


@pytest.fixture
def trove_with_two_services(trove, user):
    trove.add_identity(user, "facebook", "ada on facebook")


@pytest.mark.usefixtures("trove_with_two_services")
@pytest.mark.parametrize("width", [390, 600, 820, 1024, 1280, 1600])
@pytest.mark.parametrize("language", ["en", "de"])
def test_dates_of_the_filter_are_side_by_side(session, settings, language, width):
    settings.LANGUAGE_CODE = language
    session.page.set_viewport_size({"width": width, "height": 900})
    session.open(PHOTOS)
    session.page.locator(".trove-filter summary").click()
    fields = session.page.locator("[name=since], [name=until]").all()
    since, until = (field.bounding_box() for field in fields)
    session.check_page(f"filter-{language}-{width}", runs_axe=width == DESKTOP["width"])
    assert since["y"] == until["y"]
    assert 0 < until["x"] - (since["x"] + since["width"]) < 40


class TestSmallPictures:
    """
    Pictures that are lower than a row, and panoramas.
    """

    SIZES = ((1600, 1200), (75, 100), (600, 100), (1600, 400))

    @pytest.fixture
    def pictures(self, session, fake_trove, user):
        """
        One-colored pictures of these sizes. The first photo is the newest.
        """
        for day, (width, height) in enumerate(reversed(self.SIZES), 1):
            url = f"https://photos.example/{width}x{height}.png"
            fake_trove.add_photo(
                title=f"{width}x{height}", date=date(2024, 5, day), width=width, height=height,
                trove_id=f"s{day}", urls=Urls({"original": url, "large": url, "medium": url}),
            )  # fmt: skip
        fake_trove.connect(user)

        def send_picture(route):
            width, height = re.search(r"(\d+)x(\d+)", route.request.url).groups()
            content = io.BytesIO()
            Image.new("RGB", (int(width), int(height)), RED).save(content, "PNG")
            route.fulfill(body=content.getvalue(), content_type="image/png")

        session.page.context.route("https://photos.example/*.png", send_picture)
        return fake_trove

    @staticmethod
    def measure(element):
        """
        Return the width and the height of the red pixels.
        """
        with Image.open(io.BytesIO(element.screenshot(animations="disabled"))) as shot:
            difference = ImageChops.difference(
                shot.convert("RGB"), Image.new("RGB", shot.size, RED)
            )
        is_red = difference.convert("L").point(lambda value: 255 * (value < 10))
        left, top, right, bottom = is_red.getbbox()
        return right - left, bottom - top

    @pytest.mark.parametrize("number", [1, 2])
    def test_large_view_does_not_enlarge(self, session, pictures, number):
        session.open(PHOTOS)
        session.page.locator(".trove-photo a:has(img)").nth(number).click()
        session.expect_image("dialog img", wider_than=70)
        session.save_screenshot(f"lightbox-small-{number}")
        assert self.measure(session.page.locator("dialog img")) == self.SIZES[number]

    def test_large_view_reduces(self, session, pictures):
        session.open(PHOTOS)
        session.page.locator(".trove-photo a:has(img)").first.click()
        session.expect_image("dialog img", wider_than=70)
        width, height = self.measure(session.page.locator("dialog img"))
        assert height > 700
        assert abs(width - height * 4 / 3) < 2

    @pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
    def test_gallery_does_not_enlarge(self, session, pictures, viewport, check_page):
        session.page.set_viewport_size(viewport)
        session.open(PHOTOS)
        images = session.page.locator(".trove-photo img")
        session.expect_image(".trove-photo img >> nth=-1", wider_than=70)
        session.page.mouse.move(1, 1)
        for image, (width, height) in zip(images.all(), self.SIZES, strict=True):
            shown_width, shown_height = self.measure(image)
            assert shown_width <= width
            assert shown_height <= height
        check_page(f"small-{viewport['width']}")

    def test_panorama_is_no_row_of_its_own_width(self, session, pictures):
        session.open(PHOTOS)
        boxes = [one.bounding_box() for one in session.page.locator(".trove-photo img").all()]
        assert [box["width"] <= 1.5 * 240 * 3 for box in boxes] == [True] * 4
        assert max(box["height"] for box in boxes) <= 1.5 * 240
