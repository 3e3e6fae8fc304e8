"""
The fake Trove, used as in the tests of a site.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, date, datetime

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as live
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import AsyncClient, Client, TestCase, TransactionTestCase
from django.urls import reverse
from requests_oauthlib import OAuth1Session

from django_trove import signals
from django_trove.client import (
    AccessDenied,
    KeysRejected,
    NotConnected,
    NotFound,
    NotGranted,
    Query,
    QueryError,
    RateLimited,
    Token,
    TokenRejected,
    TroveAPI,
    Unavailable,
    Unreachable,
)
from django_trove.connect.flows import start
from django_trove.models import TroveAccount
from django_trove.pytest_plugin import fake_trove as fake_trove_fixture
from django_trove.services import Trove
from django_trove.testing import RecordedCall, fake_trove
from django_trove.testing.adapter import error_response

pytestmark = pytest.mark.django_db
trove = fake_trove_fixture

CONNECT, ACCOUNT = reverse("django_trove:connect"), reverse("django_trove:account")


def make_user(name="ann"):
    return get_user_model().objects.create_user(name)


@pytest.fixture
def user(db):
    return make_user()


@pytest.fixture
def browser(user):
    browser = Client()
    browser.force_login(user)
    return browser


class TestOtherContent:
    TYPES = ("photos", "videos", "status", "checkins", "friends")

    @pytest.fixture
    def everything(self, trove, user, settings):
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": self.TYPES}
        trove.connect(user)
        return Trove(user)

    def test_is_returned_as_added(self, trove, everything):
        date = "2007-03-04 21:08:12"
        pairs = [
            (everything.videos, trove.add_video(title="Waves", duration=4.5, tags="sea")),
            (everything.statuses, trove.add_status(message="Hello", date=date)),
            (everything.checkins, trove.add_checkin(venue="Café", date=date, shout="Here")),
            (everything.friends, trove.add_friend(name="Bob", url="https://bob.example/")),
        ]
        for method, item in pairs:
            assert list(method()) == [item]
        assert pairs[1][1].service_date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
        assert [call.name for call in trove.calls] == ["videos", "status", "checkins", "friends"]

    def test_belongs_to_one_user_or_account(self, trove, everything):
        club = trove.add_identity(None, "facebook", "The club")
        trove.add_status(make_user("bob"), "Not yours")
        mine = trove.add_status(message="Mine", identity=club)
        assert list(everything.statuses(identities=club.id)) == [mine]
        trove.remove(mine)
        assert not everything.statuses()

    def test_videos_among_photos(self, trove, everything):
        trove.add_photo(title="Snow", date="2007-03-04")
        trove.add_video(title="Waves", date="2008-01-01")
        assert [photo.title for photo in everything.photos()] == ["Snow"]
        assert [photo.title for photo in everything.photos(videos=True)] == ["Waves", "Snow"]

    def test_new_filters(self, trove, everything):
        trove.add_photo(title="Snow in Kyoto", album_id="7", public=False)
        trove.add_photo(title="Sea", album_id="8")
        assert [photo.title for photo in everything.photos(text="kyo snow")] == ["Snow in Kyoto"]
        assert [photo.title for photo in everything.photos(album="8")] == ["Sea"]
        assert [photo.title for photo in everything.photos(public=True)] == ["Sea"]
        assert len(everything.photos(public="any", album=["7", "8"])) == 2

    def test_types_that_were_not_granted(self, trove, user, settings):
        trove.connect(user)
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": self.TYPES}
        with pytest.raises(NotGranted, match="friends"):
            Trove(user).friends()


class TestPhotos:
    def test_require_connection(self, trove, user):
        trove.add_photo(title="Snow")
        with pytest.raises(NotConnected):
            Trove(user).photos()
        trove.connect(user)
        assert [photo.title for photo in Trove(user).photos()] == ["Snow"]

    def test_belong_to_one_user_or_all_users(self, trove, user):
        other = make_user("bob")
        trove.connect(user)
        trove.connect(other)
        trove.add_photo(user, title="Snow")
        trove.add_photo(other, title="Sea")
        trove.add_photo(title="Everybody's")
        assert {photo.title for photo in Trove(user).photos()} == {"Snow", "Everybody's"}
        assert {photo.title for photo in Trove(other).photos()} == {"Sea", "Everybody's"}

    def test_are_returned_as_added(self, trove, user):
        trove.connect(user)
        snow = trove.add_photo(
            title="Snow",
            tags=["snow", "Brooklyn"],
            date="2007-03-04 21:08:12",
            location=(40.7, -73.95),
            service="smugmug",
            width=1200,
            urls={"original": "https://photos.example/1.jpg"},
        )
        assert Trove(user).photo(snow.trove_id) == snow
        assert snow.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
        assert snow.urls.thumbnail == "https://photos.example/1.jpg"

    @pytest.mark.parametrize("taken", ["2007-03-04", date(2007, 3, 4), datetime(2007, 3, 4, 12)])
    def test_date_without_time_is_found_by_date(self, trove, user, taken):
        trove.connect(user)
        trove.add_photo(date=taken)
        assert len(Trove(user).photos(since="2007-03-04", until="2007-03-04")) == 1

    def test_invalid_date_raises_value_error(self, trove):
        with pytest.raises(ValueError, match="snowy"):
            trove.add_photo(date="a snowy day")

    def test_can_be_removed(self, trove, user):
        trove.connect(user)
        gone = trove.add_photo()
        trove.remove(gone)
        with pytest.raises(NotFound):
            Trove(user).photo(gone.trove_id)
        again = trove.add_photo(trove_id=gone.trove_id)
        assert Trove(user).photo(gone.trove_id) == again

    def test_belong_to_accounts_on_services(self, trove, user):
        trove.connect(user, name="Ann at the Trove")
        club = trove.add_identity(user, "flickr", "The club")
        trove.add_photo(user, title="Mine", service="smugmug")
        trove.add_photo(user, title="Ours", identity=club)
        person = Trove(user).user_info()
        assert person.name == "Ann at the Trove"
        assert [identity.service for identity in person.identities] == ["flickr", "smugmug"]
        assert [photo.title for photo in Trove(user).photos(identities=[club.id])] == ["Ours"]


class TestCalls:
    def test_are_recorded_in_order_with_user_and_query(self, trove, user):
        trove.connect(user)
        Trove(user).photos(tags="snow")
        Trove(user).user_info()
        assert trove.calls == [
            RecordedCall("photos", user, Query(tags_required=["snow"])),
            RecordedCall("user", user),
        ]

    def test_cached_responses_make_no_calls(self, user):
        with fake_trove(CACHE_SECONDS=60) as trove:
            trove.connect(user)
            for _ in range(2):
                Trove(user).photos()
            assert len(trove.calls) == 1

    def test_failed_calls_are_recorded(self, trove, user):
        trove.connect(user)
        trove.down()
        with pytest.raises(Unreachable):
            Trove(user).photos()
        trove.up()
        trove.revoke(user)
        with pytest.raises(TokenRejected):
            Trove(user).photos()
        photos = [asked for asked in trove.calls if asked.name == "photos"]
        assert [asked.user for asked in photos] == [user, user]


class TestErrors:
    def test_down_returns_stale_response(self, trove, user):
        trove.connect(user)
        trove.add_photo()
        assert len(Trove(user).photos()) == 1
        trove.down()
        answer = Trove(user).photos()
        assert (len(answer), answer.stale) == (1, True)
        assert isinstance(answer.error, Unreachable)
        trove.up()
        assert not Trove(user).photos().stale

    def test_down_with_retry_after(self, trove, user):
        trove.connect(user)
        trove.down(retry_after=60)
        with pytest.raises(Unavailable) as raised:
            Trove(user).photos()
        assert (raised.value.status, raised.value.retry_after) == (503, 60)

    def test_limit(self, trove, user):
        trove.connect(user)
        trove.limit(30)
        with pytest.raises(RateLimited) as raised:
            Trove(user).photos()
        assert raised.value.retry_after == 30

    def test_revoke(self, trove, user):
        other = make_user("bob")
        trove.connect(user)
        trove.connect(other)
        trove.revoke(user)
        with pytest.raises(TokenRejected):
            Trove(user).photos()
        assert Trove(user).account.needs_reconnect
        assert Trove(other).photos().count == 0
        trove.connect(user)
        assert Trove(user).photos().count == 0
        assert TroveAccount.objects.count() == 2
        trove.revoke()
        with pytest.raises(TokenRejected):
            Trove(other).photos()

    def test_rejected_keys_keep_connections(self, trove, user):
        trove.connect(user)
        trove.reject_keys()
        with pytest.raises(KeysRejected):
            Trove(user).photos()
        assert Trove(user).connected

    def test_invalid_query_is_rejected_by_trove(self, trove, user):
        trove.connect(user)
        with pytest.raises(QueryError) as raised:
            Trove(user).photos(Query(order_by=["colour"]))
        assert (raised.value.field, raised.value.status) == ("order_by", 400)

    def test_limits_of_lists_apply_to_every_client(self, trove, user):
        """
        The client validates the query, too, but other clients may not.
        """
        token = trove.connect(user).token
        query = json.dumps({"tags-required": list(map(str, range(31)))})
        signed = OAuth1Session("key", "secret", token.key, token.secret)
        signed.mount(trove.url, trove.session.get_adapter(trove.url))
        response = signed.post(f"{trove.url}/v1/oauth/photos/", {"query": query})
        assert (response.status_code, response.json()["field"]) == (400, "tags-required")

    def test_content_without_grant_is_rejected(self, trove, user):
        token = trove.connect(user).token
        api = TroveAPI("key", "secret", access_token=token, url=trove.url, session=trove.session)
        with pytest.raises(AccessDenied):
            api.get_content("videos")
        api.access_token = Token("nobody's", "secret")
        with pytest.raises(TokenRejected):
            api.get_photos()


class TestConnecting:
    def test_allow(self, trove, browser, user):
        response = browser.post(CONNECT, {"next": "/gallery/"})
        assert response.url.startswith(trove.url)
        response = trove.allow(browser, response)
        assert response.url == "/gallery/"
        trove.add_photo(user, title="Snow")
        assert [photo.title for photo in Trove(user).photos()] == ["Snow"]

    def test_deny(self, trove, browser):
        response = trove.deny(browser, browser.post(CONNECT))
        assert b'data-error="denied"' in response.content
        assert not TroveAccount.objects.exists()

    def test_new_trove(self, trove, browser, user):
        """
        Users without a Trove are sent to a link of the Trove.
        """
        trove.allow(browser, browser.post(CONNECT, {"service": "flickr"}))
        assert Trove(user).connected
        assert trove.calls[1] == RecordedCall("new_trove")

    def test_new_trove_can_take_an_hour(self, trove):
        callback = "https://site.example/"
        assert start(callback, service="flickr")[1].seconds == 3600
        assert start(callback)[1].seconds == 600

    @pytest.mark.parametrize("service", ["orkut", "../user", "a" * 101])
    def test_new_trove_with_another_service(self, trove, browser, user, service):
        response = browser.post(CONNECT, {"service": service, "next": "/gallery/"})
        assert response.status_code == 400
        assert b'data-error="not-offered"' in response.content

    def test_new_trove_with_closed_sign_up(self, trove, browser, monkeypatch):
        closed = error_response(403, "sign_up_closed", "This Trove does not accept new users.")
        monkeypatch.setattr(trove._adapter, "_new_trove", lambda service, form: closed)
        response = browser.post(CONNECT, {"service": "flickr"})
        assert response.status_code == 403
        assert b'data-error="sign-up-closed"' in response.content

    def test_works_once(self, trove, browser, user):
        response = browser.post(CONNECT)
        callback = trove.callback_url(response, user)
        assert browser.get(callback).status_code == 302
        assert browser.get(callback).status_code == 400

    def test_wrong_verifier_is_rejected(self, trove, browser, user):
        callback = trove.callback_url(browser.post(CONNECT), user)
        response = browser.get(callback.replace("oauth_verifier=", "oauth_verifier=x"))
        assert response.status_code >= 400
        assert not TroveAccount.objects.exists()

    def test_https_callback(self, trove, browser):
        response = trove.allow(browser, browser.post(CONNECT, secure=True), follow=True)
        assert response.redirect_chain == [(ACCOUNT, 302)]

    def test_async_variants(self, trove, user):
        async def connect():
            browser = AsyncClient()
            await browser.aforce_login(user)
            await trove.adeny(browser, await browser.post(CONNECT))
            return await trove.aallow(browser, await browser.post(CONNECT))

        assert async_to_sync(connect)().url == ACCOUNT
        assert Trove(user).connected

    def test_invalid_response_raises_assertion_error(self, trove, browser):
        with pytest.raises(AssertionError, match="200"):
            trove.allow(browser, browser.get(ACCOUNT))
        with pytest.raises(AssertionError, match="signed in"):
            trove.allow(Client(), browser.post(CONNECT))

    def test_connect_sends_no_signal_and_makes_no_call(
        self, trove, user, django_capture_on_commit_callbacks
    ):
        signals_sent = []
        record_signal = lambda **sent: signals_sent.append(sent)  # noqa: E731
        signals.connected.connect(record_signal)
        with django_capture_on_commit_callbacks(execute=True):
            trove.connect(user)
        signals.connected.disconnect(record_signal)
        assert (signals_sent, trove.calls) == ([], [])

    def test_service_is_added_at_trove(self, trove, browser, user):
        trove.connect(user)
        trove.available_services[:] = ["flickr"]
        response = browser.post(reverse("django_trove:add_service"), {"service": "flickr"})
        assert response.url.startswith(f"{trove.url}/add/")
        assert trove.calls[-1].name == "add_service"


class TestSettings:
    def test_are_restored(self, user):
        before, caches = live.TROVE, live.CACHES
        with fake_trove(CONNECT_REDIRECT_URL="/there/") as trove:
            assert live.TROVE["CONNECT_REDIRECT_URL"] == "/there/"
            assert live.TROVE["URL"] == trove.url
        assert (before, caches) == (live.TROVE, live.CACHES)

    def test_changes_of_a_test_are_restored_part_1(self, settings, trove):
        settings.TROVE = settings.TROVE | {"CONNECT_REDIRECT_URL": "/there/"}
        settings.CACHES = settings.CACHES | {"other": settings.CACHES["default"]}
        assert live.TROVE["CONNECT_REDIRECT_URL"] == "/there/"

    def test_changes_of_a_test_are_restored_part_2(self):
        assert live.TROVE["URL"] == "https://trove.example"
        assert "CONNECT_REDIRECT_URL" not in live.TROVE
        assert not {"other", "fake_trove"} & live.CACHES.keys()

    def test_local_backend_is_replaced(self, settings, user):
        settings.TROVE = {"BACKEND": "django_trove.server.local.LocalTrove"}
        with fake_trove() as trove:
            trove.connect(user)
            trove.add_photo()
            assert len(Trove(user).photos()) == 1

    def test_cache_of_site_is_unchanged(self, user):
        cache.set("the-site", 1)
        with fake_trove() as trove:
            trove.connect(user)
            Trove(user).photos()
            assert cache.get("the-site") == 1
        assert cache.get("the-site") == 1
        cache.delete("the-site")

    def test_apply_to_all_threads(self, trove):
        urls = []
        thread = threading.Thread(target=lambda: urls.append(live.TROVE["URL"]))
        thread.start()
        thread.join()
        assert urls == [trove.url]


class WithTestCase(TestCase):
    """
    `fake_trove` without pytest, for a class or for each test.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trove = cls.enterClassContext(fake_trove())
        cls.trove.add_photo(title="Snow")

    @classmethod
    def setUpTestData(cls):
        cls.user = make_user()

    def test_photos(self):
        self.trove.connect(self.user)
        assert [photo.title for photo in Trove(self.user).photos()] == ["Snow"]

    async def test_photos_in_async_code(self):
        await self.trove.aconnect(self.user)
        assert [photo.title for photo in await Trove(self.user).aphotos()] == ["Snow"]


class WithTransactionTestCase(TransactionTestCase):
    def setUp(self):
        self.trove = self.enterContext(fake_trove())

    def test_photos(self):
        user = make_user()
        self.trove.connect(user)
        self.trove.add_photo(title="Snow")
        assert [photo.title for photo in Trove(user).iter_photos()] == ["Snow"]


def test_plugin_does_not_import_django():
    """
    Pytest imports the plugin at startup, in projects without Django, too.
    """
    code = "import sys, django_trove.pytest_plugin; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
