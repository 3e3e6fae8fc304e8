"""
The form for an account at an entered address, with a server on loopback.
"""

import logging

import pytest
from django.db import connection

from django_trove.server.accounts.registry import addable_services, get_connector
from django_trove.server.models import Identity

from ..connectors.webdav_servers import PASSWORD as DAV_PASSWORD
from ..connectors.webdav_servers import USER, run_wsgidav
from ..entered_service import DOTTED_PATH, PASSWORD, serve_shelf

pytestmark = pytest.mark.django_db(transaction=True)

PRIVATE = {"HOSTS": ["127.0.0.1"], "ALLOW_HTTP": True}


@pytest.fixture
def configure(settings):
    def configure(**options):
        settings.TROVE_SERVER = {
            **settings.TROVE_SERVER,
            "CONNECTORS": [DOTTED_PATH],
            "SERVICES": {"shelf": options},
        }

    return configure


@pytest.fixture
def address(configure):
    configure(**PRIVATE)
    with serve_shelf() as url:
        yield url


@pytest.fixture
def link(browser):
    """
    The path of a link to add the service.
    """
    return browser.post("/add/", {"service": "shelf"}, secure=True).url


def get_values(address, password=PASSWORD):
    return {"address": address, "user_name": "ada", "password": password}


def get_alerts(response):
    page = response.content.decode()
    return page[page.index('role="alert"') :] if 'role="alert"' in page else ""


def test_a_service_without_keys_is_offered_if_it_is_in_the_setting(configure, settings):
    configure()
    assert addable_services() == ["shelf"]
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {}}
    assert addable_services() == []


def test_the_form_adds_an_account(address, browser, link, person):
    page = browser.get(link, secure=True).content.decode()
    assert 'type="password"' in page
    response = browser.post(link, get_values(f"{address}/"), secure=True)
    assert response.url == "/"
    identity = Identity.objects.get(user=person)
    assert (identity.service, identity.name) == ("shelf", "ada")
    assert identity.settings["address"] == address
    assert identity.last_synced_at is not None


def test_a_worker_may_take_over_the_first_sync(settings, browser, person, tmp_path):
    """
    The user has submitted the form twice, for example.
    """

    def take_over(method, path, response):
        if server.depths[-1:] == [("/", "1")]:
            Identity.objects.update(lease="of a worker")
            connection.close()  # of the thread of the server
        return response

    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"webdav": PRIVATE}}
    with run_wsgidav(tmp_path) as server:
        link = browser.post("/add/", {"service": "webdav"}, secure=True).url
        server.change = take_over
        values = {"address": server.address, "user": USER, "password": DAV_PASSWORD}
        response = browser.post(link, values, secure=True)
    assert (response.status_code, response.url) == (302, "/")


def test_the_password_is_encrypted_and_is_in_no_other_column(address, browser, link):
    browser.post(link, get_values(address), secure=True)
    (row,) = Identity.objects.values()
    assert PASSWORD not in repr(row)
    connector = get_connector(Identity.objects.get())
    assert connector.credentials.token == {"password": PASSWORD}
    assert PASSWORD not in repr(connector.credentials)


def test_a_wrong_password_is_reported_and_not_rendered(address, browser, link, caplog):
    caplog.set_level(logging.DEBUG)
    response = browser.post(link, get_values(address, "wrong-horse"), secure=True)
    assert "The user name or the password is wrong." in get_alerts(response)
    assert f'value="{address}"' in response.content.decode()
    assert "wrong-horse" not in response.content.decode()
    assert "wrong-horse" not in caplog.text
    assert not Identity.objects.exists()


def test_the_link_can_be_used_after_a_failure(address, browser, link):
    browser.post(link, get_values(address, "wrong-horse"), secure=True)
    browser.post(link, get_values(address), secure=True)
    assert Identity.objects.count() == 1


def test_a_used_link_is_invalid(address, browser, link):
    browser.post(link, get_values(address), secure=True)
    assert browser.post(link, get_values(address), secure=True).status_code == 400


def test_missing_values_are_reported(address, browser, link):
    response = browser.post(link, {"address": address}, secure=True)
    assert response.content.decode().count('role="alert"') == 2
    assert not Identity.objects.exists()


def test_a_private_address_is_refused(address, browser, link, configure):
    configure(ALLOW_HTTP=True)
    response = browser.post(link, get_values(address), secure=True)
    assert "private network" in get_alerts(response)
    assert not Identity.objects.exists()


def test_http_is_refused(address, browser, link, configure):
    configure(HOSTS=["127.0.0.1"])
    response = browser.post(link, get_values(address), secure=True)
    assert "must start with https://" in get_alerts(response)


def test_a_server_that_does_not_respond_is_reported(browser, configure, link_of_closed_port):
    link, address = link_of_closed_port
    response = browser.post(link, get_values(address), secure=True)
    assert f"The server at {address} did not respond." in get_alerts(response)


@pytest.mark.parametrize("scheme", ["", "https://", "https//"])
def test_a_server_without_https_is_explained(address, browser, link, scheme):
    entered = scheme + address.removeprefix("http://")
    response = browser.post(link, get_values(entered), secure=True)
    assert "start the address with http://" in get_alerts(response)


def test_http_is_not_recommended_if_it_was_entered(browser, link_of_closed_port):
    link, address = link_of_closed_port
    response = browser.post(link, get_values(address.replace("://", "//")), secure=True)
    assert "did not respond" in get_alerts(response)
    assert "start the address" not in get_alerts(response)


@pytest.fixture
def link_of_closed_port(browser, configure):
    configure(**PRIVATE)
    with serve_shelf() as url:
        pass
    return browser.post("/add/", {"service": "shelf"}, secure=True).url, url


def test_the_number_of_attempts_is_limited(address, browser, link, settings):
    limits = {"RATE_LIMITS": {"entered_account": "2/h"}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, **limits}
    for _ in range(2):
        browser.post(link, get_values(address, "wrong-horse"), secure=True)
    response = browser.post(link, get_values(address), secure=True)
    assert "Too many attempts." in get_alerts(response)
    assert not Identity.objects.exists()


def test_an_account_is_reconnected_with_a_new_password(address, browser, link):
    browser.post(link, get_values(address), secure=True)
    identity = Identity.objects.get()
    Identity.objects.update(state=Identity.State.NEEDS_RECONNECT, token=None)
    path = f"/identities/{identity.pk}/reconnect/"
    assert path in browser.get("/", secure=True).content.decode()
    page = browser.get(path, secure=True).content.decode()
    assert f'value="{address}"' in page
    browser.post(path, get_values(address), secure=True)
    identity = Identity.objects.get()
    assert identity.state == Identity.State.ACTIVE
    assert get_connector(identity).credentials.token == {"password": PASSWORD}


def test_a_service_with_a_form_has_no_callback(address, browser):
    assert browser.get("/services/shelf/callback/?state=x", secure=True).status_code == 404


def test_the_form_is_for_signed_in_users_only(address, link, client):
    assert client.get(link, secure=True).status_code == 302
