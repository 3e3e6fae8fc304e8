"""
A site and a Trove in two processes with two origins, and a real Chromium to click through them.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

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
from pytest_django.live_server_helper import LiveServer

from demo.workspace import USERNAME, Workspace

from ..processes import site_and_trove

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
LOOKS = [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PATIENCE = 10_000  # milliseconds


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("NO BROWSER TEST RAN: there is no Chromium here; name one in CHROMIUM=")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright has a loop in this thread, and Django would ask nothing of a database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with site_and_trove(tmp_path_factory.mktemp("demo"), every=2) as home:
        yield home


def violations(page: Page) -> dict[str, list[str]]:
    """
    Return what axe has against a page, by rule.
    """
    found = Axe().run(page, options=RULES).response["violations"]
    return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found}


@dataclass
class Visitor:
    """
    Somebody at a browser, who notices every error that the browser does.
    """

    page: Page
    home: Workspace | LiveServer
    errors: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        known = any(f"status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not known:
            self.errors.append(f"{message.text} {message.location}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, timeout=PATIENCE)

    def has_picture(self, selector: str, wider_than: int) -> None:
        """
        Playwright's own waiting evaluates strings in the page, which its policy forbids.
        """
        picture = self.page.locator(selector).first
        give_up = time.monotonic() + PATIENCE / 1000
        while picture.evaluate("image => image.naturalWidth") <= wider_than:
            assert time.monotonic() < give_up, f"{selector} shows no picture"
            self.page.wait_for_timeout(50)

    def goes(self, path: str = "/") -> None:
        home = self.home
        self.page.goto((home.site_url if isinstance(home, Workspace) else home.url) + path)

    def signs_in(self) -> None:
        self.page.get_by_label("Username").fill(USERNAME)
        self.page.get_by_label("Password").fill(USERNAME)
        self.press("Sign in")

    def signs_in_everywhere(self) -> None:
        """
        And starts without a connection.
        """
        self.page.goto(self.home.trove_url + "/identity/login")
        self.signs_in()
        self.goes("/sign-in/")
        self.signs_in()
        self.goes("/trove/disconnect/")
        if self.page.get_by_role("button", name="Disconnect").is_visible():
            self.press("Disconnect")
        self.goes()

    def connects(self) -> None:
        self.goes("/trove/")
        self.press("Connect")
        self.press("Authorize")
        self.keeps()

    def keeps(self) -> None:
        """
        Say that the Trove is one's own. It isn't asked of who has connected the same before.
        """
        keep = self.page.get_by_role("button", name="Keep", exact=True)
        expect(keep.or_(self.page.get_by_text("Your Trove is connected"))).to_be_visible()
        if keep.is_visible():
            keep.click()
        self.sees("Your Trove is connected")

    def is_sound(self, name: str) -> None:
        """
        The page fits its screen, and axe has nothing against it, light or dark.
        """
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.shows(f"{name}-{scheme}")
            assert not self.page.evaluate(WIDER), name
            assert violations(self.page) == {}, (name, scheme)

    def shows(self, name: str) -> None:
        """
        Keep a picture of the page, where somebody wants to look at them.
        """
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def visitor(
    chromium: Browser, demo: Workspace, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """
    At a desk, or wherever the test's parameter says; any error in the console fails the test.
    """
    with chromium.new_context(viewport=getattr(request, "param", DESKTOP)) as context:
        visitor = Visitor(context.new_page(), demo)
        yield visitor
        assert visitor.errors == []


@pytest.fixture(scope="module")
def membership(chromium: Browser, demo: Workspace) -> Iterator[StorageState]:
    """
    The cookies of somebody who is signed in everywhere, and connected while a module's tests run.
    """
    with chromium.new_context(viewport=DESKTOP) as context:
        visitor = Visitor(context.new_page(), demo)
        visitor.signs_in_everywhere()
        visitor.connects()
        yield context.storage_state()
        visitor.goes("/trove/disconnect/")
        visitor.press("Disconnect")
        visitor.sees("no longer connected")


@pytest.fixture
def member(
    chromium: Browser, demo: Workspace, membership: StorageState, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """
    A visitor whose photos are shown.
    """
    size = getattr(request, "param", DESKTOP)
    with chromium.new_context(viewport=size, storage_state=membership) as context:
        visitor = Visitor(context.new_page(), demo)
        visitor.goes()
        yield visitor
        assert visitor.errors == []
