import logging

import pytest

from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.s3 import connector as s3_connector
from django_trove.server.connectors.s3.connector import S3
from fake_services.base import FakeService, Response, serve
from fake_services.photos import make_photo_file, make_photos

from .index import Account, Index
from .s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, serve_bucket

OPTIONS = {"HOSTS": ("127.0.0.1",), "ALLOW_HTTP": True}
PHOTOS = make_photos(6)
KEYS = (
    "a first.jpg",
    "Trips/1.jpg",
    "Trips/Norway & more/fjord +1 (ü).jpg",
    "Trips/Norway & more/~snow=.jpg",
    "Trips/z.jpg",
    "zebra.jpg",
)


@pytest.fixture(scope="module")
def server():
    with serve_bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(server):
    for key, photo in zip(KEYS, PHOTOS, strict=True):
        server.put(key, make_photo_file(photo))
    server.put("Trips/", b"")
    server.put("Trips/notes.txt", b"not a picture")
    server.requests.clear()
    yield server
    for key in (*KEYS, "Trips/", "Trips/notes.txt", "new.jpg"):
        server.delete(key)


class Fake:
    settings = OPTIONS


def check_account(url, **values):
    form = {
        "address": url,
        "bucket": BUCKET,
        "prefix": "",
        "region": "",
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        **values,
    }
    return S3({}, Credentials(OPTIONS)).check_account(form)


@pytest.fixture
def make(bucket):
    return Account(S3, Fake, check_account(bucket.url))


@pytest.fixture
def synced(bucket, make):
    index = Index()
    index.run_sync(make)
    bucket.requests.clear()
    return index


def test_form_returns_the_account(bucket):
    authorization = check_account(f"{bucket.url}/", prefix="/Trips/")
    assert authorization.name == f"{BUCKET}/Trips"
    assert authorization.service_id == f"{bucket.url.removeprefix('http://')}/{BUCKET}/Trips"
    assert authorization.token == {"secret_key": SECRET_KEY}
    assert SECRET_KEY not in repr(authorization)
    assert SECRET_KEY not in str(authorization.settings)


def test_form_rejects_a_missing_bucket(bucket):
    with pytest.raises(ServiceFailed, match="does not exist"):
        check_account(bucket.url, bucket="other-bucket")


@pytest.mark.parametrize("name", ["", "a/b", "..%2f", "a b", ".", ".."])
def test_form_rejects_an_invalid_bucket(bucket, name):
    with pytest.raises(ServiceFailed, match="invalid"):
        check_account(bucket.url, bucket=name)
    assert bucket.requests == []


@pytest.mark.parametrize("prefix", ["..", "a/../../b", "./a"])
def test_form_rejects_an_invalid_folder(bucket, prefix):
    with pytest.raises(ServiceFailed, match="folder is invalid"):
        check_account(bucket.url, prefix=prefix)
    assert bucket.requests == []


def test_private_address_is_refused(bucket):
    connector = S3({}, Credentials({"ALLOW_HTTP": True}))
    values = {"address": bucket.url, "bucket": BUCKET, "access_key": "a", "secret_key": "b"}
    with pytest.raises(ServiceFailed, match="private network"):
        connector.check_account(values)
    assert bucket.requests == []


def test_sync_imports_all_keys(bucket, synced):
    assert set(synced.items) == set(KEYS)
    found = synced.photos["Trips/Norway & more/fjord +1 (ü).jpg"]
    assert (found.title, found.album_title) == ("fjord +1 (ü)", "Norway & more")
    assert (found.date, found.width) == (PHOTOS[2].taken, 320)
    assert synced.failures == []


def test_folder_of_the_bucket(bucket):
    make = Account(S3, Fake, check_account(bucket.url, prefix="Trips"))
    index = Index()
    index.run_sync(make)
    assert set(index.items) == {key.removeprefix("Trips/") for key in KEYS[1:5]}


def test_sync_without_changes_reads_no_object(bucket, make, synced):
    synced.run_sync(make)
    assert [path.partition("?")[0] for path in bucket.requests] == [f"/{BUCKET}"]


