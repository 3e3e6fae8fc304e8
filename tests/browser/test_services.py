"""
Each remote service, from adding to removal, with 3,000 items and a folder.
"""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from fake_services import serve_all

from ..processes import site_and_trove
from .conftest import DESKTOP, PHONE, Visitor
from .test_whole_way import count

ITEMS = 3_000
LONG = 60_000  # milliseconds
CACHED = 3_500  # milliseconds that the site remembers an answer, and some
TITLES = {
    "flickr": "Flickr",
    "smugmug": "SmugMug",
    "google": "Google Photos",
    "facebook": "Facebook",
}
YES = {
    "flickr": "OK, I'll authorize it",
    "smugmug": "Authorize",
    "google": "Continue",
    "facebook": "Continue as Ada",
}
NO = {"smugmug": "Cancel", "google": "Cancel", "facebook": "Not now"}


@pytest.fixture(scope="module")
def services():
    with serve_all(ITEMS) as services:
        services["google"].image_width = 160
        yield services


@pytest.fixture(scope="module")
def demo(services, tmp_path_factory):
    ports = tuple(int(fake.url.rpartition(":")[2]) for fake in services.values())
    path = tmp_path_factory.mktemp("services")
    with site_and_trove(path, every=4, service_ports=ports) as home:
        yield home


@pytest.fixture
def visitor(chromium, demo):
    with chromium.new_context(viewport=DESKTOP) as context:
        visitor = Visitor(context.new_page(), demo)
        visitor.expected = {503}
        yield visitor
        assert visitor.errors == []


def at_the_trove(visitor):
    visitor.page.goto(visitor.home.trove_url + "/")


def card(visitor, text):
    return visitor.page.locator("li.card", has_text=text)


def has(visitor, title, text, timeout=LONG):
    """
    Wait until an account's card contains a text.
    """
    expect(card(visitor, title)).to_contain_text(text, timeout=timeout)


def authorize(visitor, name):
    visitor.press(f"Continue to {TITLES[name]}")
    visitor.press(YES[name])


@contextmanager
def at_phone_width(visitor):
    visitor.page.set_viewport_size(PHONE)
    yield
    visitor.page.set_viewport_size(DESKTOP)


def select_all_photos(visitor):
    """
    Select all photos in Google's picker. The page of the Trove continues automatically.
    """
    visitor.press("Start")
    visitor.shows("google-pick")
    with visitor.page.context.expect_page() as opened:
        visitor.page.get_by_role("link", name="Open the picker").click()
    picker = opened.value
    picker.get_by_label("All photos not picked before").check()
    picker.get_by_role("button", name="Done").click()
    expect(picker.locator("body")).to_contain_text("You can close this tab")
    picker.close()
    visitor.page.wait_for_url(visitor.home.trove_url + "/", timeout=LONG)
    visitor.sees("import of your selection has started")


def test_a_denied_authorization_adds_nothing(visitor):
    visitor.signs_in_everywhere()
    for name, button in NO.items():
        at_the_trove(visitor)
        visitor.press(f"Add {TITLES[name]}")
        visitor.press(f"Continue to {TITLES[name]}")
        visitor.press(button)
        visitor.sees("You denied the authorization")
        expect(visitor.page.locator("li.card")).to_have_count(1)  # the folder


@pytest.mark.parametrize("name", TITLES)
def test_a_service_from_adding_it_to_removing_it(visitor, services, name):
    fake, title = services[name], TITLES[name]
    visitor.signs_in_everywhere()
    visitor.connects()
    visitor.goes("/?services=folder")
    beside = count(visitor)

    at_the_trove(visitor)
    visitor.press(f"Add {title}")
    visitor.sees("fake services on this machine")
    visitor.shows(f"{name}-add")
    with at_phone_width(visitor):
        visitor.shows(f"{name}-add-phone")
    visitor.press(f"Continue to {title}")
    visitor.sees("This is a fake service")
    visitor.shows(f"{name}-there")
    visitor.press(YES[name])
    photos = [shot for shot in fake.photos if not shot.is_video]
    everything = f"{len(photos)} photos · {ITEMS - len(photos)} videos"
    if name == "google":
        select_all_photos(visitor)
        has(visitor, title, "1800 photos · 200 videos")  # the 2,000 that Google lets one pick
        card(visitor, title).get_by_role("link", name="Select more").click()
        select_all_photos(visitor)
    has(visitor, title, everything)
    has(visitor, title, "Last successful sync")
    visitor.shows(f"{name}-home")

    visitor.page.wait_for_timeout(CACHED)
    visitor.goes(f"/?services={name}")
    assert count(visitor) == len(photos)
    visitor.has_picture(".trove-photo img", wider_than=0)
    visitor.shows(f"{name}-at-the-site")
    if name != "google":  # whose picker tells neither tags nor places
        near_kyoto = [shot for shot in photos if shot.place and "kyoto" in shot.tags]
        visitor.goes("/?tags=kyoto")
        assert count(visitor) > sum("kyoto" in shot.tags for shot in photos)
        visitor.goes(f"/?tags=kyoto&services={name}")
        assert count(visitor) == sum("kyoto" in shot.tags for shot in photos)
        visitor.goes("/?place=Kyoto&within=25")
        assert count(visitor) > len(near_kyoto)
        visitor.goes(f"/?place=Kyoto&within=25&services={name}")
        assert count(visitor) == len(near_kyoto)
    visitor.goes(f"/?since=2006-03-01&until=2006-03-31&services={name}")
    in_march = sum((shot.taken.year, shot.taken.month) == (2006, 3) for shot in photos)
    assert 0 < count(visitor) <= in_march
    visitor.goes("/")
    assert count(visitor) == beside + len(photos)

    fake.revoke_all()
    at_the_trove(visitor)
    if name == "google":
        card(visitor, title).get_by_role("link", name="Select more").click()
        visitor.press("Start")
        visitor.sees("let this Trove in no more")
        at_the_trove(visitor)
    else:
        card(visitor, title).get_by_role("button", name=re.compile("Sync")).click()
    has(visitor, title, "Reconnect required")
    visitor.page.reload()
    visitor.shows(f"{name}-revoked")
    card(visitor, title).get_by_role("link", name="Reconnect").click()
    authorize(visitor, name)
    has(visitor, title, "Last successful sync")
    has(visitor, title, everything)

    fake.failures = [fake.rate_limit_response()]
    if name == "google":
        card(visitor, title).get_by_role("link", name="Select more").click()
        visitor.press("Start")
        visitor.sees("asked too often")
        at_the_trove(visitor)
    else:
        card(visitor, title).get_by_role("button", name=re.compile("Sync")).click()
        has(visitor, title, "asked too often")
    has(visitor, title, everything)

    card(visitor, title).get_by_role("link", name=re.compile("Remove")).click()
    visitor.press("Remove")
    expect(card(visitor, title)).to_have_count(0, timeout=LONG)
    visitor.page.wait_for_timeout(CACHED)
    visitor.goes("/")
    assert count(visitor) == beside
