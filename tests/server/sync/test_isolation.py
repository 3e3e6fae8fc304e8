"""
An error in one account affects only that account.
"""

import os

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from django_trove.server import signals
from django_trove.server.accounts.add import add_folder
from django_trove.server.accounts.removal import delete_user_data
from django_trove.server.connectors.errors import RetryLater, ServiceFailed
from django_trove.server.connectors.folder import Folder
from django_trove.server.models import GrantedFolder, Identity, Item, ServicePause
from django_trove.server.sync.engine import SyncFailed, sync
from django_trove.server.sync.lease import Lease
from django_trove.server.tasks import delete_identity, sync_identity

from ..images import draw

pytestmark = pytest.mark.django_db

SECRET = "secret-of-the-bucket"


class FailingStorage(FileSystemStorage):
    """
    A storage for which one photo's thumbnails fail, with an exception of its own, as S3's.
    """

    class Error(Exception):
        pass

    saved = 0

    def save(self, name, content, max_length=None):
        type(self).saved += 1
        name = super().save(name, content, max_length)
        if self.saved in self.failing:
            raise self.Error(SECRET)
        return name


class FullStorage(FailingStorage):
    failing = range(1, 100)


class BrieflyFullStorage(FailingStorage):
    failing = (2,)


@pytest.fixture
def folders(person, make_person, tmp_path):
    accounts = []
    for user in (person, make_person("ben"), make_person("eve")):
        for name in ("snow", "sea"):
            draw(tmp_path / user.username / f"{name}.jpg", (900, 700))
        accounts.append(add_folder(user, tmp_path / user.username)[0])
    return accounts


@pytest.fixture
def use_storage(settings):
    def use(storage):
        storage.saved = 0
        backend = {"BACKEND": f"{__name__}.{storage.__name__}"}
        settings.STORAGES = {**settings.STORAGES, "default": backend}

    return use


def stored_files():
    return [name for _, _, names in os.walk(default_storage.location) for name in names]


def sync_due(expected=None):
    if expected is None:
        call_command("trove_sync", due=True, verbosity=0)
        return
    with pytest.raises(CommandError, match=expected):
        call_command("trove_sync", due=True, verbosity=0)


def check_failed(account, text):
    row = Identity.objects.get(pk=account.pk)
    assert (row.failures, row.lease, row.state) == (1, "", Identity.State.ACTIVE)
    assert text in row.last_error
    assert SECRET not in row.last_error
    assert row.next_sync_at > timezone.now()


def test_full_storage_is_recorded_in_each_account(folders, use_storage, settings, caplog):
    use_storage(FullStorage)
    sync_due("3 accounts failed")
    for account in folders:
        check_failed(account, "cannot store thumbnails")
    assert not stored_files()
    assert not Item.objects.exists()
    sync_due()  # not due before the end of the back-off
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": FILES}}
    Identity.objects.update(next_sync_at=timezone.now())
    sync_due()
    assert Item.objects.count() == 6
    assert not Identity.objects.exclude(failures=0, last_error="").exists()


FILES = "django.core.files.storage.FileSystemStorage"


def test_storage_error_of_one_account_does_not_stop_the_others(folders, use_storage):
    use_storage(BrieflyFullStorage)
    sync_due("1 accounts failed")
    check_failed(folders[0], "cannot store thumbnails")
    assert set(Item.objects.values_list("identity", flat=True)) == {a.pk for a in folders[1:]}
    assert len(stored_files()) == len(
        {
            file["name"]
            for item in Item.objects.all()
            for size, file in item.files.items()
            if size != "original"
        }
    )