def test_listing_has_one_request_per_page(bucket, make, synced, monkeypatch):
    monkeypatch.setattr(s3_connector, "PAGE_SIZE", 3)
    synced.run_sync(make)
    assert bucket.count_requests("list-type=2") == 3  # of 8 objects
    assert set(synced.items) == set(KEYS)


def test_changed_new_and_deleted_objects(bucket, make, synced):
    bucket.put("zebra.jpg", make_photo_file(PHOTOS[0]))
    bucket.put("new.jpg", make_photo_file(PHOTOS[1]))
    bucket.delete("Trips/1.jpg")
    synced.run_sync(make)
    assert bucket.count_requests("/zebra.jpg?") == 1
    assert bucket.count_requests("/new.jpg?") == 1
    assert len(bucket.requests) == 3
    assert set(synced.items) == {*KEYS, "new.jpg"} - {"Trips/1.jpg"}
    assert synced.photos["zebra.jpg"].date == PHOTOS[0].taken


def test_sync_that_is_killed_is_resumed(bucket, make, monkeypatch):
    monkeypatch.setattr("django_trove.server.connectors.remote_files.connector.BATCH_SIZE", 1)
    index = Index()
    index.run_sync(make, at_once=1)
    assert set(index.items) == set(KEYS)
    assert sorted(index.wrote) == sorted(KEYS)


def test_sizes_are_created_by_this_trove(bucket, make, synced):
    item = synced.items["Trips/Norway & more/~snow=.jpg"]
    renditions = make().fetch_sizes(item.service_id, item.urls, "thumbnail")
    assert set(renditions) == {"thumbnail", "medium", "large"}
    assert SECRET_KEY not in str(item.urls)
    assert "Signature" not in str(item.urls)


def test_picture_of_a_deleted_object_does_not_exist(bucket, make, synced):
    bucket.delete("zebra.jpg")
    urls = synced.items["zebra.jpg"].urls
    assert make().fetch_sizes("zebra.jpg", urls, "thumbnail") == {}


def test_signatures_are_valid(bucket, monkeypatch):
    keys = bucket.create_keys()
    with monkeypatch.context() as context:
        context.setattr("moto.core.responses.ActionAuthenticatorMixin.request_count", 0)
        context.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
        with pytest.raises(Revoked, match="wrong"):
            check_account(bucket.url, **keys | {"secret_key": SECRET_KEY})
        make = Account(S3, Fake, check_account(bucket.url, **keys))
        index = Index()
        index.run_sync(make)
    assert set(index.items) == set(KEYS)
    assert index.failures == []


def test_secret_is_not_logged(bucket, make, caplog):
    caplog.set_level(logging.DEBUG)
    Index().run_sync(make)
    assert SECRET_KEY not in caplog.text
    assert "signature" not in caplog.text.lower()


class FailingStore(FakeService):
    response = Response()

    def handle(self, request):
        return self.response


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (403, "InvalidAccessKeyId", Revoked, "access key"),
        (403, "SignatureDoesNotMatch", Revoked, "access key"),
        (403, "AccessDenied", Revoked, "permission to list"),
        (403, "RequestTimeTooSkewed", Misconfigured, "clock"),
        (400, "AuthorizationHeaderMalformed", ServiceFailed, "is in eu-west-3"),
        (301, "PermanentRedirect", ServiceFailed, "is in eu-west-3"),
        (404, "NoSuchBucket", ServiceFailed, "does not exist"),
        (503, "SlowDown", RetryLater, "unavailable"),
        (429, "", RetryLater, "limits the rate"),
        (418, "Teapot", ServiceFailed, "Teapot"),
        (200, "", RetryLater, "invalid listing"),
    ],
)
def test_errors_of_the_store(status, code, kind, reason):
    with serve(FailingStore()) as store:
        body = f"<Error><Code>{code}</Code><Message>{SECRET_KEY}</Message></Error>"
        headers = {"x-amz-bucket-region": "eu-west-3"}
        store.response = Response(status=status, body=body, headers=headers)
        with pytest.raises(ServiceFailed, match=reason) as failure:
            check_account(store.url)
    assert type(failure.value) is kind
    assert SECRET_KEY not in failure.value.reason
