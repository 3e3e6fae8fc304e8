"""
Chromium sessions on the example site and its Trove, which run in separate processes.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from demo.workspace import USERNAME, Workspace
from fake_services import serve_all

from ..ports import free_port
from ..processes import site_and_trove

# The headless shell is preferred because it uses half the CPU time of the complete browser.
EXECUTABLES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, EXECUTABLES)), None)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",  # do not start spare renderer processes
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
TABLET = {"width": 820, "height": 1180}
APPEARANCES = [
    pytest.param(viewport, color_scheme, id=f"{name}-{color_scheme}")
    for name, viewport in (("desktop", DESKTOP), ("phone", PHONE))
    for color_scheme in ("light", "dark")
]
TIMEOUT_MS = 30_000  # for busy machines
AXE_SCRIPT = Axe().axe_script
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RULES = {"light": AXE_TAGS, "dark": ["color-contrast", "link-in-text-block"]}
"""The rules by color scheme, which changes colors only: most rules are checked once."""
SCROLLS_HORIZONTALLY = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# A column that is too narrow for a word breaks it between letters, without horizontal scrolling.
COUNT_NARROW_TEXTS = """[...document.querySelectorAll("dt, dd, td, th, p, li, label")]
  .filter((one) => one.textContent.trim().length > 8 && one.offsetWidth > 1 && one.offsetWidth < 60)
  .length"""
# Two frames pass before the check because animations start in the next frame.
WAIT_FOR_ANIMATIONS = """async () => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const maps = [...document.querySelectorAll(".trove-map-canvas")]
    .map((canvas) => canvas.troveMap?.map).filter(Boolean);
  const isMoving = (map) => map._animatingZoom || map._panAnim?._inProgress;
  const isAnimating = () =>
    maps.some(isMoving) || document.getAnimations().some((one) => one.playState === "running");
  const deadline = performance.now() + 5000;
  for (let still = 0; still < 3 && performance.now() < deadline; ) {
    await nextFrame();
    still = isAnimating() ? 0 : still + 1;
  }
}"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """
    It is closed before other tests run, because its event loop would prevent asynchronous tests.
    """
    if not CHROMIUM:
        pytest.skip("BROWSER TESTS DID NOT RUN: install Chromium or set CHROMIUM to its path")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's event loop runs in this thread, where Django rejects database queries.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with site_and_trove(tmp_path_factory.mktemp("demo"), every=2) as workspace:
        yield workspace


@pytest.fixture(scope="package")
def services() -> Iterator[dict[str, Any]]:
    """
    The fake services, each with a few photos.
    """
    with serve_all(24) as services:
        services["google"].image_width = 160
        yield services


@pytest.fixture(scope="package")
def demo_with_services(
    services: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """
    A demo whose Trove offers the fake services and a WebDAV server.
    """
    ports = tuple(int(service.url.rpartition(":")[2]) for service in services.values())
    path = tmp_path_factory.mktemp("services")
    with site_and_trove(path, every=8, service_ports=ports, webdav_port=free_port()) as workspace:
        yield workspace


def find_violations(page: Page, rules: list[str]) -> dict[str, list[str]]:
    """
    Return the HTML of the elements that violate an axe rule, by rule.

    :param rules: tags or names of rules.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    results = page.evaluate(
        "options => axe.run(options).then((all) => all.violations)",
        {"runOnly": rules, "resultTypes": ["violations"]},
    )
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in results}


def wait_for_animations(page: Page) -> None:
    """
    Wait until no map moves or loads data, and no CSS transition runs.
    """
    page.evaluate(WAIT_FOR_ANIMATIONS)
    page.wait_for_selector(".trove-map-canvas[aria-busy]", state="detached")
    page.evaluate(WAIT_FOR_ANIMATIONS)


def save_screenshot(page: Page, name: str, *, full_page: bool = True) -> None:
    """
    Save a screenshot to the directory in the environment variable SCREENSHOTS, if it is set.
    """
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)


