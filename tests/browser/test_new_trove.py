"""
A user of the site without a Trove signs up, adds a service and authorizes the site.
"""

import re

import pytest

from .conftest import DESKTOP, PHONE, open_session

PASSWORD = "a-long-pass-phrase"
STEPS = {
    "Flickr": ("OK, I'll authorize it", "", DESKTOP),
    "Google Photos": ("Continue", "Cancel", PHONE),
}
START_FORM = """service => {
  const form = document.querySelector("form.trove-connect");
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "service", value: service });
  form.append(input);
}"""


@pytest.fixture(scope="module")
def demo(demo_with_services):
    return demo_with_services


@pytest.mark.parametrize("service", ["Flickr", "Google Photos"])
def test_a_user_of_the_site_gets_a_new_trove(chromium, demo, service):
    """
    If they deny the authorization at the service, they can try again. With a picker, they return to
    the site after the selection.
    """
    name = service.split()[0].lower()
    allow, deny, viewport = STEPS[service]
    options = {"viewport": viewport}
    with open_session(chromium, demo.site_url, demo.trove_url, **options) as session:
        session.open("/sign-in/")
        session.submit_login_form()
        session.disconnect()
        session.open("/trove/")
        session.page.evaluate(START_FORM, name)
        session.click_button("Connect your Trove")
        session.page.get_by_role("link", name="Sign up").click()
        session.page.get_by_label("Username").fill(f"new-{name}")
        session.page.get_by_label("Password", exact=True).fill(PASSWORD)
        session.page.get_by_label(re.compile("confirmation")).fill(PASSWORD)
        session.click_button("Sign up")
        session.check_page(f"new-trove-{name}")
        if deny:
            session.click_button(f"Continue to {service}")
            session.click_button(deny)
            session.expect_text("You denied the authorization")
        session.click_button(f"Continue to {service}")
        session.click_button(allow)
        if name == "google":
            session.pick_all_photos()
        session.expect_text("to access your Trove?")
        session.check_page(f"new-trove-consent-{name}")
        session.click_button("Authorize")
        session.expect_text(f"new-{name}")
        session.confirm_account()
        assert session.page.url.startswith(demo.site_url)


def test_a_user_continues_without_the_service(chromium, demo):
    with open_session(chromium, demo.site_url, demo.trove_url) as session:
        session.open("/sign-in/")
        session.submit_login_form()
        session.disconnect()
        session.open("/trove/")
        session.page.evaluate(START_FORM, "facebook")
        session.click_button("Connect your Trove")
        session.submit_login_form()
        session.page.get_by_role("button", name="without adding it").click()
        session.expect_text("to access your Trove?")
        session.click_button("Deny")
        session.expect_text("Permission denied")
