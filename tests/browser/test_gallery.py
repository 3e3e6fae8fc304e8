"""
The gallery: rows, one photo large, further pages in place, and all of it without a script.
"""

import gzip

import pytest
import requests
from playwright.sync_api import expect

from .conftest import DESKTOP, LOOKS, PHONE, Visitor, violations
from .test_whole_way import count

ON_A_PAGE = 12
MOST_BYTES = 60_000


@pytest.fixture
def shifts(chromium, demo, membership, request):
    """
    A visitor in whose pages it is noted how far things move while they load.
    """
    script = """
        window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
    """
    with chromium.new_context(viewport=request.param, storage_state=membership) as context:
        context.add_init_script(script)
        yield Visitor(context.new_page(), demo)


@pytest.fixture
def without_script(chromium, demo, membership):
    options = {"java_script_enabled": False, "storage_state": membership}
    with chromium.new_context(viewport=DESKTOP, **options) as context:
        visitor = Visitor(context.new_page(), demo)
        visitor.goes()
        yield visitor


def lightbox(visitor):
    return visitor.page.locator("dialog.trove-lightbox")


def opens(visitor, number=0):
    visitor.page.locator(".trove-photo a:has(img)").nth(number).click()
    expect(lightbox(visitor)).to_be_visible()


def shown(visitor):
    return lightbox(visitor).locator("img").get_attribute("alt")


def titles(visitor):
    return [i.get_attribute("alt") for i in visitor.page.locator(".trove-photo img").all()]


def test_the_keyboard_walks_through_the_photos_and_comes_back(member):
    first, second = titles(member)[:2]
    member.page.locator(".trove-photo a:has(img)").first.focus()
    member.page.keyboard.press("Enter")
    expect(lightbox(member)).to_be_visible()
    assert shown(member) == first
    member.has_picture("dialog img", wider_than=100)
    member.shows("lightbox")
    member.page.keyboard.press("ArrowRight")
    assert shown(member) == second
    member.page.keyboard.press("ArrowLeft")
    member.page.keyboard.press("ArrowLeft")
    assert shown(member) == first
    member.page.keyboard.press("Escape")
    expect(lightbox(member)).to_have_count(0)
    focused = member.page.evaluate("document.activeElement.querySelector('img').alt")
    assert focused == first


def test_focus_stays_in_the_open_photo(member):
    opens(member)
    for _ in range(8):
        member.page.keyboard.press("Tab")
        inside = (
            "!document.activeElement.closest('dialog') && document.activeElement !== document.body"
        )
        assert not member.page.evaluate(inside)


def test_back_closes_the_photo_and_nothing_else(member):
    address = member.page.url
    opens(member, 1)
    member.page.go_back()
    expect(lightbox(member)).to_have_count(0)
    assert member.page.url == address
    opens(member, 2)
    member.page.get_by_role("button", name="Close").click()
    expect(lightbox(member)).to_have_count(0)
    assert member.page.url == address


def test_closing_twice_leaves_the_photo_and_not_the_page(member):
    member.goes("/trove/")
    member.goes()
    address = member.page.url
    opens(member)
    member.page.locator(".trove-lightbox-close").dblclick()
    expect(lightbox(member)).to_have_count(0)
    member.page.wait_for_timeout(500)  # for a second step back, if there were one
    assert member.page.url == address
    opens(member, 1)
    member.page.get_by_role("button", name="Close").click()
    expect(lightbox(member)).to_have_count(0)


def test_a_photo_that_leads_nowhere_is_passed_over(member):
    """
    As the app's own photo.html draws one of which there is no page.
    """
    first, _second, third = titles(member)[:3]
    links = member.page.locator(".trove-photo a:has(img)")
    links.nth(1).evaluate("link => link.replaceWith(...link.childNodes)")
    opens(member)
    member.page.keyboard.press("ArrowRight")
    assert shown(member) == third
    member.page.keyboard.press("ArrowLeft")
    assert shown(member) == first


def test_a_photo_leads_to_its_page_and_to_its_service(member):
    opens(member)
    caption = lightbox(member).locator(".trove-lightbox-caption")
    expect(caption.get_by_role("link", name="Folder")).to_be_visible()
    caption.get_by_role("link", name="Its page").click()
    member.has_picture(".large img", wider_than=200)


@pytest.mark.parametrize("member", [PHONE], indirect=True)
def test_a_swipe_goes_to_the_next(member):
    first, second = titles(member)[:2]
    opens(member)
    assert shown(member) == first
    member.page.mouse.move(300, 400)
    member.page.mouse.down()
    member.page.mouse.move(100, 400, steps=4)
    member.page.mouse.up()
    assert shown(member) == second


def test_the_last_photo_has_no_next(member):
    opens(member, len(titles(member)) - 1)
    expect(member.page.get_by_role("button", name="Next photo")).not_to_be_visible()
    expect(member.page.get_by_role("button", name="Previous photo")).to_be_visible()


def test_without_a_script_pictures_lead_to_their_pages(without_script):
    without_script.page.locator(".trove-photo a:has(img)").first.click()
    assert "/photos/" in without_script.page.url
    without_script.sees("All photos")


