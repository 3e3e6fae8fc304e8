"""
Registering an application at the Trove, at a desk and on a phone.
"""

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_somebody_registers_an_application_and_gets_another_secret(visitor, request):
    page, size = visitor.page, request.node.callspec.id
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    page.get_by_role("link", name="Applications", exact=True).click()
    page.get_by_role("link", name="Applications of mine").click()
    page.get_by_role("link", name="Register an application").click()
    visitor.expected.add(400)
    page.get_by_label("Name").fill(f"Slides at a {size}")
    page.get_by_label("Callbacks").fill("http://site.example/back/")
    visitor.press("Register")
    visitor.sees("Enter an https URL")
    visitor.is_sound(f"register-{size}")
    page.get_by_label("Callbacks").fill("https://site.example/back/")
    visitor.press("Register")
    first = page.locator("#secret").inner_text()
    visitor.is_sound(f"secret-{size}")
    page.get_by_role("link", name="I have copied it").click()
    visitor.is_sound(f"own-applications-{size}")
    page.get_by_role("link", name=f"Change Slides at a {size}").click()
    visitor.is_sound(f"own-application-{size}")
    visitor.press("Make another secret")
    expect(page.locator("#secret")).not_to_have_text(first)


@pytest.mark.parametrize("visitor", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_somebody_looks_at_what_goes_with_an_account_and_keeps_it(visitor, request):
    page = visitor.page
    page.goto(visitor.home.trove_url + "/identity/login")
    visitor.signs_in()
    page.get_by_role("link", name="Remove travels").click()
    visitor.sees("leave your Trove")
    visitor.is_sound(f"remove-{request.node.callspec.id}")
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_role("link", name="Remove travels")).to_be_visible()
