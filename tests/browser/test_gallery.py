"""
The gallery: justified rows, the lightbox, infinite scrolling, and the page without JavaScript.
"""

import gzip
import re

import pytest
import requests
from playwright.sync_api import expect

from .conftest import APPEARANCES, AXE_RULES, DESKTOP, PHONE, find_violations, open_session

PAGE_SIZE = 12
MAX_COMPRESSED_BYTES = 60_000
OBSERVE_LAYOUT_SHIFTS = """
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def layout_shift_session(chromium, demo, connected_cookies, request):
    """
    A session whose pages sum their layout layout_shift_session in `window.shift`.
    """
    options = {"viewport": request.param, "storage_state": connected_cookies}
    with open_session(chromium, demo.site_url, **options) as session:
        session.page.context.add_init_script(OBSERVE_LAYOUT_SHIFTS)
        yield session


@pytest.fixture
def session_without_script(chromium, demo, connected_cookies):
    options = {"java_script_enabled": False, "storage_state": connected_cookies}
    with open_session(chromium, demo.site_url, **options) as session:
        session.open()
        yield session


def get_lightbox(session):
    return session.page.locator("dialog.trove-lightbox")


def open_lightbox(session, number=0):
    session.page.locator(".trove-photo a:has(img)").nth(number).click()
    expect(get_lightbox(session)).to_be_visible()


def get_open_title(session):
    return get_lightbox(session).locator("img").get_attribute("alt")


def get_titles(session):
    return [i.get_attribute("alt") for i in session.page.locator(".trove-photo img").all()]


def test_arrow_keys_change_photo_and_escape_restores_focus(session):
    first, second = get_titles(session)[:2]
    session.page.locator(".trove-photo a:has(img)").first.focus()
    session.page.keyboard.press("Enter")
    expect(get_lightbox(session)).to_be_visible()
    assert get_open_title(session) == first
    session.expect_image("dialog img", wider_than=100)
    session.save_screenshot("lightbox")
    session.page.keyboard.press("ArrowRight")
    assert get_open_title(session) == second
    session.page.keyboard.press("ArrowLeft")
    session.page.keyboard.press("ArrowLeft")
    assert get_open_title(session) == first
    session.page.keyboard.press("Escape")
    expect(get_lightbox(session)).to_have_count(0)
    focused = session.page.evaluate("document.activeElement.querySelector('img').alt")
    assert focused == first


def test_focus_stays_in_lightbox(session):
    open_lightbox(session)
    for _ in range(8):
        session.page.keyboard.press("Tab")
        inside = (
            "!document.activeElement.closest('dialog') && document.activeElement !== document.body"
        )
        assert not session.page.evaluate(inside)


def test_back_button_closes_lightbox_and_keeps_page(session):
    url = session.page.url
    open_lightbox(session, 1)
    session.page.go_back()
    expect(get_lightbox(session)).to_have_count(0)
    assert session.page.url == url
    open_lightbox(session, 2)
    session.page.get_by_role("button", name="Close").click()
    expect(get_lightbox(session)).to_have_count(0)
    assert session.page.url == url


def test_double_click_on_close_keeps_page(session):
    session.open("/trove/")
    session.open()
    url = session.page.url
    open_lightbox(session)
    session.page.locator(".trove-lightbox-close").dblclick()
    expect(get_lightbox(session)).to_have_count(0)
    session.page.wait_for_timeout(500)  # a second step back would happen now
    assert session.page.url == url
    open_lightbox(session, 1)
    session.page.get_by_role("button", name="Close").click()
    expect(get_lightbox(session)).to_have_count(0)


def test_arrow_keys_skip_photo_without_link(session):
    """
    The app's photo.html renders no link for a photo without a page.
    """
    first, _second, third = get_titles(session)[:3]
    links = session.page.locator(".trove-photo a:has(img)")
    links.nth(1).evaluate("link => link.replaceWith(...link.childNodes)")
    open_lightbox(session)
    session.page.keyboard.press("ArrowRight")
    assert get_open_title(session) == third
    session.page.keyboard.press("ArrowLeft")
    assert get_open_title(session) == first


def test_lightbox_links_to_service_and_photo_page(session):
    open_lightbox(session)
    caption = get_lightbox(session).locator(".trove-lightbox-caption")
    expect(caption.get_by_role("link", name="Folder")).to_be_visible()
    caption.get_by_role("link", name="View photo").click()
    session.expect_image(".large img", wider_than=200)


@pytest.mark.parametrize("session", [PHONE], indirect=True)
def test_swipe_shows_next_photo(session):
    first, second = get_titles(session)[:2]
    open_lightbox(session)
    assert get_open_title(session) == first
    session.page.mouse.move(300, 400)
    session.page.mouse.down()
    session.page.mouse.move(100, 400, steps=4)
    session.page.mouse.up()
    assert get_open_title(session) == second


SWIPE = [("touchStart", 300), ("touchMove", 200), ("touchMove", 100), ("touchEnd", None)]


def test_touch_swipe_shows_next_photo(chromium, demo, connected_cookies):
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with open_session(
        chromium, demo.site_url, storage_state=connected_cookies, **options
    ) as session:
        session.open()
        second = get_titles(session)[1]
        session.page.locator(".trove-photo a:has(img)").first.tap()
        expect(get_lightbox(session)).to_be_visible()
        touchscreen = session.page.context.new_cdp_session(session.page)
        for kind, x in SWIPE:
            points = [{"x": x, "y": 400}] if x else []
            touchscreen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        expect(get_lightbox(session).locator("img")).to_have_attribute("alt", second)


def test_large_view_continues_on_the_next_page(session):
    total = session.count_photos()
    assert total > PAGE_SIZE
    open_lightbox(session, PAGE_SIZE - 1)
    next_button = session.page.get_by_role("button", name="Next photo")
    for _ in range(total - PAGE_SIZE):
        title = session.page.title()
        next_button.click()
        expect(session.page).not_to_have_title(title)
    assert get_open_title(session) == get_titles(session)[total - 1]
    expect(next_button).not_to_be_visible()
    expect(session.page.get_by_role("button", name="Previous photo")).to_be_visible()
    assert len(set(get_titles(session))) == total


def test_large_view_states_that_the_next_page_could_not_be_loaded(session):
    session.expected_statuses = {500}
    session.page.route("**/*page=2*", lambda route: route.fulfill(status=500))
    open_lightbox(session, PAGE_SIZE - 1)
    session.page.get_by_role("button", name="Next photo").click()
    expect(session.page.locator(".trove-lightbox-title")).to_contain_text("Try again")
    session.page.unroute("**/*page=2*")
    session.page.get_by_role("button", name="Next photo").click()
    expect(session.page.locator(".trove-photo")).to_have_count(session.count_photos())


def test_url_of_the_large_view_is_the_page_of_the_photo(session):
    page, gallery, gallery_title = session.page, session.page.url, session.page.title()
    second = get_titles(session)[1]
    url = page.locator(".trove-photo a:has(img)").nth(1).evaluate("link => link.href")
    open_lightbox(session)
    page.keyboard.press("ArrowRight")
    assert (page.url, page.title()) == (url, second)
    page.keyboard.press("Escape")
    expect(page).to_have_title(gallery_title)
    assert page.url == gallery
    page.go_forward()
    assert get_open_title(session) == second


def test_reload_of_the_large_view_shows_the_page_of_the_photo(session):
    page, gallery = session.page, session.page.url
    open_lightbox(session)
    title, url = get_open_title(session), page.url
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(get_lightbox(session)).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Photos")
    assert page.url == gallery
    page.go_forward()
    assert (page.url, get_open_title(session)) == (url, title)


def test_page_of_a_photo_that_is_not_loaded_is_shown_after_reload_and_forward(session):
    page = session.page
    open_lightbox(session, PAGE_SIZE - 1)
    page.get_by_role("button", name="Next photo").click()
    expect(page.locator(".trove-photo")).to_have_count(session.count_photos())
    title = get_open_title(session)
    page.reload()
    session.expected_statuses = {500}
    page.route("**/*page=2*", lambda route: route.fulfill(status=500))  # scrolling would load it
    page.go_back()
    expect(page.locator(".trove-photo")).to_have_count(PAGE_SIZE)
    page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(page.locator(".trove-status")).to_contain_text("Try again")  # the script is running
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_facts_of_the_large_view(session):
    session.open("/?tags=Kyoto")
    open_lightbox(session)
    facts = get_lightbox(session).locator(".trove-facts")
    expect(facts.locator("time")).to_have_text(re.compile(r"\d{4}"))
    expect(facts.get_by_role("link", name="Japan")).to_be_visible()
    expect(facts).to_contain_text("Paintbox")
    facts.get_by_role("link", name=re.compile("^kyoto$", re.IGNORECASE)).click()
    assert session.page.url.lower().endswith("/?tags=kyoto")


def test_images_link_to_photo_pages_without_script(session_without_script):
    session_without_script.page.locator(".trove-photo a:has(img)").first.click()
    assert "/photos/" in session_without_script.page.url
    session_without_script.expect_text("All photos")


@pytest.mark.parametrize(
    "layout_shift_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"]
)
def test_layout_does_not_shift_while_images_load(layout_shift_session):
    layout_shift_session.open()
    layout_shift_session.expect_image(".trove-photo img", wider_than=0)
    layout_shift_session.page.wait_for_load_state("networkidle")
    assert layout_shift_session.page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("session", [DESKTOP, PHONE], indirect=True)
def test_images_of_a_row_have_equal_height_and_rows_equal_width(session):
    rows = {}
    for image in session.page.locator(".trove-photos img").all():
        box = image.bounding_box()
        rows.setdefault(round(box["y"]), []).append(box)
    for row in rows.values():
        assert max(b["height"] for b in row) - min(b["height"] for b in row) < 1.5
    ends = [max(b["x"] + b["width"] for b in row) for _y, row in sorted(rows.items())]
    assert len(ends) > 2
    assert all(abs(end - max(ends)) < 2 for end in ends[:-1])


def test_images_are_cropped_by_less_than_five_percent(session):
    rendered = "i => i.clientWidth / i.clientHeight"
    declared = "i => i.getAttribute('width') / i.getAttribute('height')"
    images = session.page.locator(".trove-photos img").all()
    assert len(images) == PAGE_SIZE
    for image in images:
        assert 0.95 < image.evaluate(rendered) / image.evaluate(declared) < 1.05


def test_gallery_is_light_if_page_declares_light_color_scheme(session):
    """
    The `color-scheme` of the page takes precedence over the system's.
    """
    session.page.emulate_media(color_scheme="dark")
    color = "getComputedStyle(document.querySelector('.trove-gallery')).color"
    assert session.page.evaluate(color) == "rgb(231, 236, 243)"
    session.page.evaluate("document.documentElement.style.colorScheme = 'light'")
    assert session.page.evaluate(color) == "rgb(28, 36, 48)"


def test_accent_color_is_a_custom_property(session):
    root = "document.documentElement.style"
    session.page.evaluate(f"{root}.setProperty('--trove-accent', 'rgb(1, 2, 3)')")
    color = "getComputedStyle(document.querySelector('.trove-button')).borderColor"
    assert "rgb(1, 2, 3)" in session.page.evaluate(color)


@pytest.mark.parametrize(("viewport", "color_scheme"), APPEARANCES)
def test_axe_finds_no_violations(session, viewport, color_scheme):
    session.page.set_viewport_size(viewport)
    session.page.emulate_media(color_scheme=color_scheme)
    name, rules = f"{viewport['width']}-{color_scheme}", AXE_RULES[color_scheme]
    session.save_screenshot(f"gallery-{name}")
    assert find_violations(session.page, rules) == {}
    open_lightbox(session)
    session.expect_image("dialog img", wider_than=100)
    session.save_screenshot(f"gallery-lightbox-{name}")
    assert find_violations(session.page, rules) == {}
    session.open("/?tags=nothinghasthis")
    session.save_screenshot(f"gallery-empty-{name}")
    assert find_violations(session.page, rules) == {}
    session.open("/trove/")
    assert find_violations(session.page, rules) == {}


def test_first_page_has_small_transfer_size(session):
    """
    The page, its style sheets and its scripts, compressed with gzip.
    """
    page = session.page
    urls = page.evaluate(
        "[...document.querySelectorAll('link[rel=stylesheet], script[src]')]"
        ".map((one) => one.href || one.src)"
    )
    assets = [requests.get(url, timeout=10).content for url in urls]
    assert len(assets) >= 3
    parts = [page.content().encode(), *assets]
    assert sum(len(gzip.compress(part)) for part in parts) < MAX_COMPRESSED_BYTES


def test_scrolling_loads_further_photos(session):
    photos = session.page.locator(".trove-photo")
    expect(photos).to_have_count(PAGE_SIZE)
    session.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(photos).to_have_count(total := session.count_photos())
    assert total > PAGE_SIZE
    assert len(set(get_titles(session))) == total
    expect(session.page.locator(".trove-status")).to_have_text(f"{total} photos are displayed.")
    expect(session.page.locator("a[rel=next]")).to_have_count(0)
    open_lightbox(session, total - 1)


def test_failed_page_can_be_requested_again(session):
    session.expected_statuses = {500}
    session.page.route("**/*page=2*", lambda route: route.fulfill(status=500))
    session.open()
    session.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(session.page.locator(".trove-status")).to_contain_text("Try again")
    session.page.unroute("**/*page=2*")
    session.page.locator("a[rel=next]").click()
    expect(session.page.locator(".trove-photo")).to_have_count(session.count_photos())


def test_next_page_asks_to_sign_in_if_session_has_ended(session):
    session.expected_statuses = {500}
    session.page.route("**/*page=2*", lambda route: route.fulfill(status=500))
    session.open()
    session.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(session.page.locator(".trove-status")).to_contain_text("Try again")
    session.page.unroute("**/*page=2*")
    session.page.context.clear_cookies()
    session.page.locator("a[rel=next]").click()
    session.expect_text("Sign in to connect your Trove")
    assert "page=2" in session.page.url


def test_pagination_links_work_without_script(session_without_script):
    page, total = session_without_script.page, session_without_script.count_photos()
    page.get_by_role("link", name="Older", exact=True).click()
    expect(page.locator(".trove-photo")).to_have_count(total - PAGE_SIZE)
    page.get_by_role("link", name="Newer", exact=True).click()
    expect(page.locator(".trove-photo")).to_have_count(PAGE_SIZE)
