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
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.facebook.connector import Facebook
from django_trove.server.connectors.facebook.records import parse_deletion_request
from django_trove.server.connectors.oauth import AuthorizationDenied
from fake_services import facebook as fake_facebook
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .index import Index, authorize, connector_factory


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def make(facebook):
    return connector_factory(Facebook, facebook)


def ids_of(fake):
    return {fake_facebook.photo_id(shot) for shot in fake.photos}


def test_authorization_returns_a_long_lived_token(facebook):
    authorization = authorize(Facebook, facebook)
    assert (authorization.service_id, authorization.name) == (
        fake_facebook.USER["id"],
        "Ada Lovelace",
    )
    assert authorization.token["expires_at"] > time.time() + 50 * 86_400
    assert authorization.token["access_token"] not in repr(authorization)


def test_denied_authorization_raises(facebook):
    with pytest.raises(AuthorizationDenied):
        authorize(Facebook, facebook, decision="deny")


def test_missing_photo_permission_is_reported(facebook):
    with pytest.raises(ServiceFailed, match="permission for photos is missing"):
        authorize(Facebook, facebook, user_photos="off")


def test_all_fields_of_a_photo_are_converted(facebook, make):
    index = Index()
    assert index.run_sync(make)
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


@pytest.mark.parametrize("batches", [1, 3, None])
def test_interrupted_sync_imports_all_items(batches):
    with serve(fake_facebook.Facebook(make_photos(400))) as facebook:
        index = Index()
        index.run_sync(connector_factory(Facebook, facebook), at_once=batches)
        assert set(index.photos) == ids_of(facebook)
        assert sorted(index.wrote) == sorted(index.photos)  # each once


def test_incremental_sync_stops_at_known_items():
    with serve(fake_facebook.Facebook(make_photos(400))) as facebook:
        make, index = connector_factory(Facebook, facebook), Index()
        index.run_sync(make)
        index.wrote.clear()
        facebook.photos += [new := make_photos(401)[-1]]
        new.uploaded = datetime.now(UTC)
        asked = len(facebook.request_paths)
        assert not index.run_sync(make)
        assert index.wrote == [fake_facebook.photo_id(new)]
        assert len(facebook.request_paths) - asked < 6


def test_daily_full_sync_removes_deleted_items(facebook, make):
    index = Index()
    index.run_sync(make)
    index.set_cursor(full=int(time.time()) - 90_000)
    index.wrote.clear()
    gone = facebook.photos.pop(5)
    facebook.clock_offset = 10  # addresses of pictures are others each time
    assert index.run_sync(make)
    assert fake_facebook.photo_id(gone) not in index.photos
    assert index.wrote == []


def test_empty_list_without_permission_is_not_trusted(facebook, make):
    for grant in facebook.provider.grants.values():
        grant.scopes.remove("user_photos")
    with pytest.raises(Revoked, match="photos"):
        list(make().batches({}, make.known))


def test_photos_are_imported_without_the_video_permission(facebook):
    make = connector_factory(Facebook, facebook, user_videos="off")
    index = Index()
    index.run_sync(make)
    assert len(index.photos) == sum(not shot.is_video for shot in facebook.photos)


def test_expired_page_cursor_restarts_the_listing(facebook, make):
    index = Index(make.identity)
    state = {"phase": "photos", "limit": 100, "whole": True, "full": 1}
    index.cursor = {**state, "page": {"after": "old"}}
    index.run_sync(make)
    assert set(index.photos) == ids_of(facebook)


def test_page_size_is_reduced_on_request(facebook, make):
    facebook.max_records = 20
    index = Index()
    index.run_sync(make)
    assert set(index.photos) == ids_of(facebook)


