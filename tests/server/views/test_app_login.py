"""
The page that waits for a login at a Nextcloud, with a fake one on loopback.
"""

import json
import time

import pytest
import requests
from django.core.management import call_command
from django.utils import timezone

from django_trove.server.accounts.removal import delete_identity_data
from django_trove.server.connectors.errors import Revoked
from django_trove.server.connectors.nextcloud import search
from django_trove.server.connectors.nextcloud.connector import Nextcloud as NextcloudConnector
from django_trove.server.media.fetch import fetch_rendition
from django_trove.server.models import AddLink, Identity
from django_trove.server.views import added_service, app_login
from fake_services.base import serve
from fake_services.nextcloud import Nextcloud
from fake_services.photos import make_photos

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nextcloud(settings, monkeypatch):
    monkeypatch.setattr(app_login, "MIN_POLL_SECONDS", 0.01)
    with serve(Nextcloud(make_photos(3))) as fake:
        services = {"nextcloud": fake.settings}
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": services, "NAME": "Trove"}
        yield fake


def start(browser, nextcloud, path=None):
    """
    Enter the address, and return the path of the page that waits.
    """
    path = path or browser.post("/add/", {"service": "nextcloud"}, secure=True).url
    response = browser.post(path, {"address": nextcloud.url}, secure=True)
    assert response.status_code == 302, response.content
    return response.url


def poll(browser, page, *, script=False):
    time.sleep(0.02)  # the limit of the rate
    headers = {"Accept": "application/json"} if script else {"Accept": "text/html"}
    return browser.post(f"{page}status/", headers=headers, secure=True)


def get_login_url(nextcloud):
    (key,) = nextcloud.logins
    return f"{nextcloud.url}/login/v2/flow/{key}"


def test_page_shows_the_link_and_not_the_token(browser, nextcloud):
    page = start(browser, nextcloud)
    html = browser.get(page, secure=True).content.decode()
    (login,) = nextcloud.logins.values()
    assert f'href="{get_login_url(nextcloud)}"' in html
    assert "I have granted access" in html
    assert login.poll_token not in html + page
    assert login.application == "Trove"


def test_button_adds_the_account_after_the_login_was_allowed(browser, nextcloud, person):
    page = start(browser, nextcloud)
    assert poll(browser, page).url == page  # not allowed yet
    requests.post(get_login_url(nextcloud), timeout=10)
    assert poll(browser, page).url == "/"
    identity = Identity.objects.get(user=person)
    assert identity.settings == {"address": nextcloud.url, "user": "ada"}
    assert identity.items.count() == 3
    assert next(iter(nextcloud.app_passwords)) not in repr(Identity.objects.values())
    assert poll(browser, page).url == "/"  # repeated
    assert browser.get(page, secure=True).url == "/"


def test_large_account_is_added_before_its_files_are_listed(
    browser, nextcloud, settings, monkeypatch
):
    """
    All pages of the search must be listed before the first picture is imported.
    """
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    monkeypatch.setattr(search, "PAGE_SIZE", 1)
    monkeypatch.setattr(added_service, "MAX_REQUEST_SECONDS", 0.5)
    page = start(browser, nextcloud)
    requests.post(get_login_url(nextcloud), timeout=10)
    nextcloud.delay = 0.15
    assert poll(browser, page).url == "/"
    identity = Identity.objects.get()
    assert (identity.failures, identity.last_error, identity.items.count()) == (0, "", 0)
    call_command("db_worker", batch=True, interval=0)
    assert identity.items.count() == 3


def test_script_waits_and_continues(browser, nextcloud):
    page = start(browser, nextcloud)
    assert poll(browser, page, script=True).json() == {"next": ""}
    nextcloud.allow(get_login_url(nextcloud))
    assert poll(browser, page, script=True).json() == {"next": "/"}
    assert Identity.objects.get().items.count() == 3


def test_service_is_not_polled_too_often(browser, nextcloud, monkeypatch):
    monkeypatch.setattr(app_login, "MIN_POLL_SECONDS", 60)
    page = start(browser, nextcloud)
    nextcloud.request_paths.clear()
    answers = [poll(browser, page, script=True).json() for _ in range(5)]
    assert answers == [{"next": ""}] * 5
    assert nextcloud.request_paths == ["/login/v2/poll"]


def test_wait_continues_while_the_service_is_unavailable(browser, nextcloud):
    page = start(browser, nextcloud)
    nextcloud.is_in_maintenance = True
    assert poll(browser, page, script=True).json() == {"next": ""}
    nextcloud.is_in_maintenance = False
    nextcloud.allow(get_login_url(nextcloud))
    assert poll(browser, page, script=True).json() == {"next": "/"}


def test_login_expires_after_20_minutes(browser, nextcloud, monkeypatch):
    page = start(browser, nextcloud)
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 1201)
    response = browser.get(page, secure=True)
    assert response.status_code == 400
    assert "20 minutes" in response.content.decode()
    assert poll(browser, page, script=True).json() == {"next": "/"}


