"""
Each web service from adding it to removing it, with many items next to the photos of a folder.
"""

import re
import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from fake_services import serve_all

from ..processes import site_and_trove
from .conftest import DESKTOP, PHONE, get_viewport, open_session, sign_in

PICKER_ITEMS = 2_100  # more than one session of the picker
ITEMS = 600  # of the other services: more than a page of each
SYNC_TIMEOUT_MS = 60_000
CACHE_TIMEOUT = 10  # seconds; the site caches responses for three
TITLES = {
    "flickr": "Flickr",
    "smugmug": "SmugMug",
    "google": "Google Photos",
    "facebook": "Facebook",
}
ALLOW_BUTTONS = {
    "flickr": "OK, I'll authorize it",
    "smugmug": "Authorize",
    "google": "Continue",
    "facebook": "Continue as Ada",
}
OTHER_ITEMS = {
    "flickr": "3 friends",
    "facebook": "30 status updates · 10 check-ins · 4 friends",
}
DENY_BUTTONS = {"smugmug": "Cancel", "google": "Cancel", "facebook": "Not now"}


@pytest.fixture(scope="module")
def services():
    with serve_all(PICKER_ITEMS, (0,) * len(TITLES)) as services:
        services["google"].image_width = 160
        for name in TITLES.keys() - {"google"}:
            del services[name].photos[ITEMS:]
        yield services


@pytest.fixture(scope="module")
def demo(services, tmp_path_factory):
    ports = tuple(int(service.url.rpartition(":")[2]) for service in services.values())
    path = tmp_path_factory.mktemp("services")
    with site_and_trove(path, every=4, service_ports=ports) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def user_cookies(chromium, demo):
    return sign_in(chromium, demo)


@pytest.fixture
def user_session(chromium, demo, user_cookies, request):
    options = {"viewport": get_viewport(request), "storage_state": user_cookies}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        session.expected_statuses = {400, 503}
        session.disconnect()
        yield session


def get_card(session, text):
    return session.page.locator("li.card", has_text=text)


def expect_state(session, title, text):
    """
    Wait until the card of an account contains a text.
    """
    expect(get_card(session, title)).to_contain_text(text, timeout=SYNC_TIMEOUT_MS)


def expect_photo_count(session, path, count):
    """
    Reload a page of the site until its cached response has expired. A page without photos, or with
    a cached error, has no count.
    """
    deadline = time.monotonic() + CACHE_TIMEOUT
    session.open(path)
    while time.monotonic() < deadline:
        if session.page.locator(".count").count() and session.count_photos() == count:
            break
        session.page.wait_for_timeout(500)
        session.open(path)
    assert session.count_photos() == count


def authorize(session, name):
    session.click_button(f"Continue to {TITLES[name]}")
    session.click_button(ALLOW_BUTTONS[name])


@contextmanager
def phone_viewport(session):
    session.page.set_viewport_size(PHONE)
    yield
    session.page.set_viewport_size(DESKTOP)


def pick_all(session):
    """
    The page of the Trove polls the picker and redirects.
    """
    session.save_screenshot("google-pick")
    session.pick_all_photos()
    session.page.wait_for_url(session.trove_url + "/", timeout=SYNC_TIMEOUT_MS)
    session.expect_text("import of your selection has started")


def test_denied_access_adds_no_account(user_session):
    session = user_session
    for name, button in DENY_BUTTONS.items():
        session.open_trove()
        session.click_button(f"Add {TITLES[name]}")
        session.click_button(f"Continue to {TITLES[name]}")
        session.click_button(button)
        session.expect_text("You denied the authorization")
        expect(session.page.locator("li.card")).to_have_count(1)  # the folder


@pytest.mark.parametrize("name", TITLES)
def test_service_is_added_searched_revoked_reconnected_and_removed(user_session, services, name):
    session, service, title = user_session, services[name], TITLES[name]
    session.connect_trove()
    session.open("/?services=folder")
    folder_count = session.count_photos()

    session.open_trove()
    session.click_button(f"Add {title}")
    session.expect_text("fake services on this machine")
    session.save_screenshot(f"{name}-add")
    with phone_viewport(session):
        session.save_screenshot(f"{name}-add-phone")
    session.click_button(f"Continue to {title}")
    session.expect_text("This is a fake service")
    session.save_screenshot(f"{name}-consent")
    session.click_button(ALLOW_BUTTONS[name])
    photos = [photo for photo in service.photos if not photo.is_video]
    totals = f"{len(photos)} photos · {len(service.photos) - len(photos)} videos"
    if name == "google":
        pick_all(session)
        expect_state(session, title, "1800 photos · 200 videos")  # one session has 2,000 items
        get_card(session, title).get_by_role("link", name="Select more").click()
        pick_all(session)
    expect_state(session, title, totals)
    expect_state(session, title, "Last successful sync")
    expect_state(session, title, OTHER_ITEMS.get(name, ""))
    session.save_screenshot(f"{name}-home")

    expect_photo_count(session, f"/?services={name}", len(photos))
    session.expect_image(".trove-photo img", wider_than=0)
    session.save_screenshot(f"{name}-site")
    if name != "google":  # the Picker API returns neither tags nor locations
        tagged = [photo for photo in photos if "kyoto" in photo.tags]
        near_kyoto = [photo for photo in tagged if photo.place]
        session.open("/?tags=kyoto")
        assert session.count_photos() > len(tagged)
        session.open(f"/?tags=kyoto&services={name}")
        assert session.count_photos() == len(tagged)
        session.open("/?near=Kyoto&within=25")
        assert session.count_photos() > len(near_kyoto)
        session.open(f"/?near=Kyoto&within=25&services={name}")
        assert session.count_photos() == len(near_kyoto)
    session.open(f"/?since=2006-03-01&until=2006-03-31&services={name}")
    in_march = sum((photo.taken.year, photo.taken.month) == (2006, 3) for photo in photos)
    assert 0 < session.count_photos() <= in_march
    expect_photo_count(session, "/", folder_count + len(photos))

    service.revoke_all()
    session.open_trove()
    if name == "google":
        get_card(session, title).get_by_role("link", name="Select more").click()
        session.click_button("Start")
        session.expect_text("revoked the authorization")
        session.open_trove()
    else:
        get_card(session, title).get_by_role("button", name=re.compile("Sync")).click()
    expect_state(session, title, "Reconnect required")
    session.page.reload()
    session.save_screenshot(f"{name}-revoked")
    get_card(session, title).get_by_role("link", name="Reconnect").click()
    authorize(session, name)
    expect_state(session, title, "Last successful sync")
    expect_state(session, title, totals)

    service.failures = [service.rate_limit_response()]
    if name == "google":
        get_card(session, title).get_by_role("link", name="Select more").click()
        session.click_button("Start")
        session.expect_text("rate limit of")
        session.open_trove()
    else:
        get_card(session, title).get_by_role("button", name=re.compile("Sync")).click()
        expect_state(session, title, "rate limit of")
    expect_state(session, title, totals)

    get_card(session, title).get_by_role("link", name=re.compile("Remove")).click()
    session.click_button("Remove")
    expect(get_card(session, title)).to_have_count(0, timeout=SYNC_TIMEOUT_MS)
    expect_photo_count(session, "/", folder_count)