@pytest.mark.parametrize("shifts", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_nothing_moves_while_pictures_load(shifts):
    shifts.goes()
    shifts.has_picture(".trove-photo img", wider_than=0)
    shifts.page.wait_for_load_state("networkidle")
    assert shifts.page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("member", [DESKTOP, PHONE], indirect=True)
def test_rows_have_one_height_each_and_end_at_the_edge(member):
    rows = {}
    for picture in member.page.locator(".trove-photos img").all():
        box = picture.bounding_box()
        rows.setdefault(round(box["y"]), []).append(box)
    for row in rows.values():
        assert max(b["height"] for b in row) - min(b["height"] for b in row) < 1.5
    ends = [max(b["x"] + b["width"] for b in row) for _y, row in sorted(rows.items())]
    assert len(ends) > 2
    assert all(abs(end - max(ends)) < 2 for end in ends[:-1])


def test_no_picture_is_cropped_but_by_a_hair(member):
    drawn = "i => i.clientWidth / i.clientHeight"
    meant = "i => i.getAttribute('width') / i.getAttribute('height')"
    pictures = member.page.locator(".trove-photos img").all()
    assert len(pictures) == ON_A_PAGE
    for picture in pictures:
        assert 0.95 < picture.evaluate(drawn) / picture.evaluate(meant) < 1.05


def test_a_photo_that_was_open_is_so_after_a_reload_and_back_closes_it(member):
    address = member.page.url
    second = titles(member)[1]
    opens(member)
    member.page.keyboard.press("ArrowRight")
    member.page.reload()
    expect(lightbox(member)).to_be_visible()
    assert shown(member) == second
    member.page.go_back()
    expect(lightbox(member)).to_have_count(0)
    assert member.page.url == address
    member.page.go_forward()
    expect(lightbox(member)).to_be_visible()


def test_a_page_that_knows_no_dark_stays_light(member):
    """
    Dark is for pages that say so (`color-scheme`), whatever the system wants.
    """
    member.page.emulate_media(color_scheme="dark")
    ink = "getComputedStyle(document.querySelector('.trove-gallery')).color"
    assert member.page.evaluate(ink) == "rgb(231, 236, 243)"
    member.page.evaluate("document.documentElement.style.colorScheme = 'light'")
    assert member.page.evaluate(ink) == "rgb(28, 36, 48)"


def test_colours_are_set_where_a_host_would_set_them(member):
    root = "document.documentElement.style"
    member.page.evaluate(f"{root}.setProperty('--trove-accent', 'rgb(1, 2, 3)')")
    colour = "getComputedStyle(document.querySelector('.trove-button')).borderColor"
    assert "rgb(1, 2, 3)" in member.page.evaluate(colour)


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_axe_has_nothing_against_it(member, size, scheme):
    member.page.set_viewport_size(size)
    member.page.emulate_media(color_scheme=scheme)
    look = f"{size['width']}-{scheme}"
    member.shows(f"gallery-{look}")
    assert violations(member.page) == {}
    opens(member)
    member.has_picture("dialog img", wider_than=100)
    member.shows(f"gallery-lightbox-{look}")
    assert violations(member.page) == {}
    member.goes("/?tags=nothinghasthis")
    member.shows(f"gallery-empty-{look}")
    assert violations(member.page) == {}
    member.goes("/trove/")
    assert violations(member.page) == {}


def test_the_first_page_is_light(member):
    """
    What is ours of it: the page, its styles and its scripts, compressed.
    """
    page = member.page
    addresses = page.evaluate(
        "[...document.querySelectorAll('link[rel=stylesheet], script[src]')]"
        ".map((one) => one.href || one.src)"
    )
    own = [requests.get(address, timeout=10).content for address in addresses]
    assert len(own) >= 3
    parts = [page.content().encode(), *own]
    assert sum(len(gzip.compress(part)) for part in parts) < MOST_BYTES


def test_further_photos_come_in_place(member):
    photos = member.page.locator(".trove-photo")
    assert photos.count() == ON_A_PAGE
    member.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(photos).to_have_count(everything := count(member))
    assert everything > ON_A_PAGE
    assert len(set(titles(member))) == everything
    expect(member.page.locator(".trove-status")).to_have_text(f"{everything} photos are shown.")
    expect(member.page.locator("a[rel=next]")).to_have_count(0)
    opens(member, everything - 1)  # those that came later open as well


def test_a_page_that_does_not_come_can_be_tried_again(member):
    member.expected = {500}
    member.page.route("**/*page=2*", lambda route: route.fulfill(status=500))
    member.goes()
    member.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(member.page.locator(".trove-status")).to_contain_text("Try again")
    member.page.unroute("**/*page=2*")
    member.page.locator("a[rel=next]").click()
    expect(member.page.locator(".trove-photo")).to_have_count(count(member))


def test_who_was_signed_out_meanwhile_sees_so_on_the_page_that_was_wanted(member):
    member.expected = {500}
    member.page.route("**/*page=2*", lambda route: route.fulfill(status=500))
    member.goes()
    member.page.locator(".trove-photo").last.scroll_into_view_if_needed()
    expect(member.page.locator(".trove-status")).to_contain_text("Try again")
    member.page.unroute("**/*page=2*")
    member.page.context.clear_cookies()
    member.page.locator("a[rel=next]").click()
    member.sees("Sign in to connect your Trove")
    assert "page=2" in member.page.url


def test_without_a_script_older_photos_are_a_link_away(without_script):
    page, everything = without_script.page, count(without_script)
    page.get_by_role("link", name="Older", exact=True).click()
    assert page.locator(".trove-photo").count() == everything - ON_A_PAGE
    page.get_by_role("link", name="Newer", exact=True).click()
    assert page.locator(".trove-photo").count() == ON_A_PAGE
