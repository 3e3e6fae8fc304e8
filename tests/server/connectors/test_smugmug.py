import logging
import time
from datetime import UTC, datetime

import pytest
import requests

from django_trove.client.content import Video
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.oauth import AuthorizationDenied
from django_trove.server.connectors.smugmug.connector import SmugMug
from fake_services import smugmug as fake_smugmug
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .index import Index, authorize, connector_factory

NOW = datetime.now(UTC)


@pytest.fixture
def smugmug():
    with serve(fake_smugmug.SmugMug(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def make(smugmug):
    return connector_factory(SmugMug, smugmug)


def ids_of(fake):
    return {fake_smugmug.image_key(shot) for shot in fake.photos}


def test_authorization_with_full_access_returns_the_account(smugmug):
    authorization = authorize(SmugMug, smugmug)
    assert (authorization.service_id, authorization.name) == ("ada", "Ada Lovelace")
    assert authorization.url == "https://ada.smugmug.com"
    (given,) = smugmug.provider.access_tokens.values()
    assert (given.parameters["Access"], given.parameters["Permissions"]) == ("Full", "Read")


def test_callback_without_a_verifier_is_a_denial(smugmug):
    with pytest.raises(AuthorizationDenied):
        authorize(SmugMug, smugmug, decision="deny")


def test_wrong_key_is_a_misconfiguration(smugmug):
    for wrong in ({"KEY": "other"}, {"SECRET": "other"}):
        with pytest.raises(Misconfigured):
            SmugMug({}, Credentials(smugmug.settings | wrong)).start_authorization(
                "https://trove.example/"
            )


def test_all_fields_of_an_image_are_converted(smugmug, make):
    index = Index()
    assert index.run_sync(make)
    assert set(index.photos) == ids_of(smugmug)
    shot = smugmug.photos[6]
    photo = index.photos[fake_smugmug.image_key(shot)]
    assert (photo.title, photo.description) == (shot.title, "Seen by chance & kept.")
    assert (photo.tags, photo.date) == (tuple(shot.tags), shot.taken)
    assert (photo.owner, photo.public) == ("Ada Lovelace", True)
    assert photo.location == shot.place
    assert (photo.width, photo.height) == (1600, 1200)
    assert "/Small/" in photo.urls["thumbnail"]
    assert "/XLarge/" in photo.urls["large"]
    assert "/D/" in photo.urls["original"]
    assert photo.original_web_url.startswith("https://ada.smugmug.com/")
    assert index.photos[fake_smugmug.image_key(smugmug.photos[10])].title == "DSC_0011.JPG"
    assert index.photos[fake_smugmug.image_key(smugmug.photos[2])].location is None
    assert isinstance(index.photos[fake_smugmug.image_key(smugmug.photos[9])], Video)
    assert index.albums[fake_smugmug.image_key(shot)] == fake_smugmug.album_key("Unsorted")


def test_image_in_a_private_folder_is_not_public(smugmug, make):
    smugmug.hidden_albums = {"Summer"}
    smugmug.favourites = []
    index = Index()
    index.run_sync(make)
    for shot in smugmug.photos:
        photo = index.photos[fake_smugmug.image_key(shot)]
        assert photo.public == (shot.is_public and shot.album != "Summer")


def test_video_duration_is_converted(smugmug, make):
    index = Index()
    index.run_sync(make)
    durations = {p.duration for p in index.photos.values() if isinstance(p, Video)}
    assert durations == {12.5}


def test_images_without_expansions_are_imported(smugmug, make):
    bare = smugmug._get_expansions
    smugmug._get_expansions = lambda shot, wanted: {}
    index = Index()
    index.run_sync(make)
    photo = index.photos[fake_smugmug.image_key(smugmug.photos[6])]
    assert photo.date is None  # and not when it was uploaded
    assert "/Thumb/" in photo.urls["thumbnail"]
    smugmug._get_expansions = bare


@pytest.mark.parametrize("batches", [1, 4, None])
def test_interrupted_sync_imports_all_items(batches):
    with serve(fake_smugmug.SmugMug(make_photos(500))) as smugmug:
        index = Index()
        index.run_sync(connector_factory(SmugMug, smugmug), at_once=batches)
        assert set(index.photos) == ids_of(smugmug)
        assert sorted(index.wrote) == sorted(index.photos)  # each once


def test_incremental_sync_lists_changed_albums(smugmug, make):
    index = Index()
    index.run_sync(make)
    index.wrote.clear()
    smugmug.photos[3].title = "Another"
    smugmug.album_updates["Summer"] = NOW
    asked = len(smugmug.request_paths)
    assert not index.run_sync(make)
    assert index.wrote == [fake_smugmug.image_key(smugmug.photos[3])]
    assert len(smugmug.request_paths) - asked == 2  # albums, and the one that changed


def test_fewer_images_cause_a_full_sync(smugmug, make):
    index = Index()
    index.run_sync(make)
    gone = smugmug.photos.pop(5)
    assert index.run_sync(make)
    assert fake_smugmug.image_key(gone) not in index.photos


def test_full_sync_runs_daily(smugmug, make):
    index = Index()
    index.run_sync(make)
    index.set_cursor(full=int(time.time()) - 90_000)
    smugmug.photos[5].title = "Said to nobody"
    index.wrote.clear()
    assert index.run_sync(make)
    assert index.wrote == [fake_smugmug.image_key(smugmug.photos[5])]


def test_image_in_two_albums_is_one_item(smugmug, make):
    index = Index()
    index.run_sync(make)
    assert len(index.wrote) == len(set(index.wrote))


def test_image_in_processing_keeps_its_indexed_version(smugmug, make):
    smugmug.processing_numbers = {1}
    index = Index()
    index.run_sync(make)
    assert fake_smugmug.image_key(smugmug.photos[0]) not in index.photos
    smugmug.processing_numbers = {2}
    index.cursor = {}
    index.run_sync(make)
    assert set(index.photos) == ids_of(smugmug)


def test_empty_account_yields_an_empty_batch(smugmug, make):
    smugmug.photos.clear()
    index = Index()
    assert index.run_sync(make)
    assert index.photos == {}


def test_private_picture_is_fetched_with_a_signature(smugmug, make):
    pages = make().batches({}, make.known)
    found = {item.content.id: item for page in pages for item in page.items}
    private = found[fake_smugmug.image_key(smugmug.photos[4])]
    public = found[fake_smugmug.image_key(smugmug.photos[0])]
    assert (private.proxied, public.proxied) == (True, False)
    urls = private.content.urls
    assert requests.get(urls["thumbnail"], timeout=10).content == b""
    rendition = make().fetch_media(private.content.id, urls, "thumbnail")
    assert (rendition.type, rendition.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert make().fetch_media(private.content.id, {}, "thumbnail") is None
    for elsewhere in (
        "https://evil.example/x.jpg",
        "http://127.0.0.1:9/x.jpg",
        "file:///etc/hosts",
    ):
        with pytest.raises(ServiceFailed):
            make().fetch_media(private.content.id, {"large": elsewhere}, "large")


FAULTS = {
    "asked too often": (fake_smugmug.SmugMug.rate_limit_response, RetryLater),
    "down": (fake_smugmug.SmugMug.unavailable_response, RetryLater),
    "HTML": (lambda: Response(body="<html>"), RetryLater),
    "JSON of another kind": (lambda: json_response([1]), RetryLater),
    "without a response": (lambda: json_response({"Code": 200}), RetryLater),
    "a token": (lambda: _refused(401, "oauth_problem=token_rejected"), Revoked),
    "a key": (lambda: _refused(401, "oauth_problem=consumer_key_unknown"), Misconfigured),
    "an old key": (lambda: _refused(401, "API key lacks v2 access; please accept"), Misconfigured),
    "permission": (
        lambda: _refused(403, "The user has not granted the required permissions"),
        Revoked,
    ),
}


def _refused(status, message):
    return json_response({"Code": status, "Message": message}, status)


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_are_mapped_to_exceptions(smugmug, make, fault):
    response, expected = FAULTS[fault]
    smugmug.failures = [response()]
    with pytest.raises(expected) as caught:
        list(make().batches({}, make.known))
    assert smugmug.url not in caught.value.reason


def test_retry_after_is_used(smugmug, make):
    smugmug.failures = [smugmug.rate_limit_response()]
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, make.known))
    assert (caught.value.seconds, caught.value.all_accounts) == (7, False)


def test_rate_limit_header_is_the_default_delay(smugmug, make):
    reset = str(int(time.time()) + 300)
    smugmug.failures = [json_response({"Code": 429}, 429, X_RateLimit_Reset=reset)]
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, make.known))
    assert 290 < caught.value.seconds <= 300


