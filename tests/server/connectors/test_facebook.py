"""
Facebook, at a fake service that checks every token and proof.
"""

import base64
import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from django_trove.client.content import Video
from django_trove.server.connectors.base import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.facebook.connector import Facebook
from django_trove.server.connectors.facebook.records import parse_deletion_request
from django_trove.server.connectors.remote import AuthorizationDenied, Credentials
from fake_services import facebook as fake_facebook
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .batches import Index, connected, leave


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def make(facebook):
    return connected(Facebook, facebook)


def ids_of(fake):
    return {fake_facebook.photo_id(shot) for shot in fake.photos}


def test_a_person_says_yes_and_the_token_lasts(facebook):
    granted = leave(Facebook, facebook)
    assert (granted.service_id, granted.name) == (fake_facebook.USER["id"], "Ada Lovelace")
    assert granted.token["expires_at"] > time.time() + 50 * 86_400
    assert granted.token["access_token"] not in repr(granted)


def test_who_says_no_is_taken_at_their_word(facebook):
    with pytest.raises(AuthorizationDenied):
        leave(Facebook, facebook, decision="deny")


def test_who_allows_no_photos_is_told_so(facebook):
    with pytest.raises(ServiceFailed, match="permission for photos is missing"):
        leave(Facebook, facebook, user_photos="off")


def test_everything_that_facebook_says_of_a_photo_is_kept(facebook, make):
    index = Index()
    assert index.look(make)
    assert set(index.photos) == ids_of(facebook)
    shot = facebook.photos[6]
    photo = index.photos[fake_facebook.photo_id(shot)]
    assert photo.tags == tuple(shot.tags)
    assert photo.description.startswith(shot.title)
    assert (photo.title, photo.owner) == ("", "Ada Lovelace")
    assert photo.date == shot.taken
    assert photo.location == shot.place
    assert (photo.width, photo.height) == (1600, 1200)
    assert photo.original_web_url.endswith(f"fbid={photo.id}")
    assert "_320." in photo.urls["thumbnail"]
    assert "_2048." in photo.urls["original"]
    summer = index.photos[fake_facebook.photo_id(facebook.photos[3])]
    assert (summer.album_id, summer.public) == ("aSummer", True)
    assert index.photos[fake_facebook.photo_id(facebook.photos[1])].date is None
    video = index.photos[fake_facebook.photo_id(facebook.photos[9])]
    assert isinstance(video, Video)
    assert (video.duration, video.title) == (12.5, facebook.photos[9].title)
    assert video.original_web_url.startswith("https://www.facebook.com/ada/videos/")


@pytest.mark.parametrize("pages", [1, 3, None])
def test_thousands_come_whole_wherever_the_look_was_stopped(pages):
    with serve(fake_facebook.Facebook(make_photos(3_000))) as facebook:
        index = Index()
        index.look(connected(Facebook, facebook), at_once=pages)
        assert set(index.photos) == ids_of(facebook)
        assert sorted(index.wrote) == sorted(index.photos)  # each once


def test_the_next_look_stops_where_nothing_is_new():
    with serve(fake_facebook.Facebook(make_photos(400))) as facebook:
        make, index = connected(Facebook, facebook), Index()
        index.look(make)
        index.wrote.clear()
        facebook.photos += [new := make_photos(401)[-1]]
        new.uploaded = datetime.now(UTC)
        asked = len(facebook.request_paths)
        assert not index.look(make)
        assert index.wrote == [fake_facebook.photo_id(new)]
        assert len(facebook.request_paths) - asked < 6


def test_after_a_day_everything_is_looked_at_and_what_was_deleted_goes(facebook, make):
    index = Index()
    index.look(make)
    index.cursor["full"] = int(time.time()) - 90_000
    index.wrote.clear()
    gone = facebook.photos.pop(5)
    facebook.clock_offset = 10  # addresses of pictures are others each time
    assert index.look(make)
    assert fake_facebook.photo_id(gone) not in index.photos
    assert index.wrote == []


def test_an_empty_list_is_believed_only_with_the_permission(facebook, make):
    for grant in facebook.provider.grants.values():
        grant.scopes.remove("user_photos")
    with pytest.raises(Revoked, match="photos"):
        list(make().batches({}, Index().known))


def test_without_the_permission_for_videos_the_photos_come(facebook):
    make = connected(Facebook, facebook, user_videos="off")
    index = Index()
    index.look(make)
    assert len(index.photos) == sum(not shot.is_video for shot in facebook.photos)


def test_a_page_cursor_that_has_ended_begins_the_listing_again(facebook, make):
    index = Index()
    index.cursor = {"phase": "photos", "after": "old", "limit": 100, "whole": True, "full": 1}
    index.look(make)
    assert set(index.photos) == ids_of(facebook)


def test_less_is_asked_for_where_facebook_wants_it(facebook, make):
    facebook.max_records = 20
    index = Index()
    index.look(make)
    assert set(index.photos) == ids_of(facebook)


