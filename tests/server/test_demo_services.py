"""
The fake services of the demo, in a process of their own. After a restart, they accept the
credentials that they have issued before.
"""

import re
import stat
from contextlib import contextmanager

import pytest
import requests

from demo.processes import TROVE, ReportingServer
from demo.workspace import Workspace
from django_trove.server.models import Identity
from django_trove.server.sync.engine import sync
from django_trove.server.views import app_login
from fake_services import IMMICH_KEY, SERVICES, get_service_settings, get_service_urls

from ..ports import free_port
from .fake_services import Services

pytestmark = pytest.mark.django_db(transaction=True)


class DemoServices(Services):
    def __init__(self, browser):
        self.browser = browser


@pytest.fixture
def workspace(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(app_login, "MIN_POLL_SECONDS", 0)
    ports = []
    while len(ports) < len(SERVICES):
        ports = list({*ports, free_port()})
    services = get_service_settings(ports)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": services, "NAME": "Trove"}
    return Workspace(tmp_path, service_ports=tuple(ports))


@contextmanager
def running(workspace):
    process = ReportingServer(workspace, TROVE, "fake_services", "fake_services")
    try:
        process.wait_until_ready()
        yield dict(zip(SERVICES, get_service_urls(workspace.service_ports), strict=True))
    finally:
        process.stop()


def enter(browser, service, **fields):
    page = browser.post("/add/", {"service": service}, secure=True).url
    response = browser.post(page, fields, secure=True)
    assert response.status_code == 302, response.content
    return response.url


def add_accounts(browser, urls):
    for name in ("flickr", "smugmug", "google", "facebook"):
        DemoServices(browser).add(name)
    enter(browser, "immich", address=urls["immich"], key=IMMICH_KEY)
    page = enter(browser, "nextcloud", address=urls["nextcloud"])
    html = browser.get(page, secure=True).content.decode()
    login = re.search(r'href="([^"]+/login/v2/flow/\w+)"', html)[1]
    assert requests.post(login, timeout=10).ok
    assert browser.post(f"{page}status/", secure=True).url == "/"


def sync_all():
    """
    Continue the syncs that took longer than a page waits.
    """
    for account in Identity.objects.all():
        sync(account)


def count_items():
    return {one.service: one.items.count() for one in Identity.objects.all()}


def view_pictures(browser, service):
    for item in Identity.objects.get(service=service).items.all()[:3]:
        page = browser.get(f"/photos/{item.pk}/", secure=True).content.decode()
        yield browser.get(re.search(r'<img[^>]* src="([^"]+)"', page)[1], secure=True)


def test_credentials_are_accepted_after_a_restart(workspace, browser):
    """
    Except for those that were revoked.
    """
    directory = workspace.path / "fake_services"
    with running(workspace) as urls:
        add_accounts(browser, urls)
        sync_all()
        counts = count_items()
        assert set(counts) == set(SERVICES)
        assert counts["nextcloud"] == 400
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    with running(workspace):
        sync_all()
        accounts = {one.service: one for one in Identity.objects.all()}
        errors = {one.service: one.last_error for one in Identity.objects.all()}
        assert errors == dict.fromkeys(SERVICES, "")
        assert count_items() == counts
        types = [shown.headers["Content-Type"] for shown in view_pictures(browser, "nextcloud")]
        assert types == ["image/jpeg"] * 3
        google = accounts["google"]
        browser.post(f"/identities/{google.pk}/picker/", secure=True)
        google.refresh_from_db()
        assert google.settings["picker_session"]["id"]
        removal = f"/identities/{accounts['nextcloud'].pk}/remove/"
        assert browser.post(removal, secure=True).status_code == 302
    assert (directory / "nextcloud.json").read_text() == '{"app_passwords": {}}'
