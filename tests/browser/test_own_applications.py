"""
The Trove's pages for apps and accounts, at desktop and phone width.
"""

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_user_registers_an_app_and_creates_a_new_secret(visitor, request):
    page, size = visitor.page, request.node.callspec.id
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    page.get_by_role("link", name="Apps", exact=True).click()
    page.get_by_role("link", name="Your apps").click()
    page.get_by_role("link", name="Register an app").click()
    visitor.expected.add(400)
    page.get_by_label("Name").fill(f"Slides at a {size}")
    page.get_by_label("Callback URLs").fill("http://site.example/back/")
    visitor.press("Register")
    visitor.sees("A callback is https")
    visitor.is_sound(f"register-{size}")
    page.get_by_label("Callback URLs").fill("https://site.example/back/")
    visitor.press("Register")
    first = page.locator("#secret").inner_text()
    visitor.is_sound(f"secret-{size}")
    page.get_by_role("link", name="I have copied the secret").click()
    visitor.is_sound(f"own-applications-{size}")
    page.get_by_role("link", name=f"Edit Slides at a {size}").click()
    visitor.is_sound(f"own-application-{size}")
    visitor.press("Create a new secret")
    expect(page.locator("#secret")).not_to_have_text(first)


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_user_cancels_the_removal_of_an_account(visitor, request):
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    page.get_by_role("link", name="Remove travels").click()
    visitor.sees("are removed from your Trove")
    visitor.is_sound(f"remove-{request.node.callspec.id}")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="Remove travels")).to_be_visible()
