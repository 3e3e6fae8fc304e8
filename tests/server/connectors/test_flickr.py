import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from django_trove.client.content import Video
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked
from django_trove.server.connectors.flickr.connector import Flickr
from django_trove.server.connectors.flickr.methods import RequestRejected
from django_trove.server.connectors.oauth import AuthorizationDenied
from fake_services import flickr as fake_flickr
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .index import CALLBACK, Index, authorize, connector_factory

NOW = datetime.now(UTC)


@pytest.fixture
def flickr():
    with serve(fake_flickr.Flickr(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def make(flickr):
    return connector_factory(Flickr, flickr)


def ids_of(fake):
    return {fake_flickr.photo_id(shot) for shot in fake.photos}


def test_authorization_returns_the_account(flickr):
    authorization = authorize(Flickr, flickr)
    assert (authorization.service_id, authorization.name) == (fake_flickr.NSID, "Ada Lovelace")
    assert authorization.url == f"https://www.flickr.com/photos/{fake_flickr.NSID}/"
    assert authorization.token["secret"] not in repr(authorization)


def test_callback_without_a_verifier_is_a_denial(flickr):
    service = Flickr({}, Credentials(flickr.settings))
    with pytest.raises(AuthorizationDenied):
        service.finish_authorization("secret", {"oauth_token": "x"}, CALLBACK)


def test_wrong_key_is_a_misconfiguration(flickr):
    for wrong in ({"KEY": "other"}, {"SECRET": "other"}, {"KEY": ""}):
        with pytest.raises(Misconfigured):
            Flickr({}, Credentials(flickr.settings | wrong)).start_authorization(CALLBACK)


def test_all_fields_of_a_photo_are_converted(flickr, make):
    index = Index()
    assert index.run_sync(make)
    assert set(index.photos) == ids_of(flickr)
    shot = flickr.photos[6]
    name = fake_flickr.photo_id(shot)
    photo = index.photos[name]
    assert (photo.title, photo.description) == (shot.title, "Seen by chance & kept.")
    assert photo.tags == tuple(shot.tags)
    assert photo.date == shot.taken
    assert (photo.owner, photo.public) == ("Ada Lovelace", True)
    assert photo.license == "No known copyright restrictions https://www.flickr.com/commons/usage/"
    assert (photo.width, photo.height) == (1600, 1200)
    assert photo.location == shot.place
    assert photo.urls["thumbnail"].endswith("_n.jpg")
    assert photo.urls["original"].endswith("_o.jpg")
    assert photo.original_web_url == f"https://www.flickr.com/photos/{fake_flickr.NSID}/{name}/"
    assert index.albums[name] == ""
    assert index.albums[fake_flickr.photo_id(flickr.photos[3])] == fake_flickr.set_id("Summer")
    assert index.photos[fake_flickr.photo_id(flickr.photos[2])].location is None
    assert isinstance(index.photos[fake_flickr.photo_id(flickr.photos[9])], Video)


def test_original_of_a_free_account_is_the_largest_size(flickr, make):
    index = Index()
    index.run_sync(make)
    photo = index.photos[fake_flickr.photo_id(flickr.photos[4])]
    assert not photo.public
    assert "original" not in photo.urls
    assert photo.urls.original == photo.urls["large"]


@pytest.mark.parametrize("batches", [1, 3, None])
def test_interrupted_sync_imports_all_items(batches):
    with serve(fake_flickr.Flickr(make_photos(1_600))) as flickr:
        index = Index()
        index.run_sync(connector_factory(Flickr, flickr), at_once=batches)
        assert set(index.photos) == ids_of(flickr)
        assert sorted(index.wrote) == sorted(index.photos)  # each once
        assert {name for name, album in index.albums.items() if not album} == {
            fake_flickr.photo_id(shot) for shot in flickr.photos if not shot.album
        }


def test_many_uploads_in_one_second_are_imported():
    library = make_photos(1_700)
    for shot in library[100:1_500]:
        shot.uploaded = library[100].uploaded
    with serve(fake_flickr.Flickr(library)) as flickr:
        index = Index()
        index.run_sync(connector_factory(Flickr, flickr), at_once=1)
        assert set(index.photos) == ids_of(flickr)


def test_deletion_during_a_sync_hides_no_photos():
    with serve(fake_flickr.Flickr(make_photos(1_600))) as flickr:
        make, index = connector_factory(Flickr, flickr), Index()

        def delete_photos():
            del flickr.photos[-120:]

        index.run_sync(make, actions={1: delete_photos})
        assert ids_of(flickr) <= set(index.photos)


def test_incremental_sync_lists_changes(flickr, make):
    index = Index()
    index.run_sync(make)
    index.wrote.clear()
    flickr.photos[3].title, flickr.photos[3].changed = "Another", NOW
    flickr.photos += [new := make_photos(31)[-1]]
    new.uploaded = new.changed = NOW
    new.album = "Summer"
    flickr.album_updates["Summer"] = NOW
    asked = len(flickr.request_paths)
    assert not index.run_sync(make)
    assert sorted(index.wrote) == sorted(map(fake_flickr.photo_id, (flickr.photos[3], new)))
    assert index.photos[fake_flickr.photo_id(flickr.photos[3])].title == "Another"
    assert index.albums[fake_flickr.photo_id(new)] == fake_flickr.set_id("Summer")
    assert len(flickr.request_paths) - asked == 3  # changes, albums, and the one that changed


def test_daily_full_sync_removes_deleted_items(flickr, make):
    index = Index()
    index.run_sync(make)
    index.set_cursor(full=int(time.time()) - 90_000)
    index.wrote.clear()
    gone = flickr.photos.pop(5)
    assert index.run_sync(make)
    assert fake_flickr.photo_id(gone) not in index.photos
    assert index.wrote == []


def test_empty_account_yields_an_empty_batch(flickr, make):
    flickr.photos.clear()
    index = Index()
    assert index.run_sync(make)
    assert (index.photos, index.failures) == ({}, [])


def test_photo_that_was_removed_from_its_album_has_none_after_a_full_sync(flickr, make):
    index = Index()
    index.run_sync(make)
    shot = next(shot for shot in flickr.photos if shot.album)
    shot.album = ""
    index.set_cursor(full=int(time.time()) - 90_000)
    index.run_sync(make)
    assert index.albums[fake_flickr.photo_id(shot)] == ""


def test_album_deleted_during_a_sync_is_skipped(flickr, make):
    index = Index()

    def delete_album():
        for shot in flickr.photos:
            shot.album = shot.album.replace("Family", "")

    index.run_sync(make, actions={1: delete_album})
    assert set(index.photos) == ids_of(flickr)


FAULTS = {
    "asked too often": (fake_flickr.Flickr.rate_limit_response, RetryLater),
    "down, by a status of 200": (fake_flickr.Flickr.unavailable_response, RetryLater),
    "down": (lambda: Response(status=503, body="<html>"), RetryLater),
    "no JSON": (lambda: Response(body="<rsp stat='ok'/>"), RetryLater),
    "JSON of another kind": (lambda: json_response(["ok"]), RetryLater),
    "without a listing": (lambda: json_response({"stat": "ok"}), RetryLater),
    "a key that expired": (lambda: json_response({"stat": "fail", "code": 100}), Misconfigured),
    "too little permission": (lambda: json_response({"stat": "fail", "code": "99"}), Revoked),
    "a wrong signature": (
        lambda: Response(status=401, body="oauth_problem=signature_invalid&debug_sbs=GET"),
        Misconfigured,
    ),
    "a nonce": (lambda: Response(status=401, body="oauth_problem=nonce_used"), RetryLater),
    "a token": (lambda: Response(status=401, body="oauth_problem=token_rejected"), Revoked),
    "an error of its own": (lambda: json_response({"stat": "fail", "code": 3}), RequestRejected),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_are_mapped_to_exceptions(flickr, make, fault):
    response, expected = FAULTS[fault]
    flickr.failures = [response()]
    with pytest.raises(expected) as caught:
        list(make().batches({}, make.known))
    assert type(caught.value) is expected
    assert flickr.url not in caught.value.reason


def test_rate_limit_applies_to_all_accounts(flickr, make):
    flickr.failures = [flickr.rate_limit_response()]
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, make.known))
    assert caught.value.all_accounts


def test_retry_after_is_used(flickr, make):
    flickr.failures = [Response(status=429, headers={"Retry-After": "30"})]
    with pytest.raises(RetryLater) as caught:
        list(make().batches({}, make.known))
    assert caught.value.seconds == 30


def test_revoked_authorization_is_detected(flickr, make):
    flickr.revoke_all()
    with pytest.raises(Revoked):
        list(make().batches({}, make.known))


def test_missing_response_is_retried_later(flickr, make):
    stopped = flickr.settings | {"API_URL": "http://127.0.0.1:9/"}
    connector = Flickr({}, Credentials(stopped, make().credentials.token))
    with pytest.raises(RetryLater):
        list(connector.batches({}, make.known))


def test_secrets_are_not_logged(flickr, caplog):
    caplog.set_level(logging.DEBUG)
    make = connector_factory(Flickr, flickr)
    Index().run_sync(make)
    secrets = {flickr.SECRET, *make().credentials.token.values()}
    assert not [secret for secret in secrets if secret in caplog.text]


def test_unreadable_record_is_reported(flickr, make):
    def broken(request):
        records = [{"id": "1", "title": {"a": 1}, "latitude": []}, {"title": "no id"}, 7, None]
        listing = {"page": 1, "pages": "1", "total": "4", "photo": records}
        return json_response({"photos": listing, "stat": "ok"})

    flickr.failures = [broken]
    index = Index()
    index.run_sync(make)
    assert set(index.photos) == {"1"}
    assert len(index.failures) == 1


def test_fake_service_repeats_its_last_page(flickr, make):
    session = make().session()
    data = {"method": "flickr.people.getPhotos", "user_id": "me", "per_page": 20, "page": 9}
    data |= {"format": "json", "nojsoncallback": 1}
    found = session.get(flickr.settings["API_URL"], params=data, timeout=10).json()["photos"]
    assert (found["page"], found["pages"], len(found["photo"])) == (2, "2", 10)


def test_fake_service_rejects_replayed_and_unsigned_requests(flickr, make):
    session = make().session()
    data = {"method": "flickr.test.login", "format": "json", "nojsoncallback": 1}
    first = session.get(flickr.settings["API_URL"], params=data, timeout=10)
    assert first.json()["user"]["id"] == fake_flickr.NSID
    again = requests.get(first.request.url, headers=dict(first.request.headers), timeout=10)
    assert again.text.startswith("oauth_problem=nonce_used")
    assert requests.get(first.request.url, timeout=10).json()["code"] == 100


def test_photo_with_an_unknown_date_has_no_date(flickr, make):
    def undated(request):
        record = {"id": "1", "datetaken": "2020-01-01 00:00:00", "datetakenunknown": "1"}
        odd = {"id": "2", "datetaken": "0000-00-00 00:00:00", "datetakenunknown": 0}
        listing = {"page": 1, "pages": 1, "total": 2, "photo": [record, odd]}
        return json_response({"photos": listing, "stat": "ok"})

    flickr.failures = [undated]
    index = Index()
    index.run_sync(make)
    assert [photo.date for photo in index.photos.values()] == [None, None]


def test_incremental_sync_overlaps_the_previous_one(flickr, make):
    index = Index()
    index.run_sync(make)
    flickr.photos[0].title, flickr.photos[0].changed = "Late", NOW - timedelta(minutes=30)
    index.run_sync(make)
    assert index.photos[fake_flickr.photo_id(flickr.photos[0])].title == "Late"
