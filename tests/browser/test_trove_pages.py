"""
The Trove's own pages, at a desk and on a phone: no error in the console, nothing too wide.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.workspace import USERNAME

from ..server.images import draw
from .conftest import DESKTOP, PHONE

SIZES = pytest.mark.parametrize(
    "visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"]
)


@pytest.fixture
def looks(visitor, request):
    """
    See that all may use a page, and keep a picture of it.
    """

    def looks(name):
        visitor.is_sound(f"{name}-{request.node.callspec.id}")

    return looks


@SIZES
def test_somebody_looks_at_their_photos(visitor, looks):
    """
    All of them, a filter, one photo, and back by its tag.
    """
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    looks("my-trove")
    page.get_by_role("link", name="Photos", exact=True).click()
    visitor.sees("14 photos")
    assert page.locator(".grid img").count() == 14
    page.locator(".grid img").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    looks("my-photos")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Tags").fill("kyoto")
    visitor.press("Show")
    visitor.sees("fit")
    looks("my-photos-filtered")
    page.locator(".grid a").first.click()
    visitor.sees("Taken")
    looks("photo")
    assert page.locator(".picture img").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="Kyoto", exact=True).click()
    expect(page.locator(".grid img").first).to_be_visible()


@SIZES
def test_somebody_takes_their_data_along_and_keeps_their_trove(visitor, looks):
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all my data").click()
    said = json.loads(Path(download.value.path()).read_text())
    assert len(said["items"]) == 14
    page.get_by_role("link", name="Delete my Trove").click()
    page.get_by_label("To confirm").fill("nobody")
    visitor.press("Delete")
    visitor.sees("nothing was deleted")
    looks("delete")
    page.get_by_role("link", name="Keep it").click()
    visitor.sees("My services")


@SIZES
def test_somebody_is_asked_what_a_site_may_see(visitor, looks):
    visitor.signs_in_everywhere()
    visitor.press("Connect your Trove")
    visitor.sees("It asks to see")
    looks("consent")
    boxes = visitor.page.locator("[name=content_types]")
    for box in boxes.all():
        box.uncheck()
    visitor.press("Allow")
    visitor.sees("Tick what it may see")
    looks("consent-nothing")
    visitor.expected.add(403)  # of the site's page that says so
    visitor.press("Deny")
    visitor.sees("not connected")


@SIZES
def test_somebody_watches_a_folder_being_taken_in(visitor, looks, request):
    """
    By the worker; the page says how far it is, and is never loaded again.
    """
    page, name = visitor.page, f"trip-{request.node.callspec.id}"
    for number in range(60):
        draw(visitor.home.photos / USERNAME / name / f"{number:03}.jpg", (1200, 900))
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    visitor.press("Add a folder")
    page.get_by_label(name).check()
    visitor.press("Add")
    card = page.locator("li.card", has=page.get_by_role("heading", name=name))
    page.evaluate("window.loadedOnce = true")
    looks("watching")
    expect(card.locator(".state")).to_contain_text("60 photos", timeout=60_000)
    expect(card.locator(".state")).to_contain_text("Last looked at", timeout=60_000)
    assert page.evaluate("window.loadedOnce")
    card.get_by_role("link", name="Remove").click()
    visitor.press("Remove")
    expect(page.get_by_role("heading", name=name)).to_have_count(0, timeout=60_000)
