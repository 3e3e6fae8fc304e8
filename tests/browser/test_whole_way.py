"""
The whole way through, as the person at the browser goes it.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE, Visitor


def count(visitor: Visitor) -> int:
    text = visitor.page.locator(".count").inner_text()
    return int(re.match(r"\d+", text)[0])


def test_from_sign_in_to_photos_and_back_out(visitor):
    visitor.goes()
    visitor.shows("welcome")
    visitor.page.get_by_role("link", name="Sign in to connect").click()
    visitor.signs_in()
    visitor.press("Connect your Trove")
    visitor.shows("trove-sign-in")
    visitor.signs_in()
    visitor.sees("Authorize Lantern")
    visitor.shows("consent")
    visitor.press("Authorize")
    visitor.sees("This is Ada's Trove")
    visitor.sees("Accounts: Folder")
    visitor.shows("whose")
    visitor.press("Keep")
    visitor.sees("Your Trove is connected")
    everything = count(visitor)
    assert everything > 10
    visitor.has_picture(".trove-photo img", wider_than=0)
    visitor.page.wait_for_load_state("networkidle")
    visitor.shows("gallery")

    visitor.page.get_by_label("Tags").fill("MOUNTAINS ")
    visitor.press("Show")
    assert 0 < count(visitor) < everything
    visitor.goes("/?since=2020-01-01&until=2021-12-31")
    assert 0 < count(visitor) < everything
    for taken in visitor.page.locator("figcaption time").all():
        assert taken.get_attribute("datetime")[:4] in ("2020", "2021")
    visitor.goes("/?place=Kyoto&within=25")
    assert 0 < count(visitor) < everything
    visitor.goes("/?services=folder")
    assert count(visitor) == everything
    visitor.goes("/?tags=no-such-tag")
    visitor.sees("No photos match")

    visitor.goes()
    visitor.page.locator(".trove-photo a").first.click()
    visitor.page.get_by_role("link", name="Its page").click()
    visitor.sees("Taken")
    visitor.has_picture(".large img", wider_than=1000)
    visitor.shows("photo")

    visitor.goes("/trove/")
    visitor.shows("account")
    visitor.page.get_by_role("link", name="Disconnect").click()
    visitor.press("Disconnect")
    visitor.sees("no longer connected")
    visitor.goes()
    visitor.sees("Connect your Trove")
    expect(visitor.page.locator(".trove-photo")).to_have_count(0)


def test_saying_no_is_taken_for_an_answer(visitor):
    visitor.signs_in_everywhere()
    visitor.expected = {403}
    visitor.press("Connect your Trove")
    visitor.press("Deny")
    visitor.sees("Start again")
    visitor.shows("denied")
    visitor.press("Start again")
    visitor.press("Authorize")
    visitor.keeps()


def test_a_callback_counts_once(visitor):
    visitor.signs_in_everywhere()
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.connects()
    callback = next(url for url in asked if "/trove/callback/" in url)
    visitor.expected = {400}
    visitor.page.goto(callback)
    visitor.sees("Start again")
    visitor.shows("replayed")
    visitor.goes()
    assert count(visitor) > 0, "the connection that it made still stands"


def test_a_callback_of_somebody_else_attaches_nothing(visitor, chromium, demo):
    """
    C13: the address is good, the session isn't the one that asked for it.
    """
    visitor.signs_in_everywhere()
    visitor.press("Connect your Trove")
    form = {
        name: visitor.page.locator(f"main [name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "oauth_token")
    }
    allowed = visitor.page.request.post(
        visitor.page.url,
        form=form | {"decision": "allow", "content_types": "photos"},
        headers={"Referer": visitor.page.url},
        max_redirects=0,
    )
    with chromium.new_context() as elsewhere:
        other = Visitor(elsewhere.new_page(), demo, expected={400})
        other.goes("/sign-in/")
        other.signs_in()
        other.page.goto(allowed.headers["location"])
        other.sees("Start again")
        other.goes("/trove/")
        other.sees("Connect your Trove")
        assert other.errors == []


def test_two_tabs_both_finish(visitor):
    visitor.signs_in_everywhere()
    second = Visitor(visitor.page.context.new_page(), visitor.home)
    for tab in (visitor, second):
        tab.goes("/trove/")
        tab.press("Connect")
    for tab in (visitor, second):
        tab.press("Authorize")
        tab.keeps()
    assert second.errors == []


def test_an_application_that_was_revoked_asks_to_be_connected_again(visitor):
    visitor.signs_in_everywhere()
    visitor.connects()
    visitor.page.goto(visitor.home.trove_url + "/applications/")
    visitor.shows("applications")
    visitor.press("Revoke")
    visitor.goes("/?tags=something-not-asked-before")
    visitor.goes()
    visitor.sees("no longer accepts this site")
    visitor.shows("revoked")
    visitor.connects()
    visitor.goes()
    assert count(visitor) > 0


def test_a_folder_is_added_at_the_trove_and_its_pictures_are_there_at_once(visitor):
    visitor.signs_in_everywhere()
    visitor.connects()
    visitor.goes()
    before = count(visitor)
    visitor.goes("/trove/")
    visitor.press("Add Folder")
    visitor.sees("home")
    visitor.shows("add-folder")
    visitor.press("Add")
    visitor.page.wait_for_url(f"{visitor.home.site_url}/trove/**")
    visitor.goes()
    assert count(visitor) > before


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_no_page_is_wider_than_the_screen(visitor):
    visitor.signs_in_everywhere()
    visitor.goes("/trove/")
    visitor.press("Connect")
    addresses = [visitor.page.url]
    visitor.press("Authorize")
    addresses.append(visitor.page.url)
    visitor.keeps()
    visitor.goes()
    first = visitor.page.locator(".trove-photo a").first.get_attribute("href")
    addresses += [visitor.home.site_url + p for p in ("/", first, "/trove/", "/trove/disconnect/")]
    addresses += [visitor.home.trove_url + p for p in ("/", "/applications/")]
    visitor.expected = {400}
    for number, address in enumerate(addresses):
        visitor.page.goto(address)
        width = visitor.page.viewport_size["width"]
        visitor.shows(f"width-{width}-{number}")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, address
