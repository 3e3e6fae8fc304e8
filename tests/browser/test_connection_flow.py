"""
The OAuth flow in a browser, from sign-in to photos and disconnection, and its failures.
"""

import re

import pytest
from playwright.sync_api import expect

from demo.management.commands.demo import FOLDER_NOTE, READY

from .conftest import DESKTOP, PHONE, BrowserSession, open_session

BUTTONS = [
    "Connect your Trove", "Authorize", "Connect this account", "Add Folder", "Add a folder"
]  # fmt: skip


def test_demo_names_the_buttons_that_are_displayed(anonymous_session):
    """
    The instructions of the demo, in their order.
    """
    quoted = re.findall(r'"([A-Z][^"]+)"', READY + FOLDER_NOTE)
    assert [words for words in quoted if words != "Your Trove"] == BUTTONS
    session, page = anonymous_session, anonymous_session.page

    def get_button(number):
        return page.get_by_role("button", name=BUTTONS[number], exact=True)

    session.open("/sign-in/")
    session.submit_login_form()
    get_button(0).click()
    session.submit_login_form()
    get_button(1).click()
    get_button(2).click()
    session.expect_text("Your Trove is connected")
    page.get_by_role("link", name="Your Trove", exact=True).click()
    expect(get_button(3)).to_be_visible()
    session.open_trove()
    expect(get_button(4)).to_be_visible()
    session.disconnect()


def test_user_signs_in_connects_browses_photos_and_disconnects(anonymous_session):
    session, page = anonymous_session, anonymous_session.page
    session.open()
    session.save_screenshot("welcome")
    page.get_by_role("link", name="Sign in to connect").click()
    session.submit_login_form()
    session.click_button("Connect your Trove")
    session.save_screenshot("trove-sign-in")
    session.submit_login_form()
    session.expect_text("Authorize Lantern")
    session.save_screenshot("consent")
    session.click_button("Authorize")
    session.expect_text("You authorized the Trove of Ada")
    session.expect_text("Accounts: Folder")
    session.save_screenshot("confirm-account")
    session.click_button("Connect this account")
    session.expect_text("Your Trove is connected")
    total = session.count_photos()
    assert total > 10
    session.expect_image(".trove-photo img", wider_than=0)
    page.wait_for_load_state("networkidle")
    session.save_screenshot("gallery")

    session.open_filters()
    page.get_by_label("Tags").fill("MOUNTAINS ")
    session.click_button("Show")
    assert 0 < session.count_photos() < total
    session.open("/?since=2020-01-01&until=2021-12-31")
    assert 0 < session.count_photos() < total
    times = page.locator("figcaption time").all()
    assert {time.get_attribute("datetime")[:4] for time in times} <= {"2020", "2021"}
    session.open("/?near=Kyoto&within=25")
    assert 0 < session.count_photos() < total
    session.open("/?services=folder")
    assert session.count_photos() == total
    session.open("/?tags=no-such-tag")
    session.expect_text("No photos match")

    session.open()
    page.locator(".trove-photo a").first.click()
    page.get_by_role("link", name="View photo").click()
    session.expect_text("Taken")
    session.expect_image(".large img", wider_than=1000)
    session.save_screenshot("photo")

    session.open("/trove/")
    session.save_screenshot("account")
    page.get_by_role("link", name="Disconnect").click()
    session.click_button("Disconnect")
    session.expect_text("no longer connected")
    session.open()
    session.expect_text("Connect your Trove")
    expect(page.locator(".trove-photo")).to_have_count(0)


def test_user_denies_access_and_starts_again(user_session):
    session = user_session
    session.disconnect()
    session.click_button("Connect your Trove")
    session.click_button("Deny")
    session.expect_text("Start again")
    session.save_screenshot("denied")
    session.click_button("Start again")
    session.click_button("Authorize")
    session.confirm_account()


def test_callback_cannot_be_repeated(user_session):
    session = user_session
    session.disconnect()
    requested: list[str] = []
    session.page.on("request", lambda request: requested.append(request.url))
    session.connect_trove()
    callback = next(url for url in requested if "/trove/callback/" in url)
    session.expected_statuses = {400}
    session.page.goto(callback)
    session.expect_text("Start again")
    session.save_screenshot("replayed")
    session.open()
    assert session.count_photos() > 0, "the connection must remain"


def test_callback_of_another_session_connects_nothing(user_session, chromium, demo):
    """
    The callback URL is valid, but another session started the flow (login CSRF).
    """
    page = user_session.page
    user_session.disconnect()
    user_session.click_button("Connect your Trove")
    form = {
        name: page.locator(f"main [name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "oauth_token")
    }
    response = page.request.post(
        page.url,
        form=form | {"decision": "allow", "content_types": "photos"},
        headers={"Referer": page.url},
        max_redirects=0,
    )
    with open_session(chromium, demo.site_url) as other:
        other.expected_statuses = {400}
        other.open("/sign-in/")
        other.submit_login_form()
        other.page.goto(response.headers["location"])
        other.expect_text("Start again")
        other.open("/trove/")
        other.expect_text("Connect your Trove")


def test_flows_in_two_tabs_both_finish(user_session):
    user_session.disconnect()
    second = BrowserSession(user_session.page.context.new_page(), user_session.site_url)
    for tab in (user_session, second):
        tab.open("/trove/")
        tab.click_button("Connect")
    for tab in (user_session, second):
        tab.click_button("Authorize")
        tab.confirm_account()
    assert second.console_errors == []


def test_site_asks_to_reconnect_after_revocation(user_session):
    session = user_session
    session.disconnect()
    session.connect_trove()
    session.open_trove("/applications/")
    session.save_screenshot("applications")
    session.click_button("Revoke")
    session.open("/?tags=something-not-asked-before")
    session.open()
    session.expect_text("no longer accepts this site")
    session.save_screenshot("revoked")
    session.connect_trove()
    session.open()
    assert session.count_photos() > 0


def test_site_shows_photos_of_new_folder_at_once(user_session):
    session = user_session
    session.disconnect()
    session.connect_trove()
    session.open()
    before = session.count_photos()
    session.open("/trove/")
    session.click_button("Add Folder")
    session.expect_text("home")
    session.save_screenshot("add-folder")
    session.click_button("Add")
    session.page.wait_for_url(f"{session.site_url}/trove/**")
    session.open()
    assert session.count_photos() > before
    session.remove_account("home")


@pytest.mark.parametrize("user_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_pages_are_not_wider_than_viewport(user_session):
    session, page = user_session, user_session.page
    session.disconnect()
    session.open("/trove/")
    session.click_button("Connect")
    urls = [page.url]
    session.click_button("Authorize")
    urls.append(page.url)
    session.confirm_account()
    session.open()
    photo = page.locator(".trove-photo a").first.get_attribute("href")
    urls += [session.site_url + path for path in ("/", photo, "/trove/", "/trove/disconnect/")]
    urls += [session.trove_url + path for path in ("/", "/applications/")]
    session.expected_statuses = {400}
    width = page.viewport_size["width"]
    for number, url in enumerate(urls):
        page.goto(url)
        session.save_screenshot(f"width-{width}-{number}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
