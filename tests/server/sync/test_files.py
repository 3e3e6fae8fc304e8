"""
Files of pictures in a transaction that fails.
"""

import pytest

from django_trove.server.accounts.add import add_folder
from django_trove.server.media.storage import get_storage, storage_root
from django_trove.server.sync import ingest
from django_trove.server.sync.engine import SyncFailed, sync

from ..images import draw

pytestmark = pytest.mark.django_db(transaction=True)


def stored_files(account):
    names = {file["name"] for size, file in account.items.get().files.items() if size != "original"}
    return {name: get_storage().exists(name) for name in names}


def test_files_of_replaced_pictures_are_kept_until_the_commit(person, tmp_path, monkeypatch):
    picture = tmp_path / "photos" / "a.jpg"
    draw(picture, (500, 300))
    account, _ = add_folder(person, picture.parent)
    sync(account)
    before = stored_files(account)
    draw(picture, (900, 300))

    def fail(*args):
        raise RuntimeError("The database is full.")

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "_delete_by_id", fail)
        with pytest.raises(SyncFailed):
            sync(account)
    assert stored_files(account) == before == dict.fromkeys(before, True)
    assert set(before) == set(all_files(account))
    sync(account)
    assert set(stored_files(account).values()) == {True}
    assert not before.keys() & set(all_files(account))


def all_files(account):
    """
    Return the names of all files of an account in the storage.
    """
    pending, found = [f"{storage_root()}/{account.pk}"], []
    while pending:
        directory = pending.pop()
        directories, files = get_storage().listdir(directory)
        pending += [f"{directory}/{name}" for name in directories]
        found += [f"{directory}/{name}" for name in files]
    return found