@dataclass
class BrowserSession:
    """
    A page in a browser context of its own. `console_errors` collects errors and warnings, except
    those of responses with an expected status.
    """

    page: Page
    site_url: str
    trove_url: str = ""
    console_errors: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(TIMEOUT_MS)
        self.page.on("console", self._record_console_message)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _record_console_message(self, message: ConsoleMessage) -> None:
        is_expected = any(f"status of {s}" in message.text for s in self.expected_statuses)
        if message.type in ("error", "warning") and not is_expected:
            self.console_errors.append(f"{message.text} {message.location}")

    def open(self, path: str = "/") -> None:
        self.page.goto(self.site_url + path)

    def open_trove(self, path: str = "/") -> None:
        self.page.goto(self.trove_url + path)

    def click_button(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def expect_text(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, timeout=TIMEOUT_MS)

    def expect_image(self, selector: str, wider_than: int) -> None:
        """
        Wait until the first image is loaded. `Page.wait_for_function` cannot be used because the
        Content-Security-Policy of the pages does not allow `eval`.
        """
        image = self.page.locator(selector).first
        deadline = time.monotonic() + TIMEOUT_MS / 1000
        while image.evaluate("image => image.naturalWidth") <= wider_than:
            assert time.monotonic() < deadline, f"{selector} is not loaded"
            self.page.wait_for_timeout(50)

    def open_filters(self) -> None:
        self.page.locator(".trove-filter-more > summary").click()

    def get_first_photo_position(self) -> float:
        """
        Return the distance of the first photo from the top of the page in pixels.
        """
        return self.page.locator(".trove-photo img").first.bounding_box()["y"]

    def count_photos(self) -> int:
        """
        Return the number of photos that the example site's home page states.
        """
        text = self.page.locator(".count").inner_text()
        return int(re.match(r"\d+", text)[0])

    def pick_all_photos(self) -> None:
        """
        Pick all photos in the picker of Google Photos, which opens in a new tab.
        """
        self.click_button("Start")
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("link", name="Open the picker").click()
        picker = opened.value
        picker.get_by_label("All photos not picked before").check()
        picker.get_by_role("button", name="Done").click()
        expect(picker.locator("body")).to_contain_text("You can close this tab")
        picker.close()

    def submit_login_form(self) -> None:
        self.page.get_by_label("Username").fill(USERNAME)
        self.page.get_by_label("Password").fill(USERNAME)
        self.click_button("Sign in")

    def disconnect(self) -> None:
        """
        Remove the connection to the Trove, if there is one, and open the home page.
        """
        self.open("/trove/disconnect/")
        if self.page.get_by_role("button", name="Disconnect").is_visible():
            self.click_button("Disconnect")
            self.expect_text("no longer connected")
        self.open()

    def connect_trove(self) -> None:
        self.open("/trove/")
        self.click_button("Connect")
        self.click_button("Authorize")
        self.confirm_account()

    def confirm_account(self) -> None:
        """
        Confirm the account, which the site does not ask if the same account was connected before.
        """
        button = self.page.get_by_role("button", name="Connect this account", exact=True)
        expect(button.or_(self.page.get_by_text("Your Trove is connected"))).to_be_visible()
        if button.is_visible():
            button.click()
        self.expect_text("Your Trove is connected")

    def remove_account(self, name: str) -> None:
        """
        Remove an account on a service from the Trove, with its items.
        """
        self.open_trove()
        heading = self.page.get_by_role("heading", name=name)
        card = self.page.locator("li.card", has=heading)
        card.get_by_role("link", name=re.compile("Remove")).click()
        self.click_button("Remove")
        expect(heading).to_have_count(0, timeout=60_000)

    def check_page_at_each_width(self, name: str) -> None:
        """
        Check the page at three widths. Between the widths of axe, only the layout differs.
        """
        for viewport in (PHONE, TABLET, DESKTOP):
            self.page.set_viewport_size(viewport)
            self.check_page(f"{name}-{viewport['width']}", runs_axe=viewport is not TABLET)

    def check_page(self, name: str, *, runs_axe: bool = True) -> None:
        """
        Check in the light and the dark color scheme that the page does not scroll horizontally,
        that no column is too narrow and that axe finds no violations.
        """
        self.page.wait_for_load_state()
        for color_scheme, rules in AXE_RULES.items():
            self.page.emulate_media(color_scheme=color_scheme)
            self.save_screenshot(f"{name}-{color_scheme}")
            assert not self.page.evaluate(SCROLLS_HORIZONTALLY), name
            assert self.page.evaluate(COUNT_NARROW_TEXTS) == 0, name
            if runs_axe:
                assert find_violations(self.page, rules) == {}, (name, color_scheme)

    def save_screenshot(self, name: str) -> None:
        save_screenshot(self.page, name)


@contextmanager
def open_session(
    browser: Browser, site_url: str, trove_url: str = "", **options: Any
) -> Iterator[BrowserSession]:
    """
    Open a page in a new browser context, and fail if there are console errors at the end.
    """
    with browser.new_context(**{"viewport": DESKTOP} | options) as context:
        session = BrowserSession(context.new_page(), site_url, trove_url)
        yield session
        assert session.console_errors == []


def get_viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    """
    Return the viewport that the test passes to the fixture as its parameter, or `DESKTOP`.
    """
    return getattr(request, "param", DESKTOP)


@pytest.fixture
def anonymous_session(
    chromium: Browser, demo: Workspace, request: pytest.FixtureRequest
) -> Iterator[BrowserSession]:
    """
    A session that is not signed in.
    """
    viewport = get_viewport(request)
    with open_session(chromium, demo.site_url, demo.trove_url, viewport=viewport) as session:
        yield session


def sign_in(chromium: Browser, demo: Workspace) -> StorageState:
    """
    Sign in to the site and to the Trove, and return the cookies.
    """
    with open_session(chromium, demo.site_url, demo.trove_url) as session:
        session.open_trove("/identity/login")
        session.submit_login_form()
        session.open("/sign-in/")
        session.submit_login_form()
        session.expect_text("Sign out")
        return session.page.context.storage_state()


@pytest.fixture(scope="package")
def user_cookies(chromium: Browser, demo: Workspace) -> StorageState:
    """
    The cookies of a user who is signed in to the site and to the Trove.
    """
    return sign_in(chromium, demo)


@pytest.fixture
def user_session(
    chromium: Browser, demo: Workspace, user_cookies: StorageState, request: pytest.FixtureRequest
) -> Iterator[BrowserSession]:
    """
    A session that is signed in to the site and to the Trove, with or without a connection.
    """
    options = {"viewport": get_viewport(request), "storage_state": user_cookies}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        yield session


@pytest.fixture(scope="module")
def connected_cookies(
    chromium: Browser, demo: Workspace, user_cookies: StorageState
) -> Iterator[StorageState]:
    """
    The cookies of a user whose Trove is connected while the tests of one module run.
    """
    options = {"storage_state": user_cookies}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        session.disconnect()
        session.connect_trove()
        yield session.page.context.storage_state()
        session.open("/trove/disconnect/")
        session.click_button("Disconnect")
        session.expect_text("no longer connected")


@pytest.fixture
def session(
    chromium: Browser,
    demo: Workspace,
    connected_cookies: StorageState,
    request: pytest.FixtureRequest,
) -> Iterator[BrowserSession]:
    """
    A session that is signed in and connected, on the home page with the user's photos.
    """
    options = {"viewport": get_viewport(request), "storage_state": connected_cookies}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        session.open()
        yield session
