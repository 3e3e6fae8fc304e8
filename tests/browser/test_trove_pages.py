"""
The Trove's pages, at desktop and phone width: no console errors, no horizontal scrolling.
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
def check_page(visitor, request):
    """
    Check the accessibility of a page, and save a screenshot.
    """

    def check_page(name):
        visitor.is_sound(f"{name}-{request.node.callspec.id}")

    return check_page


@SIZES
def test_a_user_filters_and_views_photos(visitor, check_page):
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    check_page("my-trove")
    page.get_by_role("link", name="Photos", exact=True).click()
    visitor.sees("14 photos")
    assert page.locator(".grid img").count() == 14
    page.locator(".grid img").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    check_page("my-photos")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Tags").fill("kyoto")
    visitor.press("Apply")
    visitor.sees("matching photo")
    check_page("my-photos-filtered")
    page.locator(".grid a").first.click()
    visitor.sees("Date taken")
    check_page("photo")
    assert page.locator(".picture img").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="Kyoto", exact=True).click()
    expect(page.locator(".grid img").first).to_be_visible()


@SIZES
def test_a_user_downloads_the_data_and_cancels_the_deletion(visitor, check_page):
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").click()
    data = json.loads(Path(download.value.path()).read_text())
    assert len(data["items"]) == 14
    page.get_by_role("link", name="Delete your Trove").click()
    page.get_by_label("To confirm").fill("nobody")
    visitor.press("Delete")
    visitor.sees("nothing was deleted")
    check_page("delete")
    page.get_by_role("link", name="Cancel").click()
    visitor.sees("Your services")


@SIZES
def test_a_user_selects_permissions(visitor, check_page):
    visitor.signs_in_everywhere()
    visitor.press("Connect your Trove")
    visitor.sees("Requested permissions")
    check_page("consent")
    boxes = visitor.page.locator("[name=content_types]")
    for box in boxes.all():
        box.uncheck()
    visitor.press("Authorize")
    visitor.sees("Select at least one permission")
    check_page("consent-nothing")
    visitor.expected.add(403)  # of the site's page that says so
    visitor.press("Deny")
    visitor.sees("not connected")


@SIZES
def test_the_sync_progress_is_updated_without_reloading(visitor, check_page, request):
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
    check_page("watching")
    expect(card.locator(".sync-status")).to_contain_text("60 photos", timeout=60_000)
    expect(card.locator(".sync-status")).to_contain_text("Last successful sync", timeout=60_000)
    assert page.evaluate("window.loadedOnce")
    card.get_by_role("link", name="Remove").click()
    visitor.press("Remove")
    expect(page.get_by_role("heading", name=name)).to_have_count(0, timeout=60_000)
