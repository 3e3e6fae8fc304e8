"""
Each page of the example site, and of the app's pages on it, at three widths.
"""

from playwright.sync_api import expect

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


def test_pages(session):
    for name, path in PAGES.items():
        session.open(path)
        session.check_page_at_each_width(f"site-{name}")


def test_page_of_a_photo(session):
    page = session.page
    title = page.locator(".trove-photo a.trove-title").nth(1)
    name = title.inner_text()
    title.click()
    heading, newer, older = (page.locator(each) for each in ("h1", "a[rel=prev]", "a[rel=next]"))
    expect(heading).to_have_text(name)
    session.check_page_at_each_width("site-photo")
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
    session.check_page_at_each_width("app-photo")
