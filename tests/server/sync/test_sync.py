import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.server import signals
from django_trove.server.accounts.add import add_folder
from django_trove.server.connectors.base import Batch, Connector, FoundItem, ItemFailure, Rendition
from django_trove.server.connectors.registry import CONNECTORS
from django_trove.server.media.storage import save_renditions
from django_trove.server.models import Identity, Item, ItemTag
from django_trove.server.search.engine import search
from django_trove.server.sync.engine import SyncBusy, SyncFailed, sync
from django_trove.server.sync.lease import Lease, acquire_lease

from ..images import draw, xmp

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    draw(root / "snow.jpg", xmp=xmp("Snow", tags=["snow", "white"]))
    draw(root / "sea.jpg", xmp=xmp("Sea", tags=["sea"]))
    return root


@pytest.fixture
def identity(person, folder):
    return add_folder(person, folder)[0]


def counts(report):
    return report.added, report.changed, report.removed, report.unchanged


def stored_files():
    return [name for folder, _, names in os.walk(default_storage.base_location) for name in names]


def test_second_sync_imports_only_changes(identity, folder, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert counts(sync(identity)) == (2, 0, 0, 0)
        assert counts(sync(identity)) == (0, 0, 0, 2)
        draw(folder / "snow.jpg", (90, 60), xmp=xmp("Ice", tags=["white", "ice"]))
        draw(folder / "new.jpg")
        (folder / "sea.jpg").unlink()
    with django_capture_on_commit_callbacks(execute=True):
        assert counts(sync(identity)) == (1, 1, 1, 0)
    assert set(Item.objects.values_list("title", flat=True)) == {"Ice", "new"}
    tags = ItemTag.objects.values_list("tag__name", flat=True)
    assert sorted(tags) == ["ice", "white"]
    files = [file for item in Item.objects.all() for file in item.files.values()]
    stored = {file["name"] for file in files if "name" in file}
    assert all(map(default_storage.exists, stored))
    assert len(stored) == len(stored_files()) == 2


def test_unchanged_items_only_get_the_sync_number(identity, django_assert_max_num_queries):
    sync(identity)
    before = Item.objects.order_by("pk").values()
    with django_assert_max_num_queries(13) as sql:
        sync(identity)
    assert not [query for query in sql.captured_queries if "INSERT" in query["sql"]]
    assert [{**item, "sync_number": 2} for item in before] == list(
        Item.objects.order_by("pk").values()
    )


def test_changed_item_keeps_its_id(identity, folder):
    sync(identity)
    before = Item.objects.get(title="Snow").pk
    draw(folder / "snow.jpg", xmp=xmp("Ice"))
    sync(identity)
    assert Item.objects.get(title="Ice").pk == before


def test_damaged_file_keeps_its_indexed_item(identity, folder):
    sync(identity)
    whole = (folder / "snow.jpg").read_bytes()
    (folder / "snow.jpg").write_bytes(whole[:300])
    report = sync(identity)
    assert [failure.name for failure in report.failures] == ["snow.jpg"]
    assert Item.objects.count() == 2


def test_missing_folder_removes_no_items(identity, folder):
    sync(identity)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(SyncFailed, match="does not exist"):
        sync(identity)
    assert Item.objects.count() == 2


def test_force_update_syncs_before_the_query(person, identity, folder):
    sync(identity)
    draw(folder / "new.jpg")
    assert len(search(person, Query(), "")) == 2
    assert len(search(person, Query(force_update=True), "")) == 3
    folder.rename(folder.with_name("elsewhere"))
    assert len(search(person, Query(force_update=True), "")) == 3


def test_signals_are_sent_on_commit(person, folder, django_capture_on_commit_callbacks):
    received = []
    for signal in (signals.identity_added, signals.identity_synced):
        signal.connect(
            lambda signal, **data: received.append((signal, data)), weak=False, dispatch_uid="t"
        )
    try:
        with django_capture_on_commit_callbacks(execute=True):
            identity, _ = add_folder(person, folder)
            report = sync(identity)
    finally:
        for signal in (signals.identity_added, signals.identity_synced):
            signal.disconnect(dispatch_uid="t")
    synced = [data for signal, data in received if signal is signals.identity_synced]
    assert [data["report"] for data in synced] == [report]
    assert any(signal is signals.identity_added for signal, _ in received)


def test_connector_may_yield_items_without_files(monkeypatch, person, make_identity):
    class Web(Connector):
        def batches(self, cursor, known):
            urls = {"original": "https://web.example/1.jpg"}
            photo = Photo(id="1", urls=urls, owner="ada", tags=("a" * 300, "b"))
            yield Batch(items=(FoundItem(content=photo, etag="1"),), seen=("1",))
            yield Batch(failures=(ItemFailure(name="2", reason="It is private."),), seen=("2",))

    monkeypatch.setitem(CONNECTORS, "web", Web)
    report = sync(make_identity(service="web"))
    assert (report.added, len(report.failures)) == (1, 1)
    [found] = search(person, Query(tags_required=["b"]), "https://trove.example")
    assert found.urls.original == found.original_web_url == "https://web.example/1.jpg"
    assert (found.owner, found.service) == ("ada", "web")


@pytest.mark.parametrize("owner", ["item", "identity", "person"])
def test_deleting_an_owner_object_deletes_thumbnails(
    identity, person, owner, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sync(identity)
    with django_capture_on_commit_callbacks() as callbacks:
        {"item": Item.objects.all(), "identity": identity, "person": person}[owner].delete()
    assert stored_files()
    for call in callbacks:
        call()
    assert not stored_files()


@pytest.fixture
def slow(monkeypatch, make_identity):
    """
    An account with ten batches. `slow.begun` is set after the first one; the others wait for
    `slow.go`.
    """
    begun, go = threading.Event(), threading.Event()

    class Slow(Connector):
        def batches(self, cursor, known):
            for number in map(str, range(10)):
                small = Rendition(b"picture", "image/jpeg")
                photo = Photo(id=number)
                found = FoundItem(content=photo, etag="1", renditions={"thumbnail": small})
                yield Batch(items=(found,), seen=(number,), total=10)
                begun.set()
                go.wait(timeout=20)

    monkeypatch.setitem(CONNECTORS, "slow", Slow)
    identity = make_identity(service="slow")
    return SimpleNamespace(identity=identity, begun=begun, go=go)


@pytest.fixture
def in_thread():
    def run(call):
        def response():
            try:
                return call()
            finally:
                connection.close()

        return pool.submit(response)

    with ThreadPoolExecutor() as pool:
        yield run


@pytest.mark.django_db(transaction=True)
def test_only_one_worker_syncs_an_account(slow, in_thread):
    first = in_thread(lambda: sync(Identity.objects.get(pk=slow.identity.pk)))
    assert slow.begun.wait(timeout=10)
    slow.identity.refresh_from_db()
    assert (slow.identity.items_seen, slow.identity.items_expected) == (1, 10)
    with pytest.raises(SyncBusy, match="already running"):
        sync(slow.identity)
    slow.go.set()
    assert first.result(timeout=20).added == 10
    slow.identity.refresh_from_db()
    assert (slow.identity.items_seen, slow.identity.lease, slow.identity.lease_expires_at) == (
        10,
        "",
        None,
    )
    assert len(stored_files()) == Item.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_worker_with_an_expired_lease_writes_nothing(slow, in_thread):
    late = in_thread(lambda: sync(Identity.objects.get(pk=slow.identity.pk)))
    assert slow.begun.wait(timeout=10)
    Identity.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    with acquire_lease(slow.identity):
        slow.go.set()
        with pytest.raises(SyncBusy, match="another worker"):
            late.result(timeout=20)
        assert Item.objects.count() == 1
    assert sync(slow.identity).added == 9
    assert len(stored_files()) == Item.objects.count() == 10


def test_expired_lease_of_a_killed_worker_can_be_acquired(identity):
    Lease(identity).acquire()
    with pytest.raises(SyncBusy):
        sync(identity)
    Identity.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert sync(identity).added == 2


def test_failures_increase_the_backoff(identity, folder):
    folder.rename(folder.with_name("elsewhere"))
    waits = []
    for _ in range(4):
        with pytest.raises(SyncFailed):
            sync(Identity.objects.get())
        waits.append((Identity.objects.get().next_sync_at - timezone.now()).total_seconds())
    assert 25 < waits[0] <= 60
    assert 235 < waits[3] <= 480
    failed = Identity.objects.get()
    assert (failed.failures, "does not exist" in failed.last_error) == (4, True)
    assert not Identity.objects.due().exists()
    folder.with_name("elsewhere").rename(folder)
    sync(failed)
    well = Identity.objects.get()
    assert (well.failures, well.last_error) == (0, "")
    assert well.next_sync_at > timezone.now() + timedelta(hours=5)


def test_account_removed_during_a_sync_leaves_no_files(monkeypatch, identity):
    keep = save_renditions

    def late(*args):
        Identity.objects.all().delete()
        return keep(*args)

    monkeypatch.setattr("django_trove.server.sync.ingest.save_renditions", late)
    with pytest.raises(SyncFailed, match="removed"):
        sync(identity)
    assert not stored_files()


def test_unknown_service_is_reported(make_identity):
    with pytest.raises(SyncFailed, match="orkut"):
        sync(make_identity(service="orkut"))
