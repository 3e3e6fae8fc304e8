"""
The content types of `Trove` other than photos, and the limitation to public content.
"""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import TestCase

from django_trove.client import (
    CallError,
    Checkin,
    Friend,
    NotFound,
    NotGranted,
    Query,
    QueryError,
    Status,
    Unavailable,
    Video,
)
from django_trove.client.codec import content_to_wire
from django_trove.health import Health
from django_trove.models import TroveAccount
from django_trove.services import Trove

from .fake_trove_server import DOWN, photo

pytestmark = pytest.mark.django_db

CONTENT_TYPES = ["photos", "videos", "status", "checkins", "friends"]
OTHERS = {
    "videos": [Video(trove_id="v1", title="Waves", public=True), Video(trove_id="v2")],
    "status": [Status(trove_id="s1", message="Hello", public=True), Status(trove_id="s2")],
    "checkins": [Checkin(trove_id="c1", venue={"name": "Café"}), Checkin(trove_id="c2")],
    "friends": [Friend(trove_id="f1", name="Bob"), Friend(trove_id="f2")],
}
METHODS = [("videos", "videos"), ("statuses", "status"), ("checkins", "checkins"),
           ("friends", "friends")]  # fmt: skip
all_types = pytest.mark.parametrize(("name", "content_type"), METHODS)


@pytest.fixture
def trove(account, fake_server, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": CONTENT_TYPES}
    fake_server.others = {
        name: [content_to_wire(item) for item in items] for name, items in OTHERS.items()
    }
    return Trove(account.user)


def count_calls(fake_server, content_type):
    return fake_server.request_counts[f"/v1/oauth/{content_type}/"]


@all_types
class TestEachType:
    def test_page_is_cached(self, trove, fake_server, name, content_type):
        for _ in range(2):
            result = getattr(Trove(trove.user), name)()
            assert list(result) == OTHERS[content_type]
        assert count_calls(fake_server, content_type) == 1

    def test_forced_update_replaces_cached_page(self, trove, fake_server, name, content_type):
        getattr(trove, name)()
        fake_server.others[content_type] = []
        assert not getattr(trove, name)(force_update=True)
        assert not getattr(trove, name)()

    def test_stale_page_after_outage(self, trove, fake_server, settings, name, content_type):
        settings.TROVE = settings.TROVE | {"CACHE_SECONDS": 0}
        getattr(trove, name)()
        fake_server.error_response = DOWN
        result = getattr(trove, name)()
        assert (len(result), result.stale, type(result.error)) == (2, True, Unavailable)

    def test_items_of_all_pages(self, trove, fake_server, name, content_type):
        items = getattr(trove, f"iter_{name}")(count=1)
        assert count_calls(fake_server, content_type) == 0
        assert list(items) == OTHERS[content_type]
        assert count_calls(fake_server, content_type) == 2

    def test_pages_are_deleted_when_the_user_disconnects(
        self, trove, fake_server, make_account, name, content_type
    ):
        getattr(trove, name)()
        with TestCase.captureOnCommitCallbacks(execute=True):
            trove.disconnect()
        make_account(*fake_server.grant())
        fake_server.others[content_type] = []
        assert not getattr(Trove(trove.user), name)()

    def test_missing_grant_is_no_failure_of_the_account(
        self, trove, fake_server, name, content_type
    ):
        del fake_server.others[content_type]
        with pytest.raises(NotGranted) as caught:
            getattr(trove, name)()
        assert caught.value.content_type == content_type
        assert TroveAccount.objects.get().health == Health.CONNECTED

    def test_type_must_be_in_settings(self, trove, fake_server, settings, name, content_type):
        settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos"]}
        for call in (getattr(trove, name), lambda: next(getattr(trove, f"iter_{name}")())):
            with pytest.raises(CallError, match=f"{content_type} must be in .*CONTENT_TYPES"):
                call()
        assert count_calls(fake_server, content_type) == 0


@pytest.mark.django_db(transaction=True)
def test_asynchronous_versions(trove):
    async def main():
        results = []
        for name, content_type in METHODS:
            results.append(list(await getattr(trove, f"a{name}")()) == OTHERS[content_type])
            items = [item async for item in getattr(trove, f"aiter_{name}")(count=1)]
            results.append(items == OTHERS[content_type])
        results.append((await trove.avideo("v1")).title == "Waves")
        await sync_to_async(connections.close_all)()
        return results

    assert asyncio.run(main()) == [True] * 9


def test_one_video(trove):
    assert trove.video("v1").title == "Waves"
    with pytest.raises(NotFound):
        trove.video("v7")


def test_videos_among_photos_must_be_in_settings(trove, settings):
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": ["photos"]}
    with pytest.raises(QueryError, match="'videos'"):
        trove.photos(Query(videos=True))


class TestPublicOnly:
    """
    The Trove of these tests ignores `public`, so that the site must check each item.
    """

    @pytest.fixture(params=["visitor", "anonymous", "nobody"])
    def seen(self, request, trove, fake_server, make_user):
        viewers = {"anonymous": AnonymousUser(), "nobody": None}
        viewer = viewers.get(request.param) or make_user("bob")
        fake_server.photos = [photo(1), photo(2, public=False)]
        return trove.as_seen_by(viewer)

    def test_private_items_are_not_returned(self, seen):
        assert [p.id for p in seen.photos()] == ["1"]
        assert [p.id for p in seen.iter_photos()] == ["1"]
        assert [v.trove_id for v in seen.videos()] == ["v1"]
        assert [s.trove_id for s in seen.statuses()] == ["s1"]
        assert [p.id for p in seen.photos(Query(trove_id="t2"))] == []

    def test_private_item_does_not_exist(self, seen):
        assert seen.photo("t1").id == "1"
        for call in (lambda: seen.photo("t2"), lambda: seen.video("v2")):
            with pytest.raises(NotFound):
                call()

    def test_types_without_public_items_are_not_requested(self, seen, fake_server):
        for name in ("checkins", "friends"):
            assert not getattr(seen, name)()
            assert not list(getattr(seen, f"iter_{name}")())
            assert count_calls(fake_server, name) == 0

    def test_public_is_sent(self, seen, fake_server):
        seen.photos(Query(tags_required=["snow"]))
        assert '"public":true' in fake_server.server.requests[-1].form["query"]

    def test_private_items_cannot_be_requested(self, seen, fake_server):
        assert not seen.photos(Query(public=False))
        assert fake_server.photo_calls == 0

    def test_restriction_cannot_be_removed(self, seen, trove):
        assert seen.as_seen_by(trove.user).public_only


def test_owner_sees_everything(trove, fake_server, make_user):
    fake_server.photos = [photo(1), photo(2, public=False)]
    same_user = type(trove.user)._default_manager.get(pk=trove.user.pk)
    assert len(trove.as_seen_by(same_user).photos()) == 2
    assert len(Trove(trove.user).photos(Query(public=True))) == 1
    assert len(list(Trove(trove.user).iter_photos(public=True))) == 1