def test_directory_that_cannot_be_written(folders, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "a-file"
    settings.MEDIA_ROOT.write_text("")
    sync_due("3 accounts failed")
    check_failed(folders[1], "cannot store thumbnails")


def fail_for(account, error, method, monkeypatch, target):
    original = getattr(target, method)

    def fail(self, *args, **kwargs):
        if str(account.user.username) in str(self.settings["path"]):
            raise error
        return original(self, *args, **kwargs)

    monkeypatch.setattr(target, method, fail)


@pytest.mark.parametrize("error", [RuntimeError(SECRET), MemoryError(), OSError(28, SECRET)])
def test_unexpected_error_does_not_stop_the_others(folders, monkeypatch, error, caplog):
    fail_for(folders[1], error, "batches", monkeypatch, Folder)
    sync_due("1 accounts failed")
    check_failed(folders[1], "The server log has the details.")
    assert Item.objects.count() == 4
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("reason", ["\0 of the service", "\ud800 of the service"])
def test_reason_that_cannot_be_stored_does_not_stop_the_others(folders, monkeypatch, reason):
    fail_for(folders[1], ServiceFailed(reason), "batches", monkeypatch, Folder)
    sync_due("1 accounts failed")
    check_failed(folders[1], "of the service")
    assert Item.objects.count() == 4


def test_reason_of_a_pause_that_cannot_be_stored(folders, monkeypatch):
    error = RetryLater("\0 and \ud800", 900, all_accounts=True)
    fail_for(folders[0], error, "batches", monkeypatch, Folder)
    with pytest.raises(SyncFailed):
        sync(folders[0])
    check_failed(folders[0], "? and ?")
    assert ServicePause.objects.get().reason == "? and ?"


def test_error_while_a_failure_is_recorded_does_not_stop_the_others(folders, monkeypatch):
    original = Lease.back_off

    def fail(self, *args):
        if self.identity.pk == folders[1].pk:
            raise RuntimeError(SECRET)
        original(self, *args)

    monkeypatch.setattr(Lease, "back_off", fail)
    fail_for(folders[1], ServiceFailed("Not now."), "batches", monkeypatch, Folder)
    sync_due("1 accounts failed")
    assert Item.objects.count() == 4


def test_unexpected_error_in_a_task_is_recorded(folders, use_storage):
    use_storage(FullStorage)
    sync_identity.enqueue(folders[0].pk)
    check_failed(folders[0], "cannot store thumbnails")


def test_error_of_a_receiver_does_not_stop_the_others(folders):
    def fail(**kwargs):
        raise RuntimeError

    signals.identity_synced.connect(fail)
    try:
        sync_due()
    finally:
        signals.identity_synced.disconnect(fail)
    assert Item.objects.count() == 6


def test_database_error_of_one_account_is_recorded(folders, monkeypatch):
    """
    For example, a statement timeout.
    """
    fail_for(folders[0], OperationalError("timeout"), "batches", monkeypatch, Folder)
    sync_due("1 accounts failed")
    check_failed(folders[0], "database is unavailable")
    assert Item.objects.count() == 4


def test_command_ends_with_a_message_if_the_database_is_unavailable(folders, capsys):
    seen = []

    def fail(execute, sql, *args):
        seen.append(sql)
        if len(seen) > 25:
            raise OperationalError("terminating connection due to administrator command")
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        sync_due("The database is unavailable. The sync will resume.")
    assert "synced" in capsys.readouterr().out


def test_failed_deletion_does_not_stop_the_others(folders, monkeypatch, person):
    sync_due()
    first = folders[0]
    Identity.objects.filter(pk__in=[first.pk, folders[1].pk]).mark_for_deletion()
    original = Identity.delete

    def fail(self, *args, **kwargs):
        if self.pk == first.pk:
            raise RuntimeError(SECRET)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(Identity, "delete", fail)
    Identity.objects.update(next_sync_at=timezone.now())
    sync_due()
    delete_identity.enqueue(first.pk)
    delete_user_data(person)
    row = Identity.objects.get(pk=first.pk)
    assert (row.state, row.failures) == (Identity.State.DELETING, 3)
    assert "could not be deleted" in row.last_error
    assert not Identity.objects.filter(pk=folders[1].pk).exists()
    monkeypatch.undo()
    sync_due()
    assert not Identity.objects.filter(pk=first.pk).exists()


def test_first_sync_with_a_full_storage_renders_a_page(
    browser, person, use_storage, settings, tmp_path
):
    draw(tmp_path / "ada" / "trip" / "snow.jpg")
    GrantedFolder.objects.create(user=person, path="ada")
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
    use_storage(FullStorage)
    link = browser.post("/add/", {"service": "folder"}, secure=True)
    response = browser.post(link.url, {"folder": "trip"}, secure=True)
    assert response.status_code == 503
    assert b"could not be imported" in response.content


def test_sync_raises_only_sync_failed(folders, use_storage):
    use_storage(FullStorage)
    with pytest.raises(SyncFailed, match="cannot store"):
        sync(folders[0])
