"""
Directories that the server may not list, as a user without privileges.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from django_trove.server.accounts.add import add_folder
from django_trove.server.models import Identity
from django_trove.server.sync.engine import SyncFailed, sync

from ..images import draw

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = 65_534


@contextmanager
def without_privileges():
    """
    Root may list every directory.
    """
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def photos():
    directory = Path(tempfile.mkdtemp()).resolve()  # the parents of tmp_path are private
    directory.chmod(0o755)
    folder = directory / "photos"
    draw(folder / "a.jpg")
    draw(folder / "sub" / "b.jpg")
    yield folder
    for path in (folder, folder / "sub"):
        path.chmod(0o755)
    shutil.rmtree(directory)


@pytest.fixture
def account(person, photos):
    account, _ = add_folder(person, photos)
    assert sync(account).added == 2
    Identity.objects.update(cursor={})
    return Identity.objects.get()


def test_a_folder_that_may_not_be_listed_keeps_its_items(account, photos):
    photos.chmod(0o311)  # it may be entered, but not listed
    with without_privileges(), pytest.raises(SyncFailed, match="permission"):
        sync(account)
    assert account.items.count() == 2


def test_items_of_a_directory_that_may_not_be_listed_are_kept(account, photos):
    (photos / "sub").chmod(0o311)
    with without_privileges():
        report = sync(account)
    assert report.removed == 0
    assert account.items.count() == 2
    assert [failure.name for failure in report.failures] == ["sub/"]


def test_a_file_in_a_directory_that_may_not_be_entered_is_kept_and_reported(account, photos):
    (photos / "sub").chmod(0o444)  # it may be listed, but not entered
    with without_privileges():
        report = sync(account)
    assert report.removed == 0
    assert account.items.count() == 2
    [failure] = report.failures
    assert failure.name == "sub/b.jpg"
    assert "permission" in failure.reason


def test_a_file_that_may_not_be_read_is_kept_and_reported(account, photos):
    (photos / "a.jpg").touch()
    (photos / "a.jpg").chmod(0)
    with without_privileges():
        report = sync(account)
    assert (report.removed, [failure.name for failure in report.failures]) == (0, ["a.jpg"])
    assert account.items.count() == 2