def test_expired_picture_url_is_replaced(facebook, make):
    pages = make().batches({}, make.known)
    found = {item.content.id: item for page in pages for item in page.items}
    for shot in (facebook.photos[0], facebook.photos[9]):
        item = found[fake_facebook.photo_id(shot)]
        assert item.proxied
        urls = dict(item.content.urls)
        assert make().fetch_media(item.content.id, urls, "medium").content[:2] == b"\xff\xd8"
        facebook.clock_offset = 8 * 86_400
        assert requests.get(urls["medium"], timeout=10).status_code == 403
        assert make().fetch_media(item.content.id, urls, "medium").content[:2] == b"\xff\xd8"
        ended = {size: url.replace("oe=", "oe=1&x=") for size, url in urls.items()}
        assert make().fetch_media(item.content.id, ended, "medium").type == "image/jpeg"
        facebook.clock_offset = 0
    assert make().fetch_media("1", {}, "medium") is None
    with pytest.raises(ServiceFailed):
        make().fetch_media("1", {"large": "https://evil.example/x.jpg"}, "large")


def test_token_is_exchanged_before_it_expires(facebook, make):
    old = {**make().credentials.token, "got": 0, "expires_at": int(time.time()) + 86_400}
    connector = Facebook({}, Credentials(facebook.settings, old))
    list(connector.batches({}, make.known))
    assert connector.credentials.token["expires_at"] > time.time() + 50 * 86_400


def test_expired_token_requires_reconnecting(facebook, make):
    facebook.clock_offset = 70 * 86_400
    with pytest.raises(Revoked, match="two months"):
        list(make().batches({}, make.known))
    facebook.clock_offset = 0
    ended = {**make().credentials.token, "expires_at": 1, "got": time.time()}
    with pytest.raises(Revoked):
        list(Facebook({}, Credentials(facebook.settings, ended)).batches({}, make.known))


def test_revoked_authorization_is_detected(facebook, make):
    facebook.revoke_all()
    with pytest.raises(Revoked, match="You revoked"):
        list(make().batches({}, make.known))


def test_token_is_revoked_at_facebook(facebook, make):
    make().revoke()
    assert facebook.provider.grants == {}
    make().revoke()  # nothing is left, which is fine


def test_high_usage_pauses_all_accounts(facebook, make):
    facebook.call_count = 97
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, make.known))
    assert (caught.value.all_accounts, caught.value.seconds) == (True, 600)


def _error(status, code, **options):
    return json_response({"error": {"message": "x", "code": code, **options}}, status)


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
def test_errors_are_mapped_to_exceptions(facebook, make, fault):
    response, expected = FAULTS[fault]
    facebook.failures = [response()]
    with pytest.raises(expected) as caught:
        list(make().batches({}, make.known))
    assert facebook.url not in caught.value.reason


def test_secrets_are_not_logged(facebook, caplog):
    caplog.set_level(logging.DEBUG)
    make = connector_factory(Facebook, facebook)
    Index().run_sync(make)
    secrets = {facebook.CLIENT_SECRET, make().credentials.token["access_token"]}
    assert not [secret for secret in secrets if secret in caplog.text]


def test_unreadable_record_is_reported(facebook, make):
    def broken(request):
        return json_response(
            {"data": [{"name": 5}, {"id": "1", "images": [7], "place": "x"}, None]}
        )

    facebook.failures = [None, broken]
    index = Index()
    index.run_sync(make)
    assert "1" in index.photos
    assert len(index.failures) == 1


def _signed(data, secret):
    import hashlib
    import hmac

    payload = base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
    signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(signature).decode().rstrip('=')}.{payload}"


def test_signed_deletion_request_is_accepted():
    data = {"user_id": "77", "algorithm": "HMAC-SHA256"}
    assert parse_deletion_request(_signed(data, "secret"), "secret") == "77"
    for wrong in (
        _signed(data, "other"),
        _signed({**data, "algorithm": "none"}, "secret"),
        _signed({"algorithm": "HMAC-SHA256"}, "secret"),
        _signed([1], "secret"),
    ):
        with pytest.raises(ValueError):
            parse_deletion_request(wrong, "secret")


@given(st.text())
def test_invalid_deletion_request_is_rejected(words):
    with pytest.raises(ValueError):
        parse_deletion_request(words, "secret")


def test_full_sync_interval_counts_from_the_last_full_sync(facebook, make):
    index = Index()
    index.run_sync(make)
    assert index.cursor["full"] > (datetime.now(UTC) - timedelta(minutes=1)).timestamp()
    assert not index.run_sync(make)