def test_page_of_another_browser_is_rejected(browser, nextcloud, client, make_person):
    page = start(browser, nextcloud)
    client.force_login(make_person("eve"))
    nextcloud.allow(get_login_url(nextcloud))
    assert client.get(page, secure=True).status_code == 400
    assert poll(client, page).status_code == 400
    assert not Identity.objects.exists()


def test_unknown_service_and_another_one_do_not_exist(browser, nextcloud):
    page = start(browser, nextcloud)
    assert browser.get(page.replace("nextcloud", "flickr"), secure=True).status_code == 404
    assert browser.get("/services/nextcloud/login/guessed/", secure=True).status_code == 400
    assert browser.get(f"{page}status/", secure=True).status_code == 405


def test_server_that_is_not_a_nextcloud_is_reported_in_the_form(browser, nextcloud):
    path = browser.post("/add/", {"service": "nextcloud"}, secure=True).url
    nextcloud.handle = lambda request: Nextcloud._reject()
    response = browser.post(path, {"address": nextcloud.url}, secure=True)
    assert response.status_code == 200
    assert "not a Nextcloud" in response.content.decode()


def test_failed_login_is_reported(browser, nextcloud):
    page = start(browser, nextcloud)
    nextcloud.handle = lambda request: Nextcloud._reject()
    response = poll(browser, page)
    assert response.status_code == 400
    assert "Start again" in response.content.decode()


def test_account_is_reconnected(browser, nextcloud):
    page = start(browser, nextcloud)
    nextcloud.allow(get_login_url(nextcloud))
    poll(browser, page)
    identity = Identity.objects.get()
    nextcloud.revoke_all()
    Identity.objects.update(state=Identity.State.NEEDS_RECONNECT)
    page = start(browser, nextcloud, f"/identities/{identity.pk}/reconnect/")
    nextcloud.allow(get_login_url(nextcloud))
    assert poll(browser, page).url == "/"
    assert Identity.objects.get().state == Identity.State.ACTIVE
    assert Identity.objects.get().pk == identity.pk


def add(browser, nextcloud, path=None):
    page = start(browser, nextcloud, path)
    nextcloud.allow(get_login_url(nextcloud))
    assert poll(browser, page).url == "/"
    return Identity.objects.latest("pk")


def test_reconnected_account_has_only_the_new_app_password(browser, nextcloud):
    identity = add(browser, nextcloud)
    (old,) = nextcloud.app_passwords
    add(browser, nextcloud, f"/identities/{identity.pk}/reconnect/")
    assert nextcloud.revoked_passwords == [old]
    (new,) = nextcloud.app_passwords
    assert new in Identity.objects.get().token


def test_rejected_picture_makes_a_sync_due(browser, nextcloud):
    """
    The sync asks the user to reconnect the account.
    """
    item = add(browser, nextcloud).items.first()
    assert not Identity.objects.due().exists()
    nextcloud.revoke_all()
    with pytest.raises(Revoked):
        fetch_rendition(item, "medium")
    assert Identity.objects.due().exists()


def test_account_is_reconnected_although_the_old_password_cannot_be_deleted(browser, nextcloud):
    identity = add(browser, nextcloud)
    nextcloud.app_passwords.clear()
    add(browser, nextcloud, f"/identities/{identity.pk}/reconnect/")
    assert next(iter(nextcloud.app_passwords)) in Identity.objects.get().token


def test_app_password_of_each_user_is_deleted(browser, nextcloud, client, make_person):
    add(browser, nextcloud)
    (first,) = nextcloud.app_passwords
    client.force_login(make_person("eve"))
    identity = add(client, nextcloud)
    (second,) = nextcloud.app_passwords.keys() - {first}
    delete_identity_data(identity)
    assert nextcloud.revoked_passwords == [second]


def test_app_password_is_deleted_if_the_account_is_being_removed(browser, nextcloud):
    identity = add(browser, nextcloud)
    Identity.objects.update(state=Identity.State.DELETING)
    page = start(browser, nextcloud)
    nextcloud.allow(get_login_url(nextcloud))
    assert poll(browser, page).status_code == 409
    assert list(nextcloud.app_passwords) == [json.loads(identity.token)["password"]]
    assert len(nextcloud.revoked_passwords) == 1


def test_app_password_is_deleted_if_the_login_expires_during_the_request(
    browser, nextcloud, monkeypatch
):
    page = start(browser, nextcloud)
    nextcloud.allow(get_login_url(nextcloud))
    poll_login = NextcloudConnector.poll_login

    def expire(*args):
        authorization = poll_login(*args)
        monkeypatch.setattr(time, "time", lambda now=time.time: now() + 1201)
        return authorization

    monkeypatch.setattr(NextcloudConnector, "poll_login", expire)
    assert poll(browser, page).status_code == 400
    assert nextcloud.app_passwords == {}
    assert not Identity.objects.exists()


def test_app_password_is_deleted_if_the_link_was_used_meanwhile(browser, nextcloud):
    page = start(browser, nextcloud)
    nextcloud.allow(get_login_url(nextcloud))
    AddLink.objects.update(used_at=timezone.now())
    assert poll(browser, page).status_code == 400
    assert nextcloud.app_passwords == {}
