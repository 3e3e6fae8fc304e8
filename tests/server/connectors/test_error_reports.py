"""
Error reports about unexpected exceptions, which Django can mail to the operator.
"""

import json

import pytest
from django.test import Client
from django.views.debug import ExceptionReporter
from requests.adapters import HTTPAdapter

from django_trove.server.accounts.removal import delete_identity_data
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.immich.connector import Immich
from django_trove.server.connectors.nextcloud.connector import Nextcloud
from django_trove.server.connectors.s3.connector import S3
from django_trove.server.media.signed_urls import media_urls
from django_trove.server.models import Identity
from django_trove.server.sync import SyncFailed, sync
from fake_services import IMMICH_KEY
from fake_services import immich as fake_immich
from fake_services import nextcloud as fake_nextcloud
from fake_services.base import serve
from fake_services.photos import make_photos

from ..images import draw
from .index import Account, Index
from .s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, serve_bucket
from .webdav_account import OPTIONS, add_webdav
from .webdav_servers import run_wsgidav

pytestmark = pytest.mark.django_db

SECRETS = ("password", "key", "secret_key")  # in tokens


def add_nextcloud(fake):
    service = Nextcloud({}, Credentials(fake.settings))
    login = service.start_login({"address": fake.url}, "Trove")
    fake.allow(login.url)
    return Account(Nextcloud, fake, service.poll_login(login)).identity


def add_immich(fake):
    service = Immich({}, Credentials(fake.settings))
    values = {"address": fake.url, "key": IMMICH_KEY}
    return Account(Immich, fake, service.check_account(values)).identity


def add_bucket(bucket):
    class Fake:
        settings = OPTIONS

    values = {"address": bucket.url, "bucket": BUCKET}
    keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    authorization = S3({}, Credentials(OPTIONS)).check_account(values | keys)
    return Account(S3, Fake, authorization).identity


@pytest.fixture(params=["basic", "digest", "nextcloud", "immich", "s3"])
def identity(request, folder):
    draw(folder / "a.jpg")
    if request.param == "nextcloud":
        with serve(fake_nextcloud.Nextcloud(make_photos(1))) as fake:
            yield add_nextcloud(fake)
    elif request.param == "immich":
        with serve(fake_immich.Immich(make_photos(1))) as fake:
            yield add_immich(fake)
    elif request.param == "s3":
        with serve_bucket() as bucket:
            bucket.put("a.jpg", (folder / "a.jpg").read_bytes())
            yield add_bucket(bucket)
    else:
        with run_wsgidav(folder, authentication=request.param) as server:
            yield add_webdav(server.address).identity


def view_picture(identity):
    item = identity.items.get()
    url = media_urls(item.pk, item.etag, item.files, "")["large"]
    client = Client(raise_request_exception=False)
    assert client.get(url, secure=True).status_code == 500


def fail_to_sync(identity):
    with pytest.raises(SyncFailed):
        sync(identity)


def remove(identity):
    Identity.objects.update(state=Identity.State.DELETING)
    delete_identity_data(identity)


@pytest.mark.parametrize("action", [view_picture, fail_to_sync, remove])
def test_error_reports_contain_no_credentials(identity, action, monkeypatch, caplog):
    def fail(*args, **options):
        raise RuntimeError("broken")

    Index(identity).run_sync()
    identity = Identity.objects.get(pk=identity.pk)
    token = json.loads(identity.token)
    secret = next(token[name] for name in SECRETS if name in token)
    monkeypatch.setattr(HTTPAdapter, "send", fail)
    action(identity)
    for record in caplog.records:
        if record.exc_info:
            report = ExceptionReporter(getattr(record, "request", None), *record.exc_info)
            assert "broken" in report.get_traceback_text()
            assert secret not in report.get_traceback_html()
