"""
Each page of the example site, and of the app's pages on it, at three widths.
"""

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE

TABLET = {"width": 820, "height": 1180}
PAGES = {
    "home": "/",
    "filtered": "/?tags=sea&since=2001-01-01",
    "map": "/map/",
    "activity": "/activity/",
    "profile": "/profile/",
    "account": "/trove/",
    "disconnect": "/trove/disconnect/",
    "list": "/library/",
    "albums": "/library/albums/",
    "timeline": "/library/timeline/",
    "year": "/library/2022/",
    "month": "/library/2022/7/",
    "day": "/library/2022/7/10/",
    "on-this-day": "/library/on-this-day/",
    "app-map": "/library/map/",
}
SIZES = [pytest.param(size, id=str(size["width"])) for size in (DESKTOP, TABLET, PHONE)]


@pytest.mark.parametrize("session", SIZES, indirect=True)
def test_pages(session, request):
    width = request.node.callspec.id
    for name, path in PAGES.items():
        session.open(path)
        session.check_page(f"site-{name}-{width}")


@pytest.mark.parametrize("session", SIZES, indirect=True)
def test_page_of_a_photo(session, request):
    page, width = session.page, request.node.callspec.id
    title = page.locator(".trove-photo a.trove-title").nth(1)
    name = title.inner_text()
    title.click()
    heading, newer, older = (page.locator(each) for each in ("h1", "a[rel=prev]", "a[rel=next]"))
    expect(heading).to_have_text(name)
    session.check_page(f"site-photo-{width}")
    trove_id = page.url.strip("/").rpartition("/")[2]
    older.click()
    expect(heading).not_to_have_text(name)
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text(name)
    newer.click()
    expect(heading).not_to_have_text(name)
    expect(older).to_be_visible()
    expect(newer).to_have_count(0)
    session.open(f"/library/photo/{trove_id}/")
    expect(heading).to_have_text(name)
    session.check_page(f"app-photo-{width}")
