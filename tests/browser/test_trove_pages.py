"""
The Trove's own pages: no console errors, no horizontal scrolling, no axe violations.
"""

import json
import re
import time
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import expect

from demo.setup import PHOTOS
from demo.workspace import USERNAME

from ..server.images import draw
from .conftest import DESKTOP, PHONE

VIEWPORTS = pytest.mark.parametrize(
    "user_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"]
)


@pytest.fixture
def check_page(user_session, request):
    def check_page(name):
        user_session.check_page(f"{name}-{request.node.callspec.id}")

    return check_page


@VIEWPORTS
def test_user_filters_photos_and_opens_one(user_session, check_page):
    """
    The list of all photos, a filtered list, one photo, and the list of one of its tags.
    """
    session, page = user_session, user_session.page
    session.open_trove()
    check_page("my-trove")
    page.get_by_role("link", name="Photos", exact=True).click()
    session.expect_text("14 photos")
    expect(page.locator(".grid img")).to_have_count(14)
    page.locator(".grid img").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    check_page("my-photos")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Tags").fill("kyoto")
    session.click_button("Apply")
    session.expect_text("matching photo")
    check_page("my-photos-filtered")
    page.locator(".grid a").first.click()
    session.expect_text("Date taken")
    check_page("photo")
    assert page.locator(".picture img").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="Kyoto", exact=True).click()
    expect(page.locator(".grid img").first).to_be_visible()


def test_user_browses_albums_and_timeline(user_session, demo):
    """
    The start page shows the latest photos; the page of a photo links to its neighbors, its album
    and its month.
    """
    session, page = user_session, user_session.page
    add_folder_with_album(session, demo, "trips", "Summer")
    check = session.check_page_at_each_width
    session.open_trove()
    expect(page.locator(".grid img")).to_have_count(12)
    page.locator(".grid img").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    check("start")
    page.get_by_role("link", name="Albums", exact=True).click()
    check("my-albums")
    page.get_by_role("link", name="Summer").click()
    session.expect_text("8 photos")
    check("my-album")
    page.locator(".grid a").first.click()
    expect(page.get_by_role("link", name="Newer")).to_have_count(0)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    check("photo-in-album")
    page.locator(".details a[href*=timeline]").click()
    check("my-month")
    page.get_by_role("link", name="Timeline", exact=True).click()
    check("my-timeline")
    session.remove_account("trips")


def add_folder_with_album(session, demo, name, album):
    """
    Add a folder with photos in a subfolder to the Trove, and wait until they are imported.
    """
    target = demo.photos / USERNAME / name / album
    target.mkdir(parents=True)
    for photo in sorted(PHOTOS.rglob("*.jpg"))[1:16:2]:
        copy(photo, target)
    session.open_trove()
    session.click_button("Add a folder")
    session.page.get_by_label(name).check()
    session.click_button("Add")
    card = session.page.locator("li.card", has=session.page.get_by_role("heading", name=name))
    expect(card).to_contain_text("8 photos", timeout=60_000)
    expect(card).to_contain_text("Last successful sync", timeout=60_000)


def test_user_resets_password_and_edits_account(anonymous_session, demo):
    session, page = anonymous_session, anonymous_session.page
    check = session.check_page_at_each_width
    session.open_trove("/identity/signup/")
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Email address").fill("grace@site.example")
    check("sign-up")
    for label in ("Password", "Password confirmation"):
        page.get_by_label(label, exact=True).fill("a long pass-word")
    session.click_button("Sign up")
    page.get_by_role("link", name="Account").click()
    check("account")
    page.get_by_label("Email address").fill("grace@other.example")
    session.click_button("Save")
    session.expect_text("This is not your current password")
    check("account-error")
    page.get_by_label("First name").fill("Grace")
    page.get_by_label("Current password").fill("a long pass-word")
    session.click_button("Save")
    session.expect_text("Your changes were saved")
    page.get_by_role("link", name="Change your password").click()
    check("change-password")
    session.click_button("Sign out")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("Email address").fill("grace@other.example")
    check("reset-password")
    session.click_button("Send the link")
    session.expect_text("Check your email")
    check("reset-sent")
    page.goto(wait_for_link(demo))
    check("set-password")
    for label in ("New password", "New password confirmation"):
        page.get_by_label(label, exact=True).fill("another long pass-word")
    session.click_button("Save")
    session.expect_text("Your password was changed")
    check("sign-in-again")
    session.open_trove("/identity/password/new/MQ/?token=x")
    session.expect_text("This link is invalid")
    check("invalid-link")


def wait_for_link(demo):
    """
    Return the link in the email that the worker writes to a file.
    """
    deadline = time.monotonic() + 30
    while not (files := list((demo.path / "mail" / "trove").glob("*.log"))):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return re.search(r"http://\S+", files[0].read_text())[0]


@VIEWPORTS
def test_user_downloads_data_and_cancels_deletion_of_trove(user_session, check_page):
    session, page = user_session, user_session.page
    session.open_trove()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").click()
    data = json.loads(Path(download.value.path()).read_text())
    assert len(data["items"]) == 14
    page.get_by_role("link", name="Delete your Trove").click()
    page.get_by_label("To confirm").fill("nobody")
    session.click_button("Delete")
    session.expect_text("nothing was deleted")
    check_page("delete")
    page.get_by_role("link", name="Cancel").click()
    session.expect_text("Your services")


@VIEWPORTS
def test_consent_page_requires_content_type_and_can_be_denied(user_session, check_page):
    session = user_session
    session.disconnect()
    session.click_button("Connect your Trove")
    session.expect_text("Requested permissions")
    check_page("consent")
    for checkbox in session.page.locator("[name=content_types]").all():
        checkbox.uncheck()
    session.click_button("Authorize")
    session.expect_text("Select at least one permission")
    check_page("consent-nothing")
    session.expected_statuses.add(403)
    session.click_button("Deny")
    session.expect_text("Nothing was changed")


@VIEWPORTS
def test_sync_progress_is_updated_without_reload(user_session, check_page, demo, request):
    """
    The worker imports a folder while the page polls its progress.
    """
    session, page = user_session, user_session.page
    name = f"trip-{request.node.callspec.id}"
    for number in range(20):
        draw(demo.photos / USERNAME / name / f"{number:03}.jpg", (1200, 900))
    session.open_trove()
    session.click_button("Add a folder")
    page.get_by_label(name).check()
    session.click_button("Add")
    card = page.locator("li.card", has=page.get_by_role("heading", name=name))
    expect(card).to_be_visible()
    page.evaluate("window.isSameDocument = true")
    check_page("watching")
    expect(card.locator(".sync-status")).to_contain_text("20 photos", timeout=60_000)
    expect(card.locator(".sync-status")).to_contain_text("Last successful sync", timeout=60_000)
    assert page.evaluate("window.isSameDocument")
    session.remove_account(name)
