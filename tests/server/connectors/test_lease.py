"""
Long listings and downloads of one batch: no other worker takes over the sync.
"""

from datetime import timedelta
from threading import Condition

import pytest
from django.utils import timezone

from django_trove.server.connectors import http
from django_trove.server.connectors.entered import EnteredService
from django_trove.server.connectors.immich import connector as immich
from django_trove.server.connectors.nextcloud import search
from django_trove.server.connectors.remote_files import source
from django_trove.server.connectors.remote_files.server import FileServer
from django_trove.server.connectors.s3 import connector as s3
from django_trove.server.models import Identity
from django_trove.server.models.identities import LEASE_SECONDS
from django_trove.server.sync.engine import SyncBusy, sync
from django_trove.server.sync.lease import RENEWAL_SECONDS, Lease, LeaseLost, acquire_lease
from fake_services.base import serve
from fake_services.immich import Immich
from fake_services.nextcloud import Nextcloud
from fake_services.photos import make_photo_file, make_photos

from ..images import draw
from . import test_immich, test_nextcloud, test_s3
from .index import Account
from .s3_server import serve_bucket
from .webdav_account import add_webdav
from .webdav_servers import run_wsgidav

COUNT = 12
REQUEST_SECONDS = 100  # less than `MAX_SECONDS`


class Clock:
    """
    A clock that is set forward by requests. `takeovers` counts how often another worker could have
    acquired the lease.
    """

    def __init__(self, monkeypatch):
        self._patch, self._now, self._offset = monkeypatch, timezone.now, timedelta()
        self.takeovers = 0
        monkeypatch.setattr(timezone, "now", lambda: self._now() + self._offset)

    def advance(self, seconds):
        self._offset += timedelta(seconds=seconds)

    def slow_down(self, owner, name, seconds=REQUEST_SECONDS):
        """
        Let a method take some time, after which another worker tries to sync the account.
        """
        method = getattr(owner, name)

        def call(*args, **options):
            result = method(*args, **options)
            self.advance(seconds)
            self.takeovers += can_take_over()
            return result

        self._patch.setattr(owner, name, call)


def can_take_over():
    try:
        with acquire_lease(Identity.objects.get()):
            return True
    except LeaseLost:
        return False


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def run_sync(count):
    """
    Run a complete sync, which imports a number of items.
    """
    report = sync(Identity.objects.get())
    assert (report.complete, report.added, report.failures) == (True, count, [])


@pytest.mark.parametrize("has_search", [True, False])
def test_listing_of_nextcloud(clock, monkeypatch, has_search):
    monkeypatch.setattr(search, "PAGE_SIZE", 1)
    with serve(Nextcloud([])) as fake:
        fake.has_search = has_search
        for photo in make_photos(COUNT):
            fake.tree.put(f"Photos/{photo.number}/a.jpg", make_photo_file(photo), photo.changed)
        Account(test_nextcloud.Nextcloud, fake, test_nextcloud.log_in(fake))
        clock.slow_down(EnteredService, "request")
        run_sync(COUNT)
    assert clock.takeovers == 0


def test_large_folder_of_a_bucket(clock, monkeypatch):
    monkeypatch.setattr(s3, "PAGE_SIZE", 1)
    with serve_bucket() as bucket:
        for photo in make_photos(COUNT):
            bucket.put(f"Photos/{photo.number:02}.jpg", make_photo_file(photo))
        Account(s3.S3, test_s3.Fake, test_s3.check_account(bucket.url))
        clock.slow_down(EnteredService, "request")
        run_sync(COUNT)
    assert clock.takeovers == 0


@pytest.mark.parametrize("max_read_assets", [0, COUNT])
def test_tags_of_immich(clock, monkeypatch, max_read_assets):
    monkeypatch.setattr(immich, "MAX_READ_ASSETS", max_read_assets)
    photos = make_photos(COUNT)
    for photo in photos:
        photo.tags = (f"tag {photo.number}",)
    with serve(Immich(photos, version=(1, 137, 3))) as fake:
        test_immich.add(fake)
        clock.slow_down(EnteredService, "request")
        run_sync(COUNT)
    assert clock.takeovers == 0


def test_many_folders(clock, folder):
    for number in range(COUNT):
        draw(folder / f"{number}" / "a.jpg")
    with run_wsgidav(folder) as server:
        add_webdav(server.address)
        clock.slow_down(EnteredService, "request")
        run_sync(COUNT)
    assert clock.takeovers == 0


def test_downloads(clock, folder):
    for number in range(3):
        draw(folder / f"{number}.jpg")
    with run_wsgidav(folder) as server:
        add_webdav(server.address, RENDITIONS="sync")
        clock.slow_down(FileServer, "download_file", http.MAX_DOWNLOAD_SECONDS)
        run_sync(3)
    assert clock.takeovers == 0


def test_file_of_a_slow_server(clock, folder, monkeypatch):
    """
    A thread reads the file in parts. The lease is renewed meanwhile.
    """
    monkeypatch.setattr(source, "WAIT_SECONDS", 0.01)
    renewed, count = Condition(), 0
    renew, read_range = Lease.renew, FileServer.read_range

    def count_renewal(lease):
        nonlocal count
        renew(lease)
        with renewed:
            count += 1
            renewed.notify_all()

    def read_slowly(*args):
        clock.advance(REQUEST_SECONDS)
        with renewed:
            expected = count + 1
            assert renewed.wait_for(lambda: count >= expected, timeout=20)
        return read_range(*args)

    monkeypatch.setattr(Lease, "renew", count_renewal)
    monkeypatch.setattr(FileServer, "read_range", read_slowly)
    draw(folder / "a.jpg")
    with run_wsgidav(folder) as server:
        add_webdav(server.address)
        run_sync(1)


def test_sync_ends_if_another_worker_has_taken_over(clock, folder, monkeypatch):
    """
    It ends at the next renewal, and is no failure of the service.
    """
    draw(folder / "a.jpg")
    with run_wsgidav(folder) as server:
        add_webdav(server.address)
        clock.slow_down(EnteredService, "request", LEASE_SECONDS + 1)
        with pytest.raises(SyncBusy, match="another worker"):
            sync(Identity.objects.get())
    assert clock.takeovers == 1
    assert Identity.objects.get().failures == 0


def test_limits_of_requests_are_shorter_than_the_lease():
    longest = max(http.MAX_DOWNLOAD_SECONDS, http.MAX_SECONDS)
    assert RENEWAL_SECONDS + http.MAX_REDIRECTS * sum(http.TIMEOUT) + longest < LEASE_SECONDS
