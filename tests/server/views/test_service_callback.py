"""
Adding an account at a remote service, with fake services over HTTP.
"""

import json
import threading
from datetime import timedelta

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_trove.server.accounts.credentials import StoredCredentials
from django_trove.server.accounts.registry import addable_services, get_connector
from django_trove.server.accounts.removal import delete_identity_data
from django_trove.server.connectors.errors import Revoked
from django_trove.server.models import AddLink, Identity, Item, ServicePause
from django_trove.server.sync.engine import SyncFailed, sync
from django_trove.server.sync.expiry import delete_expired_items
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import request_identity_deletion
from fake_services import flickr as fake_flickr
from fake_services import google
from tests.session_stores import STORES, rotate_secret_key, use_session_store

from ..fake_services import KINDS, Services

pytestmark = pytest.mark.django_db(transaction=True)

TITLES = {
    "flickr": "Flickr",
    "smugmug": "SmugMug",
    "google": "Google Photos",
    "facebook": "Facebook",
}


@pytest.fixture
def services(settings, browser):
    services = Services(settings, browser)
    yield services
    services.stack.close()


def home(browser):
    return browser.get("/", secure=True).content.decode()


@pytest.mark.parametrize("name", KINDS)
def test_a_service_is_offered_if_its_credentials_are_configured(services, browser, settings, name):
    assert f"Add {TITLES[name]}" in home(browser)
    key = "KEY" if "KEY" in KINDS[name].__dict__ else "CLIENT_ID"
    options = {**settings.TROVE_SERVER["SERVICES"], name: {**services[name].settings, key: ""}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": options}
    assert name not in addable_services()
    assert f"Add {TITLES[name]}" not in home(browser)


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_adding_a_service_imports_its_content(services, browser, ask, name):
    account = services.add(name)
    assert account.name == "Ada Lovelace"
    assert account.items.count() == 12
    assert ask(services=[name])["total_number_of_results"] == 11  # and a video
    page = home(browser)
    assert f"{TITLES[name]}: Ada Lovelace was added." in page
    assert TITLES[name] in page


def test_only_the_selection_of_the_picker_is_imported(services, browser, ask):
    account = services.add("google")
    page = browser.get(f"/identities/{account.pk}/picker/", secure=True).content.decode()
    assert "select photos in Google&#x27;s picker" in page
    assert account.items.count() == 0
    response = services.pick(account, services["google"].photos[:5])
    assert response.url == "/"
    assert ask()["total_number_of_results"] == 5
    services.pick(account, services["google"].photos[3:7])
    assert ask()["total_number_of_results"] == 7
    photo = ask()["results"][0]
    assert photo["urls"]["original"] == photo["urls"]["large"]
    path = photo["urls"]["large"].removeprefix("https://trove.example")
    assert browser.get(path, secure=True)["Content-Type"] == "image/jpeg"


def test_the_user_returns_to_the_application_after_the_selection(
    services, browser, person, application
):
    url = "https://site.example/photos/"
    token = AddLink.objects.issue(
        user=person, application=application, service="google", redirect_url=url
    )
    back = services.at_the_service(services.start("google", f"/add/{token}/"))
    browser.get(back, secure=True)
    account = Identity.objects.get()
    page = browser.get(f"/identities/{account.pk}/picker/", secure=True)
    assert "form-action 'self' https://site.example;" in page["Content-Security-Policy"]
    assert services.pick(account, services["google"].photos[:2]).url == url
    assert services.pick(account, services["google"].photos[:2]).url == "/"


def test_the_picker_page_polls_the_status(services, browser):
    account = services.add("google")
    headers = {"HTTP_ACCEPT": "application/json", "secure": True}
    browser.post(f"/identities/{account.pk}/picker/", secure=True)
    account.refresh_from_db()
    page = browser.get(f"/identities/{account.pk}/picker/", secure=True).content.decode()
    assert account.settings["picker_session"]["url"] in page
    response = browser.post(f"/identities/{account.pk}/picker/status/", **headers)
    assert response.json() == {"next": ""}
    services["google"].pick(account.settings["picker_session"]["id"])
    response = browser.post(f"/identities/{account.pk}/picker/status/", **headers)
    assert response.json() == {"next": "/"}
    assert account.items.count() == 12


def test_an_expired_picker_session_is_an_error(services, browser):
    account = services.add("google")
    browser.post(f"/identities/{account.pk}/picker/", secure=True)
    services["google"].clock_offset = 2000
    response = browser.post(f"/identities/{account.pk}/picker/status/", secure=True)
    assert (response.status_code, b"selection has expired" in response.content) == (503, True)


@pytest.mark.parametrize("name", ["smugmug", "google", "facebook"])
def test_a_denied_authorization_adds_no_account(services, browser, name):
    callback = services.at_the_service(services.start(name), decision="deny")
    assert browser.get(callback, secure=True).url == "/"
    assert "You denied" in home(browser)
    assert not Identity.objects.exists()


@pytest.mark.parametrize("name", KINDS)
def test_a_callback_can_be_used_once(services, browser, name):
    callback = services.at_the_service(services.start(name))
    assert browser.get(callback, secure=True).status_code == 302
    assert browser.get(callback, secure=True).url == "/"
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("store", STORES)
def test_first_request_after_key_change_is_the_callback(
    services, person, settings, tmp_path, store
):
    use_session_store(settings, store, tmp_path)
    services.browser.force_login(person)
    callback = services.at_the_service(services.start("flickr"))
    rotate_secret_key(settings)
    assert services.browser.get(callback, secure=True).status_code == 302
    assert Identity.objects.count() == 1
    assert services.browser.get("/", secure=True).status_code == 200


@pytest.mark.parametrize("name", KINDS)
def test_a_callback_in_another_browser_is_rejected(services, make_person, name):
    callback = services.at_the_service(services.start(name))
    other = Client()
    other.force_login(make_person("eve"))
    response = other.get(callback, secure=True)
    assert response.status_code == 400
    assert b"not started in this browser" in response.content
    assert Client().get(callback, secure=True).status_code == 302  # to the sign-in
    assert not Identity.objects.exists()


def test_a_callback_of_another_service_is_rejected(services, browser):
    callback = services.at_the_service(services.start("flickr"))
    assert browser.get(callback.replace("flickr", "smugmug"), secure=True).status_code == 400
    assert not Identity.objects.exists()


def test_callbacks_without_state_or_service_are_rejected(services, browser):
    assert browser.get("/services/flickr/callback/", secure=True).status_code == 400
    assert browser.get("/services/folder/callback/", secure=True).status_code == 404
    assert browser.get("/services/myspace/callback/?state=x", secure=True).status_code == 404


def test_a_link_of_an_application_redirects_back_to_it(services, browser, caller):
    offered = caller.post("/v1/oauth/get_add_urls_for_services/").json()
    assert set(offered) >= set(KINDS)
    path = caller.post(offered["flickr"], {"redirect_url": "https://site.example/done/"})
    path = path.content.decode()
    page = browser.get(path, secure=True)
    assert f"form-action 'self' {services['flickr'].url};" in page["Content-Security-Policy"]
    callback = services.at_the_service(services.start("flickr", path))
    assert browser.get(callback, secure=True).url == "https://site.example/done/"
    assert browser.get(path, secure=True).status_code == 400


def test_a_link_that_was_used_concurrently_adds_no_account(services, browser):
    callback = services.at_the_service(services.start("flickr"))
    AddLink.objects.update(used_at=timezone.now())
    assert browser.get(callback, secure=True).status_code == 400
    assert not Identity.objects.exists()


def test_wrong_credentials_are_an_error_of_the_operator(services, browser, settings):
    services["flickr"].provider.secret = "another"
    path = browser.post("/add/", {"service": "flickr"}, secure=True).url
    response = browser.post(path, secure=True)
    assert (response.status_code, b"rejected the keys of this Trove" in response.content) == (
        503,
        True,
    )


@pytest.mark.parametrize("name", KINDS)
def test_a_revoked_account_can_be_reconnected(services, browser, name):
    account = services.add(name)
    if name == "google":
        services.pick(account)
    count = account.items.count()
    services[name].revoke_all()
    if name == "google":  # it is called only with an open session
        Identity.objects.update(settings={"sessions": ["x"], "name": "x"})
    with pytest.raises(SyncFailed):
        sync(Identity.objects.get())
    assert Identity.objects.get().state == Identity.State.NEEDS_RECONNECT
    assert "Reconnect" in home(browser)
    assert Item.objects.count() == count
    page = browser.get(f"/identities/{account.pk}/reconnect/", secure=True)
    assert b"Reconnect" in page.content
    callback = services.at_the_service(services.start(name, f"/identities/{account.pk}/reconnect/"))
    assert browser.get(callback, secure=True).status_code == 302
    account.refresh_from_db()
    assert account.state == Identity.State.ACTIVE
    assert Identity.objects.count() == 1
    sync(account)
    assert account.items.count() == count


def test_a_type_that_was_enabled_later_is_imported_after_reconnecting(
    services, browser, settings, capsys
):
    account = services.add("facebook")
    photos = account.items.count()
    types = ("photos", "videos", "status", "friends")
    settings.TROVE_SERVER["SERVICES"]["facebook"]["CONTENT_TYPES"] = types
    call_command("trove_sync", verbosity=0)
    assert "has not permitted: status updates, friends." in capsys.readouterr().err
    assert "Facebook has not permitted: status updates, friends." in home(browser)
    assert account.items.count() == photos
    path = f"/identities/{account.pk}/reconnect/"
    page = browser.get(path, secure=True).content.decode()
    assert "photos, videos, status updates, friends" in page
    assert browser.get(services.at_the_service(services.start("facebook", path)), secure=True)
    assert "has not permitted" not in home(browser)
    sync(Identity.objects.get())
    assert "status updates · 4 friends" in home(browser)
    assert "has not permitted" not in home(browser)


def test_another_users_account_is_not_found(services, make_person):
    account = services.add("google")
    eve = Client()
    eve.force_login(make_person("eve"))
    for path in ("reconnect", "picker"):
        response = eve.get(f"/identities/{account.pk}/{path}/", secure=True)
        assert response.status_code == 404
    assert eve.post(f"/identities/{account.pk}/picker/status/", secure=True).status_code == 404


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_a_rate_limit_keeps_the_account_active(services, name):
    account = services.add(name)
    services[name].failures = [services[name].rate_limit_response()]
    with pytest.raises(SyncFailed):
        sync(account)
    account.refresh_from_db()
    assert (account.state, account.failures) == (Identity.State.ACTIVE, 1)
    assert account.next_sync_at > timezone.now()
    assert ServicePause.objects.exists() == (name != "smugmug")  # its limit is per account
    ServicePause.objects.all().delete()
    sync(account)
    assert account.items.count() == 12


def test_removing_an_account_revokes_its_token(services, browser):
    services.add("google")
    services.add("facebook")
    for account in Identity.objects.all():
        browser.post(f"/identities/{account.pk}/remove/", secure=True)
    assert not Identity.objects.exists()
    assert services["google"].revoked_tokens
    assert services["facebook"].provider.grants == {}


def test_the_token_of_a_shared_account_is_not_revoked(services, make_person):
    account = services.add("google")
    Identity.objects.create(
        user=make_person("eve"), service="google", service_id=account.service_id, name="x"
    )
    request_identity_deletion(account)
    assert not services["google"].revoked_tokens


def test_an_account_is_removed_even_if_its_service_is_down(services, caplog):
    account = services.add("facebook")
    services["facebook"].failures = [services["facebook"].unavailable_response()]
    request_identity_deletion(account)
    assert not Identity.objects.exists()
    assert "could not be revoked" in caplog.text


def test_an_account_being_removed_cannot_be_added(services, browser):
    account = services.add("flickr")
    Identity.objects.filter(pk=account.pk).mark_for_deletion()
    callback = services.at_the_service(services.start("flickr"))
    assert browser.get(callback, secure=True).status_code == 409
    delete_identity_data(account)
    services.add("flickr")


def test_a_private_image_is_fetched_once_and_cached(services, browser, ask):
    services.add("smugmug")
    private = next(photo for photo in ask()["results"] if not photo["public"])
    path = private["urls"]["medium"].removeprefix("https://trove.example")
    asked = len(services["smugmug"].request_paths)
    first = browser.get(path, secure=True)
    assert (first.status_code, first["Content-Type"]) == (200, "image/jpeg")
    assert first.content[:2] == b"\xff\xd8"
    assert len(services["smugmug"].request_paths) == asked + 1
    assert browser.get(path, secure=True).content == first.content
    assert len(services["smugmug"].request_paths) == asked + 1
    original = private["urls"]["original"].removeprefix("https://trove.example")
    for _ in range(2):
        assert browser.get(original, secure=True).status_code == 200
    assert len(services["smugmug"].request_paths) == asked + 3  # originals are not cached


def test_a_failed_fetch_is_cached(services, browser, ask):
    services.add("facebook")
    path = ask()["results"][0]["urls"]["medium"].removeprefix("https://trove.example")
    services["facebook"].clock_offset = 8 * 86_400
    services["facebook"].failures = [services["facebook"].unavailable_response()]
    asked = len(services["facebook"].request_paths)
    responses = [browser.get(path, secure=True) for _ in range(3)]
    assert [response.status_code for response in responses] == [503] * 3
    assert "immutable" not in responses[0].headers.get("Cache-Control", "")
    assert len(services["facebook"].request_paths) - asked <= 2


def test_items_are_deleted_after_the_retention_limit(services):
    account = services.add("flickr")
    other = services.add("smugmug")
    Identity.objects.update(last_synced_at=timezone.now() - timedelta(days=2))
    assert delete_expired_items() == 1
    assert account.items.count() == 0
    assert other.items.count() == 12
    account.refresh_from_db()
    sync(account)
    assert account.items.count() == 12


def test_items_of_an_interrupted_first_sync_are_deleted(services):
    account = services.add("flickr")
    ago = timezone.now() - timedelta(days=2)
    interrupted = {"last_synced_at": None, "sync_started_at": ago, "sync_in_progress": True}
    Identity.objects.update(**interrupted, state=Identity.State.NEEDS_RECONNECT)
    assert delete_expired_items() == 1
    assert account.items.count() == 0


def test_items_of_a_long_sync_are_kept(services):
    account = services.add("flickr")
    ago = timezone.now() - timedelta(days=2)
    for synced in (None, ago):
        Identity.objects.update(last_synced_at=synced, sync_started_at=ago, sync_in_progress=True)
        assert delete_expired_items() == 0
    assert account.items.count() == 12
    Identity.objects.update(failures=1)
    assert delete_expired_items() == 1


def test_the_retention_limit_is_a_setting(services, settings):
    account = services.add("flickr")
    Identity.objects.update(last_synced_at=timezone.now() - timedelta(days=2))
    options = {"flickr": {**services["flickr"].settings, "RETENTION_SECONDS": None}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": options}
    call_command("trove_sync", "--due", verbosity=0)
    assert account.items.count() == 12


def test_facebook_requests_the_deletion_of_an_account(services, live_server, browser):
    services.add("facebook")
    response = services["facebook"].send_deletion_request(
        f"{live_server.url}/services/facebook/deletion/"
    )
    data = response.json()
    assert data["confirmation_code"]
    assert not Identity.objects.exists()
    page = Client().get(data["url"].removeprefix("https://trove.example"), secure=True)
    assert b"has been deleted" in page.content
    forged = requests.post(
        f"{live_server.url}/services/facebook/deletion/", data={"signed_request": "x.y"}, timeout=10
    )
    assert forged.status_code == 400
    assert Client().get("/services/deletion/1:x/", secure=True).status_code == 404
    assert (
        requests.post(
            f"{live_server.url}/services/flickr/deletion/", data={}, timeout=10
        ).status_code
        == 400
    )


def test_tokens_are_encrypted(services):
    account = services.add("flickr")
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM trove_server_identity")
        (raw,) = cursor.fetchone()
    token = json.loads(account.token)
    assert raw.startswith("sealed:")
    assert token["secret"] not in raw
    for text in (repr(account), repr(StoredCredentials(account)), repr(get_connector(account))):
        assert token["secret"] not in text


def test_a_token_that_cannot_be_decrypted_requires_reconnecting(services, settings):
    account = services.add("flickr")
    settings.SECRET_KEY = "another key, long enough to be one for the tests"
    with pytest.raises(SyncFailed, match="decrypted"):
        sync(Identity.objects.get(pk=account.pk))
    assert Identity.objects.get().state == Identity.State.NEEDS_RECONNECT


def refresh_concurrently(account):
    """
    Refresh an account's token in two threads. Return the token of each.
    """
    barrier, tokens = threading.Barrier(2), []

    def refresh():
        try:
            connector = get_connector(Identity.objects.get(pk=account.pk))
            barrier.wait(timeout=10)
            connector.refresh()
            tokens.append(connector.credentials.token["access_token"])
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return tokens


def test_concurrent_refreshes_result_in_valid_tokens(services):
    """
    The service accepts the stored token, regardless of the order.
    """
    account = services.add("google")
    tokens = refresh_concurrently(account)
    account.refresh_from_db()
    stored = json.loads(account.token)["access_token"]
    assert len(tokens) == 2
    assert stored in tokens
    assert set(tokens) <= set(services["google"].provider.grants)


def test_concurrent_refreshes_with_single_use_refresh_tokens(services):
    """
    The second worker is rejected, and uses the token that the first one stored.
    """
    account = services.add("google")
    provider, barrier = services["google"].provider, threading.Barrier(2)
    create, lock = provider.create_token_response, threading.Lock()

    def single_use(request):
        with lock:
            response = create(request)
            provider.refresh_tokens.pop(request.form.get("refresh_token"), None)
            return response

    def concurrent(request):
        barrier.wait(timeout=10)  # both requests arrive before the first response
        return single_use(request)

    provider.create_token_response = concurrent

    tokens = refresh_concurrently(account)
    account.refresh_from_db()
    assert len(tokens) == 2
    assert json.loads(account.token)["access_token"] in provider.grants
    assert len(set(tokens)) == 1


def test_a_worker_with_an_old_token_does_not_undo_a_reconnect(services, browser):
    account = services.add("flickr")
    with acquire_lease(Identity.objects.get(pk=account.pk)) as lease:
        services.add("flickr")  # concurrently, with a new token
        lease.revoke("Its token was revoked.")
    account.refresh_from_db()
    assert (account.state, account.last_error) == (Identity.State.ACTIVE, "")


def test_several_accounts_of_one_service(services, browser, monkeypatch):
    first = services.add("flickr")
    monkeypatch.setattr(fake_flickr, "NSID", "99999999999@N01")
    monkeypatch.setattr(fake_flickr, "FULL_NAME", "Ada at work")
    callback = services.at_the_service(services.start("flickr"))
    browser.get(callback, secure=True)
    other = Identity.objects.exclude(pk=first.pk).get()
    assert (first.items.count(), other.items.count()) == (12, 12)
    page = home(browser)
    for account in (first, other):
        assert account.name in page
        assert account.url in page
    browser.post(f"/identities/{first.pk}/remove/", secure=True)
    assert list(Identity.objects.all()) == [other]
    assert other.items.count() == 12


def test_required_attributions_are_shown_with_photos(services, browser):
    attribution = (
        "This product uses the Flickr API but is not endorsed or certified by SmugMug, Inc."
    )
    services.add("smugmug")
    assert attribution not in browser.get("/photos/", secure=True).content.decode()
    account = services.add("flickr")
    assert attribution in browser.get("/photos/", secure=True).content.decode()
    item = account.items.exclude(license="").exclude(license="All rights reserved").first()
    page = browser.get(f"/photos/{item.pk}/", secure=True).content.decode()
    assert attribution in page
    assert "<dd>Flickr" in page
    link = item.license.rpartition(" ")[2]
    assert f'<a href="{link}"' in page


def test_a_token_is_refreshed_repeatedly(services):
    account = services.add("google")
    access = StoredCredentials(Identity.objects.get(pk=account.pk))
    for number in range(3):
        access.refresh(lambda token, number=number: {"access_token": f"new-{number}"})
        assert access.token == {"access_token": f"new-{number}"}
        account.refresh_from_db()
        assert json.loads(account.token) == access.token


def test_a_rejected_refresh_raises(services):
    account = services.add("google")
    access = StoredCredentials(Identity.objects.get(pk=account.pk))

    def reject(token):
        raise Revoked("It was revoked.")

    for _ in range(2):
        with pytest.raises(Revoked):
            access.refresh(reject)


def test_a_rejected_refresh_uses_a_concurrently_stored_token(services):
    account = services.add("google")
    second = StoredCredentials(Identity.objects.get(pk=account.pk))
    StoredCredentials(Identity.objects.get(pk=account.pk)).refresh(
        lambda token: {"access_token": "new"}
    )

    def reject(token):
        raise Revoked("Too second.")

    second.refresh(reject)
    assert second.token == {"access_token": "new"}
    with pytest.raises(Revoked):
        second.refresh(reject)


def test_a_query_returns_photos_of_all_services(services, ask):
    for name in KINDS:
        account = services.add(name)
        if name == "google":
            services.pick(account)
    assert ask()["total_number_of_results"] == 44
    tagged = ask(**{"tags-required": ["kyoto"]})
    assert {photo["service"] for photo in tagged["results"]} == {"flickr", "smugmug", "facebook"}
    assert google.media_id(services["google"].photos[0]) in {
        photo["id"] for photo in ask(services=["google"])["results"]
    }
