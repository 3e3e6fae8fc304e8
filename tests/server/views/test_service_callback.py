"""
Adding an account on the web: there and back, at fake services by real HTTP.
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
from django_trove.server.connectors.base import Revoked
from django_trove.server.models import AddLink, Identity, Item, ServicePause
from django_trove.server.sync.engine import SyncFailed, sync
from django_trove.server.sync.expiry import delete_expired_items
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import request_identity_deletion
from fake_services import flickr as fake_flickr
from fake_services import google

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
def test_a_service_is_offered_where_the_operator_has_keys(services, browser, settings, name):
    assert f"Add {TITLES[name]}" in home(browser)
    first = KINDS[name].__dict__
    key = "KEY" if "KEY" in first else "CLIENT_ID"
    said = {**settings.TROVE_SERVER["SERVICES"], name: {**services[name].settings, key: ""}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": said}
    assert name not in addable_services()
    assert f"Add {TITLES[name]}" not in home(browser)


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_a_person_adds_a_service_and_finds_everything(services, browser, ask, name):
    account = services.add(name)
    assert account.name == "Ada Lovelace"
    assert account.items.count() == 12
    assert ask(services=[name])["total_number_of_results"] == 11  # and a video
    page = home(browser)
    assert f"{TITLES[name]}: Ada Lovelace is added." in page
    assert TITLES[name] in page


def test_at_google_a_person_picks_what_comes(services, browser, ask):
    account = services.add("google")
    page = browser.get(f"/identities/{account.pk}/pick/", secure=True).content.decode()
    assert "select photos in Google&#x27;s picker" in page
    assert account.items.count() == 0
    answer = services.pick(account, services["google"].photos[:5])
    assert answer.url == "/"
    assert ask()["total_number_of_results"] == 5
    services.pick(account, services["google"].photos[3:7])
    assert ask()["total_number_of_results"] == 7
    photo = ask()["results"][0]
    assert photo["urls"]["original"] == photo["urls"]["large"]
    path = photo["urls"]["large"].removeprefix("https://trove.example")
    assert browser.get(path, secure=True)["Content-Type"] == "image/jpeg"


def test_the_page_of_the_picker_asks_whether_it_is_done(services, browser):
    account = services.add("google")
    asks = {"HTTP_ACCEPT": "application/json", "secure": True}
    browser.post(f"/identities/{account.pk}/pick/", secure=True)
    account.refresh_from_db()
    page = browser.get(f"/identities/{account.pk}/pick/", secure=True).content.decode()
    assert account.settings["picking"]["url"] in page
    answer = browser.post(f"/identities/{account.pk}/picked/", **asks)
    assert answer.json() == {"next": ""}
    services["google"].pick(account.settings["picking"]["id"])
    answer = browser.post(f"/identities/{account.pk}/picked/", **asks)
    assert answer.json() == {"next": "/"}
    assert account.items.count() == 12


def test_a_picker_that_ended_is_told(services, browser):
    account = services.add("google")
    browser.post(f"/identities/{account.pk}/pick/", secure=True)
    services["google"].clock_offset = 2000
    answer = browser.post(f"/identities/{account.pk}/picked/", secure=True)
    assert (answer.status_code, b"selection has expired" in answer.content) == (503, True)


@pytest.mark.parametrize("name", ["smugmug", "google", "facebook"])
def test_who_says_no_there_is_told_that_nothing_was_added(services, browser, name):
    back = services.at_the_service(services.start(name), decision="deny")
    assert browser.get(back, secure=True).url == "/"
    assert "You said no" in home(browser)
    assert not Identity.objects.exists()


@pytest.mark.parametrize("name", KINDS)
def test_a_callback_is_followed_once(services, browser, name):
    back = services.at_the_service(services.start(name))
    assert browser.get(back, secure=True).status_code == 302
    assert browser.get(back, secure=True).url == "/"
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("name", KINDS)
def test_a_callback_in_another_browser_attaches_nothing(services, make_person, name):
    back = services.at_the_service(services.start(name))
    other = Client()
    other.force_login(make_person("eve"))
    answer = other.get(back, secure=True)
    assert answer.status_code == 400
    assert b"didn&#x27;t begin" in answer.content
    assert Client().get(back, secure=True).status_code == 302  # to the sign-in
    assert not Identity.objects.exists()


def test_a_callback_at_another_services_address_is_not_followed(services, browser):
    back = services.at_the_service(services.start("flickr"))
    assert browser.get(back.replace("flickr", "smugmug"), secure=True).status_code == 400
    assert not Identity.objects.exists()


def test_nonsense_and_a_service_that_is_not_offered_are_refused(services, browser):
    assert browser.get("/services/flickr/callback/", secure=True).status_code == 400
    assert browser.get("/services/folder/callback/", secure=True).status_code == 404
    assert browser.get("/services/myspace/callback/?state=x", secure=True).status_code == 404


def test_an_applications_link_leads_there_and_back_to_it(services, browser, caller):
    offered = caller.post("/v1/oauth/get_add_urls_for_services/").json()
    assert set(offered) >= set(KINDS)
    path = caller.post(offered["flickr"], {"redirect_url": "https://site.example/done/"})
    path = path.content.decode()
    page = browser.get(path, secure=True)
    assert f"form-action 'self' {services['flickr'].url};" in page["Content-Security-Policy"]
    back = services.at_the_service(services.start("flickr", path))
    assert browser.get(back, secure=True).url == "https://site.example/done/"
    assert browser.get(path, secure=True).status_code == 400  # it is used up


def test_a_link_that_was_used_meanwhile_adds_nothing(services, browser):
    back = services.at_the_service(services.start("flickr"))
    AddLink.objects.update(used_at=timezone.now())
    assert browser.get(back, secure=True).status_code == 400
    assert not Identity.objects.exists()


def test_a_wrong_key_is_said_to_be_the_operators_matter(services, browser, settings):
    services["flickr"].provider.secret = "another"
    path = browser.post("/add/", {"service": "flickr"}, secure=True).url
    answer = browser.post(path, secure=True)
    assert (answer.status_code, b"rejected the keys of this Trove" in answer.content) == (503, True)


@pytest.mark.parametrize("name", KINDS)
def test_leave_that_was_taken_back_is_asked_for_again(services, browser, name):
    account = services.add(name)
    if name == "google":
        services.pick(account)
    count = account.items.count()
    services[name].revoke_all()
    if name == "google":  # it is asked only where something is under way
        Identity.objects.update(settings={"sessions": ["x"], "name": "x"})
    with pytest.raises(SyncFailed):
        sync(Identity.objects.get())
    assert Identity.objects.get().state == Identity.State.NEEDS_RECONNECT
    assert "Connect again" in home(browser)
    assert Item.objects.count() == count
    page = browser.get(f"/identities/{account.pk}/connect/", secure=True)
    assert b"again" in page.content
    back = services.at_the_service(services.start(name, f"/identities/{account.pk}/connect/"))
    assert browser.get(back, secure=True).status_code == 302
    account.refresh_from_db()
    assert account.state == Identity.State.ACTIVE
    assert Identity.objects.count() == 1
    sync(account)
    assert account.items.count() == count


def test_nobody_elses_account_can_be_connected_or_picked_for(services, make_person):
    account = services.add("google")
    eve = Client()
    eve.force_login(make_person("eve"))
    for path in ("connect", "pick"):
        answer = eve.get(f"/identities/{account.pk}/{path}/", secure=True)
        assert answer.status_code == 404
    assert eve.post(f"/identities/{account.pk}/picked/", secure=True).status_code == 404


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_a_rate_limit_leaves_the_account_as_it_is(services, name):
    account = services.add(name)
    services[name].failures = [services[name].rate_limit_response()]
    with pytest.raises(SyncFailed):
        sync(account)
    account.refresh_from_db()
    assert (account.state, account.failures) == (Identity.State.ACTIVE, 1)
    assert account.next_sync_at > timezone.now()
    assert ServicePause.objects.exists() == (name != "smugmug")  # there it is one person's
    ServicePause.objects.all().delete()
    sync(account)
    assert account.items.count() == 12


def test_removing_an_account_is_told_where_it_can_be(services, browser):
    services.add("google")
    services.add("facebook")
    for account in Identity.objects.all():
        browser.post(f"/identities/{account.pk}/remove/", secure=True)
    assert not Identity.objects.exists()
    assert services["google"].revoked_tokens
    assert services["facebook"].provider.grants == {}


def test_an_account_that_somebody_else_has_too_keeps_its_leave(services, make_person):
    account = services.add("google")
    Identity.objects.create(
        user=make_person("eve"), service="google", service_id=account.service_id, name="x"
    )
    request_identity_deletion(account)
    assert not services["google"].revoked_tokens


def test_a_service_that_is_down_keeps_nobody_from_leaving(services, caplog):
    account = services.add("facebook")
    services["facebook"].failures = [services["facebook"].unavailable_response()]
    request_identity_deletion(account)
    assert not Identity.objects.exists()
    assert "could not be revoked" in caplog.text


def test_an_account_on_its_way_out_cant_be_added_yet(services, browser):
    account = services.add("flickr")
    Identity.objects.filter(pk=account.pk).mark_for_deletion()
    back = services.at_the_service(services.start("flickr"))
    assert browser.get(back, secure=True).status_code == 409
    delete_identity_data(account)
    services.add("flickr")


def test_a_picture_that_wants_a_key_is_fetched_once_and_kept(services, browser, ask):
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
    assert len(services["smugmug"].request_paths) == asked + 3  # originals are too large to keep


def test_a_picture_that_cant_be_had_isnt_asked_for_at_every_sight(services, browser, ask):
    services.add("facebook")
    path = ask()["results"][0]["urls"]["medium"].removeprefix("https://trove.example")
    services["facebook"].clock_offset = 8 * 86_400
    services["facebook"].failures = [services["facebook"].unavailable_response()]
    asked = len(services["facebook"].request_paths)
    answers = [browser.get(path, secure=True) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "Cache-Control" not in answers[0] or "immutable" not in answers[0]["Cache-Control"]
    assert len(services["facebook"].request_paths) - asked <= 2


def test_what_isnt_kept_for_longer_than_the_service_allows_goes(services):
    account = services.add("flickr")
    other = services.add("smugmug")
    Identity.objects.update(last_synced_at=timezone.now() - timedelta(days=2))
    assert delete_expired_items() == 1
    assert account.items.count() == 0
    assert other.items.count() == 12
    account.refresh_from_db()
    sync(account)
    assert account.items.count() == 12


def test_what_a_first_look_left_that_nobody_can_go_on_with_goes_too(services):
    account = services.add("flickr")
    ago = timezone.now() - timedelta(days=2)
    broken_off = {"last_synced_at": None, "sync_started_at": ago, "sync_in_progress": True}
    Identity.objects.update(**broken_off, state=Identity.State.NEEDS_RECONNECT)
    assert delete_expired_items() == 1
    assert account.items.count() == 0


def test_a_look_that_takes_longer_and_goes_well_is_left_at_it(services):
    account = services.add("flickr")
    ago = timezone.now() - timedelta(days=2)
    for synced in (None, ago):
        Identity.objects.update(last_synced_at=synced, sync_started_at=ago, sync_in_progress=True)
        assert delete_expired_items() == 0
    assert account.items.count() == 12
    Identity.objects.update(failures=1)
    assert delete_expired_items() == 1


def test_how_long_is_a_setting(services, settings):
    account = services.add("flickr")
    Identity.objects.update(last_synced_at=timezone.now() - timedelta(days=2))
    said = {"flickr": {**services["flickr"].settings, "RETENTION_SECONDS": None}}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": said}
    call_command("trove_sync", "--due", verbosity=0)
    assert account.items.count() == 12


def test_facebook_says_that_a_persons_data_is_to_be_deleted(services, live_server, browser):
    services.add("facebook")
    answer = services["facebook"].send_deletion_request(
        f"{live_server.url}/services/facebook/deletion/"
    )
    said = answer.json()
    assert said["confirmation_code"]
    assert not Identity.objects.exists()
    page = Client().get(said["url"].removeprefix("https://trove.example"), secure=True)
    assert b"Nothing of the account" in page.content
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


def test_a_token_is_sealed_and_bound_to_its_person(services):
    account = services.add("flickr")
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM trove_server_identity")
        (raw,) = cursor.fetchone()
    token = json.loads(account.token)
    assert raw.startswith("sealed:")
    assert token["secret"] not in raw
    for shown in (repr(account), repr(StoredCredentials(account)), repr(get_connector(account))):
        assert token["secret"] not in shown


def test_a_token_that_no_key_opens_is_asked_for_again(services, settings):
    account = services.add("flickr")
    settings.SECRET_KEY = "another key, long enough to be one for the tests"
    with pytest.raises(SyncFailed, match="decrypted"):
        sync(Identity.objects.get(pk=account.pk))
    assert Identity.objects.get().state == Identity.State.NEEDS_RECONNECT


def test_of_two_workers_that_renew_a_token_at_once_both_have_a_good_one(services):
    """
    Whichever was first: what is kept is taken by the service.
    """
    account = services.add("google")
    barrier, tokens = threading.Barrier(2), []

    def renew():
        try:
            connector = get_connector(Identity.objects.get(pk=account.pk))
            barrier.wait(timeout=10)
            connector.refresh()
            tokens.append(connector.credentials.token["access_token"])
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    account.refresh_from_db()
    kept = json.loads(account.token)["access_token"]
    assert len(tokens) == 2
    assert kept in tokens
    assert set(tokens) <= set(services["google"].provider.grants)


def test_of_two_workers_whose_service_takes_a_refresh_token_once_neither_gives_up(services):
    """
    Some services end a refresh token with its first use: the second worker is refused, and finds
    what the first one got.
    """
    account = services.add("google")
    provider, barrier, tokens = services["google"].provider, threading.Barrier(2), []
    given, lock = provider.create_token_response, threading.Lock()

    def once(request):
        with lock:
            answer = given(request)
            provider.refresh_tokens.pop(request.form.get("refresh_token"), None)
            return answer

    def refreshed(request):
        barrier.wait(timeout=10)  # both have asked before either is answered
        return once(request)

    provider.create_token_response = refreshed

    def renew():
        try:
            connector = get_connector(Identity.objects.get(pk=account.pk))
            connector.refresh()
            tokens.append(connector.credentials.token["access_token"])
        finally:
            connection.close()

    threads = [threading.Thread(target=renew) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    account.refresh_from_db()
    assert len(tokens) == 2
    assert json.loads(account.token)["access_token"] in provider.grants
    assert len(set(tokens)) == 1


def test_who_connects_again_isnt_undone_by_a_worker_with_the_old_token(services, browser):
    account = services.add("flickr")
    with acquire_lease(Identity.objects.get(pk=account.pk)) as lease:
        services.add("flickr")  # meanwhile, and it is looked at anew
        lease.revoke("Its old token isn't taken any more.")
    account.refresh_from_db()
    assert (account.state, account.last_error) == (Identity.State.ACTIVE, "")


def test_several_accounts_of_one_service_stand_side_by_side(services, browser, monkeypatch):
    first = services.add("flickr")
    monkeypatch.setattr(fake_flickr, "NSID", "99999999999@N01")
    monkeypatch.setattr(fake_flickr, "FULL_NAME", "Ada at work")
    back = services.at_the_service(services.start("flickr"))
    browser.get(back, secure=True)
    other = Identity.objects.exclude(pk=first.pk).get()
    assert (first.items.count(), other.items.count()) == (12, 12)
    page = home(browser)
    for account in (first, other):
        assert account.name in page
        assert account.url in page
    browser.post(f"/identities/{first.pk}/remove/", secure=True)
    assert list(Identity.objects.all()) == [other]
    assert other.items.count() == 12


def test_what_a_service_wants_to_be_said_is_said_with_its_pictures(services, browser):
    words = "This product uses the Flickr API but is not endorsed or certified by SmugMug, Inc."
    services.add("smugmug")
    assert words not in browser.get("/photos/", secure=True).content.decode()
    account = services.add("flickr")
    assert words in browser.get("/photos/", secure=True).content.decode()
    one = account.items.exclude(license="").exclude(license="All rights reserved").first()
    page = browser.get(f"/photos/{one.pk}/", secure=True).content.decode()
    assert words in page
    assert "<dd>Flickr" in page
    link = one.license.rpartition(" ")[2]
    assert f'<a href="{link}"' in page


def test_a_token_is_renewed_as_often_as_it_has_to_be(services):
    account = services.add("google")
    access = StoredCredentials(Identity.objects.get(pk=account.pk))
    for number in range(3):
        access.refresh(lambda token, number=number: {"access_token": f"new-{number}"})
        assert access.token == {"access_token": f"new-{number}"}
        account.refresh_from_db()
        assert json.loads(account.token) == access.token


def test_a_refusal_to_the_only_one_is_told(services):
    account = services.add("google")
    access = StoredCredentials(Identity.objects.get(pk=account.pk))

    def refused(token):
        raise Revoked("It was taken back.")

    for _ in range(2):
        with pytest.raises(Revoked):
            access.refresh(refused)


def test_a_refusal_to_the_second_of_two_is_no_reason_to_give_up(services):
    account = services.add("google")
    late = StoredCredentials(Identity.objects.get(pk=account.pk))
    StoredCredentials(Identity.objects.get(pk=account.pk)).refresh(
        lambda token: {"access_token": "new"}
    )

    def refused(token):
        raise Revoked("Too late.")

    late.refresh(refused)
    assert late.token == {"access_token": "new"}
    with pytest.raises(Revoked):
        late.refresh(refused)


def test_four_services_are_asked_as_one(services, ask):
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
