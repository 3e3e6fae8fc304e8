"""
Thumbnails that no item references.
"""

import os
import time
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import transaction

from django_trove.server.accounts.add import add_folder
from django_trove.server.connectors.base import Rendition
from django_trove.server.media.storage import save_renditions
from django_trove.server.models import Identity, Item
from django_trove.server.sync.engine import sync

from .images import draw
from .worker_processes import Workers, wait_until

pytestmark = pytest.mark.django_db

DAY = 86_400


@pytest.fixture
def account(person, tmp_path):
    for name in ("snow", "sea"):
        draw(tmp_path / "pictures" / f"{name}.jpg", (900, 700))
    identity = add_folder(person, tmp_path / "pictures")[0]
    sync(identity)
    return identity


def stored_files():
    root = Path(default_storage.location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def referenced_files():
    return {
        file["name"]
        for item in Item.objects.all()
        for size, file in item.files.items()
        if size != "original"
    }


def make_older(seconds):
    for name in stored_files():
        path = Path(default_storage.location, name)
        os.utime(path, (time.time() - seconds,) * 2)


def save_unreferenced(identity_id):
    files = save_renditions(identity_id, {"thumbnail": Rendition(b"x", "image/jpeg")})
    return files["thumbnail"]["name"]


def run(capsys, **options):
    call_command("trove_delete_unused_files", **options)
    return capsys.readouterr().out.strip()


def test_only_unreferenced_files_are_deleted(account, capsys):
    save_unreferenced(account.pk)
    save_unreferenced(account.pk + 1)  # of an account that does not exist any more
    make_older(2 * DAY)
    assert run(capsys, dry_run=True) == "2 unused files, 0 deleted."
    assert run(capsys) == "2 unused files, 2 deleted."
    assert stored_files() == referenced_files() != set()
    assert run(capsys) == "0 unused files, 0 deleted."


def test_recent_files_are_kept(account, capsys):
    """
    The transaction of a sync may not be committed yet.
    """
    save_unreferenced(account.pk)
    assert run(capsys, hours=1) == "0 unused files, 0 deleted."
    with pytest.raises(CommandError, match="1 or more"):
        run(capsys, hours=0)


def test_files_of_a_transaction_that_was_rolled_back(account, capsys, tmp_path):
    draw(tmp_path / "pictures" / "new.jpg", (900, 700))
    with transaction.atomic():
        sync(account)
        transaction.set_rollback(True)
    assert stored_files() > referenced_files()
    make_older(2 * DAY)
    run(capsys)
    assert stored_files() == referenced_files()


def test_files_of_another_trove_in_the_same_storage_are_kept(account, capsys, settings):
    make_older(2 * DAY)
    Item.objects.all().delete()
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "INSTALLATION": "another"}
    before = stored_files()
    assert run(capsys) == "0 unused files, 0 deleted."
    assert stored_files() == before


def test_without_thumbnails(db, capsys):
    assert run(capsys) == "0 unused files, 0 deleted."


class WriteOnlyStorage(FileSystemStorage):
    def listdir(self, path):
        raise NotImplementedError


def test_storage_that_cannot_list_files(db, settings, capsys):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": f"{__name__}.WriteOnlyStorage"},
    }
    with pytest.raises(CommandError, match="cannot list files"):
        run(capsys)


@pytest.mark.django_db(transaction=True)
def test_files_of_a_killed_process(person, tmp_path, capsys):
    for number in range(60):
        draw(tmp_path / "pictures" / f"{number}.jpg", (1200, 900))
    add_folder(person, tmp_path / "pictures")
    workers = Workers()
    try:
        process = workers.start("trove_sync", "-v0")
        wait_until(lambda: len(stored_files()) > 4, process)
        workers.kill(process)
    finally:
        workers.end()
    Identity.objects.update(lease="", lease_expires_at=None)
    sync(Identity.objects.get())
    assert stored_files() >= referenced_files()  # equal, if it was killed between two batches
    make_older(2 * DAY)
    run(capsys)
    assert stored_files() == referenced_files()
    assert Item.objects.count() == 60