def test_used_nonce_is_retried(smugmug, make):
    smugmug.failures = [_refused(401, "oauth_problem=nonce_used")]
    index = Index()
    index.run_sync(make)
    assert set(index.photos) == ids_of(smugmug)
    smugmug.failures = [_refused(401, "oauth_problem=nonce_used")] * 3
    with pytest.raises(RetryLater):
        list(make().batches({}, make.known))


def test_redirected_request_is_signed_again(smugmug, make):
    moved = Response(status=301, headers={"Location": "/api/v2/user/ada!albums?count=50"})
    smugmug.failures = [moved]
    index = Index()
    index.run_sync(make)
    assert set(index.photos) == ids_of(smugmug)
    smugmug.failures = [Response(status=301, headers={"Location": "https://evil.example/"})]
    with pytest.raises(RetryLater):
        list(make().batches({}, make.known))


def test_revoked_authorization_is_detected(smugmug, make):
    smugmug.revoke_all()
    with pytest.raises(Revoked):
        list(make().batches({}, make.known))


def test_secrets_are_not_logged(smugmug, caplog):
    caplog.set_level(logging.DEBUG)
    make = connector_factory(SmugMug, smugmug)
    Index().run_sync(make)
    secrets = {smugmug.SECRET, *make().credentials.token.values()}
    assert not [secret for secret in secrets if secret in caplog.text]


def test_unreadable_image_is_reported(smugmug, make):
    whole = smugmug._image_record
    odd = {"FileName": "odd.jpg", "Uris": [], "KeywordArray": "x"}
    smugmug._image_record = lambda shot, album: odd if shot.number == 3 else whole(shot, album)
    index = Index()
    index.run_sync(make)
    assert len(index.photos) == 29
    assert {failure.name for failure in index.failures} == {"odd.jpg"}
