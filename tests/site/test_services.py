from __future__ import annotations

import asyncio
import inspect
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from blockbuster import blockbuster_ctx
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.utils import timezone

from django_trove.client import (
    CallError,
    ClockSkewed,
    KeysRejected,
    NotConnected,
    NotFound,
    Query,
    QueryError,
    TokenRejected,
    Unavailable,
)
from django_trove.models import TroveAccount
from django_trove.services import Trove

from .fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def trove(account):
    return Trove(account.user)


class TestWithoutAccount:
    @pytest.mark.parametrize("call", ["photos", "services", "user_info", "disconnect"])
    def test_all_calls_raise_not_connected(self, user, call):
        with pytest.raises(NotConnected):
            getattr(Trove(user), call)()

    def test_no_user_and_anonymous_user(self, user):
        for somebody in (user, AnonymousUser(), None):
            assert (Trove(somebody).connected, Trove(somebody).account) == (False, None)


class TestPhotos:
    def test_query_or_keywords(self, trove, fake_server):
        fake_server.photos.append(photo(7, tags=["snow", "ice"]))
        by_query = trove.photos(Query(tags_required=["ice"]))
        assert [p.id for p in by_query] == ["7"]
        assert trove.photos(tags="ice") == by_query
        assert fake_server.photo_calls == 1

    def test_query_and_keywords_raise_error(self, trove):
        with pytest.raises(CallError, match="not both"):
            trove.photos(Query(), tags="ice")

    def test_filter_error_names_filter(self, trove, fake_server):
        with pytest.raises(QueryError) as caught:
            trove.photos(since="soon")
        assert (caught.value.field, fake_server.photo_calls) == ("since", 0)

    def test_cached_response_costs_no_call_and_one_query(
        self, trove, fake_server, django_assert_num_queries
    ):
        trove.photos(tags="snow")
        with django_assert_num_queries(1):
            assert len(Trove(trove.user).photos(tags=["snow"])) == 3
        with django_assert_num_queries(0):
            trove.photos(tags="snow")
        assert fake_server.photo_calls == 1

    def test_force_update_is_sent_and_refreshes_cache(self, trove, fake_server):
        trove.photos()
        fake_server.photos = [photo(9)]
        assert [p.id for p in trove.photos(force_update=True)] == ["9"]
        assert [p.id for p in trove.photos()] == ["9"]
        assert not trove.photos().query.force_update

    def test_stale_response_is_marked_in_result(self, trove, fake_server, settings):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        assert not trove.photos().stale
        fake_server.error_response = DOWN
        result = trove.photos()
        assert (len(result), result.stale, type(result.error)) == (3, True, Unavailable)

    def test_timeout_is_paid_once(self, trove, fake_server, settings):
        settings.TROVE = settings.TROVE | {"TIMEOUT": 0.2, "DEADLINE": 0.3}
        fake_server.server.respond = lambda request: time.sleep(0.5)
        for tag in "abc":
            with pytest.raises(Unavailable):
                trove.photos(tags=tag)
        assert len(fake_server.server.requests) == 1

    def test_next_pages(self, trove, fake_server):
        first = trove.photos(count=2)
        second = trove.photos(first.next_query)
        assert [[p.id for p in page] for page in (first, second)] == [["0", "1"], ["2"]]

    def test_iter_photos(self, trove, fake_server):
        photos = trove.iter_photos(count=2)
        assert fake_server.photo_calls == 0
        assert [p.id for p in photos] == ["0", "1", "2"]
        assert fake_server.photo_calls == 2

    def test_photo(self, trove, fake_server):
        assert trove.photo("t1").title == "Snow 1"
        with pytest.raises(NotFound):
            trove.photo("other")


class TestOtherCalls:
    def test_user_info(self, trove, fake_server):
        assert trove.user_info().name == "Ann at the Trove"
        trove.user_info()
        assert fake_server.request_counts["/v1/oauth/user/"] == 1

    def test_services_and_add_url(self, trove, fake_server):
        assert dict(trove.services()) == {"flickr": "/v1/add/flickr/"}
        assert trove.add_service_url("flickr", "https://site/").startswith(
            f"{fake_server.url}/add/"
        )
        with pytest.raises(CallError):
            trove.add_service_url("myspace")

    def test_new_service_clears_cache(self, trove, fake_server):
        trove.photos()
        trove.add_service_url("flickr", "https://site/")
        fake_server.photos.append(photo(9))
        assert len(trove.photos()) == 4


