"""
Registration of an application at the Trove, and removal of a service.
"""

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP, PHONE

VIEWPORTS = pytest.mark.parametrize(
    "user_session", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"]
)


@VIEWPORTS
def test_user_registers_application_and_replaces_its_secret(user_session, request):
    session, page, viewport = user_session, user_session.page, request.node.callspec.id
    session.open_trove()
    page.get_by_role("link", name="Apps", exact=True).click()
    page.get_by_role("link", name="Your apps").click()
    page.get_by_role("link", name="Register an app").click()
    session.expected_statuses.add(400)
    page.get_by_label("Name").fill(f"Slides at a {viewport}")
    page.get_by_label("Callback URLs").fill("http://site.example/back/")
    session.click_button("Register")
    session.expect_text("Enter an https URL")
    session.check_page(f"register-{viewport}")
    page.get_by_label("Callback URLs").fill("https://site.example/back/")
    session.click_button("Register")
    first = page.locator("#secret").inner_text()
    session.check_page(f"secret-{viewport}")
    page.get_by_role("link", name="I have copied the secret").click()
    edit = page.get_by_role("link", name=f"Edit Slides at a {viewport}")
    expect(edit).to_be_visible()
    session.check_page(f"own-applications-{viewport}")
    edit.click()
    expect(page.get_by_role("button", name="Create a new secret")).to_be_visible()
    session.check_page(f"own-application-{viewport}")
    session.click_button("Create a new secret")
    expect(page.locator("#secret")).not_to_have_text(first)


@VIEWPORTS
def test_user_cancels_removal_of_service(user_session, request):
    page = user_session.page
    user_session.open_trove()
    page.get_by_role("link", name="Remove travels").click()
    user_session.expect_text("are removed from your Trove")
    user_session.check_page(f"remove-{request.node.callspec.id}")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="Remove travels")).to_be_visible()