def test_a_picture_whose_address_has_ended_is_fetched_by_another(facebook, make):
    index = Index()
    found = {one.photo.id: one for page in make().batches({}, index.known) for one in page.items}
    for shot in (facebook.photos[0], facebook.photos[9]):
        one = found[fake_facebook.photo_id(shot)]
        assert one.proxied
        urls = dict(one.photo.urls)
        assert make().fetch_media(one.photo.id, urls, "medium").content[:2] == b"\xff\xd8"
        facebook.clock_offset = 8 * 86_400
        assert requests.get(urls["medium"], timeout=10).status_code == 403
        assert make().fetch_media(one.photo.id, urls, "medium").content[:2] == b"\xff\xd8"
        ended = {size: url.replace("oe=", "oe=1&x=") for size, url in urls.items()}
        assert make().fetch_media(one.photo.id, ended, "medium").type == "image/jpeg"
        facebook.clock_offset = 0
    assert make().fetch_media("1", {}, "medium") is None
    with pytest.raises(ServiceFailed):
        make().fetch_media("1", {"large": "https://evil.example/x.jpg"}, "large")


def test_a_token_is_traded_before_it_ends(facebook, make):
    old = {**make().credentials.token, "got": 0, "expires_at": int(time.time()) + 86_400}
    connector = Facebook({}, Credentials(facebook.settings, old))
    list(connector.batches({}, Index().known))
    assert connector.credentials.token["expires_at"] > time.time() + 50 * 86_400


def test_a_token_that_has_ended_is_a_reason_to_connect_again(facebook, make):
    facebook.clock_offset = 70 * 86_400
    with pytest.raises(Revoked, match="two months"):
        list(make().batches({}, Index().known))
    facebook.clock_offset = 0
    ended = {**make().credentials.token, "expires_at": 1, "got": time.time()}
    with pytest.raises(Revoked):
        list(Facebook({}, Credentials(facebook.settings, ended)).batches({}, Index().known))


def test_leave_that_was_taken_back_is_noticed(facebook, make):
    facebook.revoke_all()
    with pytest.raises(Revoked, match="You revoked"):
        list(make().batches({}, Index().known))


def test_leaving_is_told_to_facebook(facebook, make):
    make().revoke()
    assert facebook.provider.grants == {}
    make().revoke()  # nothing is left, which is fine


def test_when_most_calls_are_used_up_all_wait(facebook, make):
    facebook.call_count = 97
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, Index().known))
    assert (caught.value.all_accounts, caught.value.seconds) == (True, 600)


def _error(status, code, **more):
    return json_response({"error": {"message": "x", "code": code, **more}}, status)


FAULTS = {
    "asked too often": (fake_facebook.Facebook.rate_limit_response, RetryLater),
    "one person's limit": (lambda: _error(400, 17), RetryLater),
    "down": (fake_facebook.Facebook.unavailable_response, RetryLater),
    "no JSON": (lambda: Response(body="<html>"), RetryLater),
    "a changed password": (lambda: _error(400, 190, error_subcode=460), Revoked),
    "permission": (lambda: _error(403, 200), Revoked),
    "the proof": (
        lambda: _error(400, 100, message="Invalid appsecret_proof provided"),
        Misconfigured,
    ),
    "the question": (lambda: _error(400, 100), ServiceFailed),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure_is_told_apart(facebook, make, fault):
    answer, expected = FAULTS[fault]
    facebook.failures = [answer()]
    with pytest.raises(expected) as caught:
        list(make().batches({}, Index().known))
    assert facebook.url not in caught.value.reason


def test_no_secret_reaches_a_log_or_an_address(facebook, caplog):
    caplog.set_level(logging.DEBUG)
    make = connected(Facebook, facebook)
    Index().look(make)
    secrets = {facebook.CLIENT_SECRET, make().credentials.token["access_token"]}
    assert not [secret for secret in secrets if secret in caplog.text]


def test_a_record_that_cant_be_read_is_named_and_passed_over(facebook, make):
    def broken(request):
        return json_response(
            {"data": [{"name": 5}, {"id": "1", "images": [7], "place": "x"}, None]}
        )

    facebook.failures = [None, broken]
    index = Index()
    index.look(make)
    assert "1" in index.photos
    assert len(index.failures) == 1


def _signed(said, secret):
    import hashlib
    import hmac

    payload = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(signature).decode().rstrip('=')}.{payload}"


def test_facebooks_own_word_that_data_is_to_be_deleted_is_taken():
    said = {"user_id": "77", "algorithm": "HMAC-SHA256"}
    assert parse_deletion_request(_signed(said, "secret"), "secret") == "77"
    for wrong in (
        _signed(said, "other"),
        _signed({**said, "algorithm": "none"}, "secret"),
        _signed({"algorithm": "HMAC-SHA256"}, "secret"),
        _signed([1], "secret"),
    ):
        with pytest.raises(ValueError):
            parse_deletion_request(wrong, "secret")


@given(st.text())
def test_nothing_else_is_taken_for_facebooks_word(words):
    with pytest.raises(ValueError):
        parse_deletion_request(words, "secret")


def test_the_daily_look_is_a_day_after_the_last(facebook, make):
    index = Index()
    index.look(make)
    assert index.cursor["full"] > (datetime.now(UTC) - timedelta(minutes=1)).timestamp()
    assert not index.look(make)