class TestRevoked:
    def test_account_is_marked_once_and_makes_no_more_calls(
        self, trove, fake_server, sent_signals, django_capture_on_commit_callbacks
    ):
        fake_server.revoke()
        with django_capture_on_commit_callbacks(execute=True):
            for again in (trove, Trove(trove.user), Trove(trove.user)):
                with pytest.raises(TokenRejected):
                    again.photos()
        assert (fake_server.photo_calls, sent_signals.names) == (1, ["needs_reconnect"])
        account = TroveAccount.objects.get()
        assert account.state == TroveAccount.State.NEEDS_RECONNECT
        assert "revoked" in account.last_error
        assert not Trove(trove.user).connected

    def test_cached_photos_are_no_longer_shown(self, trove, fake_server):
        trove.photos()
        fake_server.revoke()
        with pytest.raises(TokenRejected):
            trove.photos(force_update=True)
        with pytest.raises(TokenRejected):
            trove.photos()

    def test_concurrent_reconnection_is_not_overwritten(self, trove, fake_server, make_account):
        account = trove.account
        TroveAccount.objects.update(connected_at=timezone.now() + timedelta(seconds=1))
        assert not account.record_revoked("too late")
        assert TroveAccount.objects.get().state == TroveAccount.State.ACTIVE

    @pytest.mark.parametrize(
        ("error", "date"), [(ClockSkewed, "Mon, 01 Jan 2001 00:00:00 GMT"), (Unavailable, "")]
    )
    def test_other_errors_do_not_mark_account(self, trove, fake_server, error, date):
        fake_server.server.date = date
        fake_server.error_response = (401, {}, b"") if date else DOWN
        with pytest.raises(error):
            trove.photos()
        account = TroveAccount.objects.get()
        assert account.state == TroveAccount.State.ACTIVE
        assert account.last_error

    def test_rejected_keys_do_not_mark_account(self, trove):
        assert not issubclass(KeysRejected, TokenRejected)

    def test_query_error_is_not_recorded(self, trove, fake_server):
        fake_server.error_response = (
            400,
            {},
            b'{"error": "query", "field": "order_by", "detail": "no"}',
        )
        with pytest.raises(QueryError):
            trove.photos(order_by="height")
        assert TroveAccount.objects.get().last_error == ""

    def test_success_clears_last_error(self, trove, fake_server, settings):
        settings.TROVE = settings.TROVE | {"ERROR_CACHE_SECONDS": 0}
        fake_server.error_response = (500, {}, b"")
        with pytest.raises(Unavailable):
            trove.photos()
        fake_server.error_response = None
        trove.photos()
        assert TroveAccount.objects.get().last_error == ""


class TestLastUsed:
    def test_is_saved_at_most_every_five_minutes(self, trove, fake_server):
        trove.photos()
        first = TroveAccount.objects.get().last_used_at
        trove.photos(force_update=True)
        assert TroveAccount.objects.get().last_used_at == first
        TroveAccount.objects.update(last_used_at=first - timedelta(minutes=6))
        Trove(trove.user).photos(force_update=True)
        assert TroveAccount.objects.get().last_used_at > first


class TestDisconnect:
    def test_deletes_data_and_sends_signal(
        self, trove, sent_signals, django_capture_on_commit_callbacks
    ):
        trove.photos()
        with django_capture_on_commit_callbacks(execute=True):
            trove.disconnect()
        assert sent_signals.names == ["disconnected"]
        assert sent_signals.sent[0]["user"] == trove.user
        assert (trove.connected, TroveAccount.objects.count()) == (False, 0)

    def test_rollback_sends_no_signal(self, trove, sent_signals):
        trove.disconnect()
        assert sent_signals.names == []


class TestAsync:
    def test_all_public_methods_have_async_variants(self):
        public = {name for name in vars(Trove) if not name.startswith("_")} - {
            "user",
            "backend",
            "as_seen_by",
        }
        plain = {name for name in public if f"a{name}" in public}
        assert public == plain | {f"a{name}" for name in plain}
        for name in plain:
            is_asynchronous = (
                inspect.isasyncgenfunction
                if name.startswith("iter_")
                else inspect.iscoroutinefunction
            )
            assert is_asynchronous(getattr(Trove, f"a{name}"))


@pytest.mark.django_db(transaction=True)
def test_asynchronous_methods_do_not_block_event_loop(trove, fake_server):
    """
    BlockBuster raises an error for a call that blocks.
    """

    async def main():
        results = [
            len(await trove.aphotos(tags="snow")),
            [p.id async for p in trove.aiter_photos(count=2)],
            (await trove.aphoto("t1")).title,
            (await trove.auser_info()).name,
            dict(await trove.aservices()),
            await trove.aconnected(),
            (await trove.aaccount()).name,
            (await trove.aadd_service_url("flickr", "https://site/")).startswith(fake_server.url),
            await trove.adisconnect(),
        ]
        await sync_to_async(connections.close_all)()
        return results

    with blockbuster_ctx():
        results = asyncio.run(main())
    assert results == [
        3,
        ["0", "1", "2"],
        "Snow 1",
        "Ann at the Trove",
        {"flickr": "/v1/add/flickr/"},
        True,
        "Ann at the Trove",
        True,
        None,
    ]


def test_unavailable_cache_does_not_fail_page(account, settings):
    settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.BrokenCache"}}
    assert len(Trove(account.user).photos()) == 3
