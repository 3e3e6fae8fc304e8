"""
Listings that do not contain all items: nothing is removed from the index.
"""

import io
import os
import shutil

import pytest
from django.core.management import call_command
from django.urls import reverse

from django_trove.server.accounts.add import add_folder
from django_trove.server.connectors.base import Batch, Connector
from django_trove.server.connectors.facebook import connector as facebook_connector
from django_trove.server.connectors.registry import CONNECTORS
from django_trove.server.connectors.smugmug import connector as smugmug_connector
from django_trove.server.models import Identity
from django_trove.server.sync.engine import SyncFailed, sync
from fake_services.base import json_response

from ..fake_services import Services
from ..images import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def services(settings, browser):
    services = Services(settings, browser, count=60)
    yield services
    services.stack.close()


def sync_completely(account):
    """
    Sync again, as if the last full sync was long ago.
    """
    Identity.objects.filter(pk=account.pk).update(cursor={})
    report = sync(Identity.objects.get(pk=account.pk))
    account.refresh_from_db()
    return report


def home(browser):
    return browser.get("/", secure=True).content.decode()


class TestFlickr:
    """
    Pages with fewer photos than `total`.
    """

    def test_omitted_photos_are_kept_with_the_reason(self, services, browser):
        account = services.add("flickr")
        services["flickr"].omitted_numbers = set(range(1, 11))
        assert sync_completely(account).removed == 0
        assert account.items.count() == 60
        assert (account.kept_items, account.last_error) == (10, "")
        assert account.kept_reason == "The service listed only 50 of 60 items."
        page = home(browser)
        assert "10 items were not found, but were kept." in page
        assert "listed only 50 of 60 items." in page

    def test_message_ends_when_the_photos_are_listed_again(self, services, browser):
        account = services.add("flickr")
        services["flickr"].omitted_numbers = {1}
        sync_completely(account)
        services["flickr"].omitted_numbers = set()
        sync_completely(account)
        assert (account.kept_items, account.kept_reason) == (0, "")
        assert "were kept" not in home(browser)

    def test_deleted_photos_are_removed(self, services):
        account = services.add("flickr")
        del services["flickr"].photos[:10]
        assert sync_completely(account).removed == 10

    def test_all_photos_were_deleted(self, services):
        account = services.add("flickr")
        services["flickr"].photos.clear()
        assert sync_completely(account).removed == 60


class TestSmugMug:
    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch):
        monkeypatch.setattr(smugmug_connector, "PAGE_SIZE", 6)

    def test_listing_in_changing_order_removes_nothing(self, services):
        account = services.add("smugmug")
        services["smugmug"].shuffles = True
        assert sync_completely(account).removed == 0
        assert account.items.count() == 60
        assert "changed the order of an album" in account.kept_reason

    def test_resumed_listing_in_stable_order_removes_deleted_images(self, services):
        account = services.add("smugmug")
        del services["smugmug"].photos[10:20]
        Identity.objects.update(cursor={})
        for _ in range(5):
            assert not sync(Identity.objects.get(pk=account.pk), seconds=0).complete
        assert sync(Identity.objects.get(pk=account.pk)).removed == 10
        account.refresh_from_db()
        assert account.kept_items == 0


class TestFacebook:
    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch):
        monkeypatch.setattr(facebook_connector, "LIMIT", 10)

    def test_next_page_without_cursors_is_requested(self, services):
        services["facebook"].sends_cursors = False
        assert services.add("facebook").items.count() == 60

    def test_next_page_without_parameters_is_an_incomplete_listing(self, services):
        account = services.add("facebook")
        services["facebook"].sends_cursors = services["facebook"].sends_after = False
        with pytest.raises(SyncFailed, match="incomplete page"):
            sync_completely(account)
        assert account.items.count() == 60

    @pytest.mark.parametrize("code", [341, 368, 80_004, 999])
    def test_error_on_the_second_page_ends_the_sync_after_few_calls(self, services, code):
        account = services.add("facebook")
        fake, before = services["facebook"], len(services["facebook"].request_paths)
        error = json_response({"error": {"code": code, "message": "x"}}, 400)
        fake.failures = [None, *[error] * 100]
        with pytest.raises(SyncFailed):
            sync_completely(account)
        assert len(fake.request_paths) - before < 10
        account.refresh_from_db()
        assert account.failures == 1

    def test_cursor_that_is_rejected_every_time_ends_the_sync(self, services):
        account = services.add("facebook")
        fake, before = services["facebook"], len(services["facebook"].request_paths)
        error = json_response({"error": {"code": 100, "message": "invalid cursor"}}, 400)
        fake.failures = [None, error, None, error, None, error, None, error]
        with pytest.raises(SyncFailed):
            sync_completely(account)
        assert len(fake.request_paths) - before < 10
        assert account.items.count() == 60


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    for name in ("a.jpg", "trip/b.jpg", "trip/c.jpg"):
        draw(root / name)
    return root


@pytest.fixture
def folder_account(person, folder):
    account = add_folder(person, folder)[0]
    sync(account)
    return account


class TestFolder:
    def test_empty_mount_point_removes_nothing(self, folder_account, folder, browser):
        shutil.rmtree(folder)
        folder.mkdir()
        assert sync_completely(folder_account).removed == 0
        assert folder_account.items.count() == 3
        assert folder_account.kept_reason == (
            "The folder pictures is empty. Its disk may not be mounted."
        )
        assert "3 items were not found, but were kept." in home(browser)

    def test_empty_mount_point_in_a_sub_folder_removes_nothing(self, folder_account, folder):
        for path in (folder / "trip").iterdir():
            path.unlink()
        assert sync_completely(folder_account).removed == 0
        assert folder_account.items.count() == 3
        assert "trip/ is empty" in folder_account.kept_reason

    def test_empty_folder_that_never_had_files_is_ignored(self, folder_account, folder):
        (folder / "new").mkdir()
        (folder / "a.jpg").unlink()
        assert sync_completely(folder_account).removed == 1

    def test_deleted_folder_is_removed(self, folder_account, folder):
        shutil.rmtree(folder / "trip")
        assert sync_completely(folder_account).removed == 2

    def test_operator_confirms_the_removal_in_the_admin(
        self, folder_account, folder, admin_client, browser
    ):
        shutil.rmtree(folder)
        folder.mkdir()
        sync_completely(folder_account)
        url = reverse("admin:trove_server_identity_changelist")
        form = {"action": "confirm_removals", "_selected_action": [folder_account.pk]}
        page = admin_client.post(url, form, follow=True, secure=True).content.decode()
        assert "Removal confirmed for 1 account." in page
        folder_account.refresh_from_db()
        assert (folder_account.items.count(), folder_account.kept_items) == (0, 0)
        assert "were kept" not in home(browser)

    def test_confirmation_does_not_apply_to_more_items(self, folder_account, folder):
        (folder / "trip" / "b.jpg").unlink()
        (folder / "trip" / "c.jpg").unlink()
        sync_completely(folder_account)
        Identity.objects.confirm_removals()
        (folder / "a.jpg").unlink()
        assert sync_completely(folder_account).removed == 0
        assert (folder_account.kept_items, folder_account.confirmed_removals) == (3, 0)

    def test_operator_confirms_the_removal_with_the_command(self, folder_account, folder):
        shutil.rmtree(folder)
        folder.mkdir()
        sync_completely(folder_account)
        call_command("trove_sync", confirm_removals=True, user="ada", stdout=(out := io.StringIO()))
        assert "3 removed" in out.getvalue()
        assert folder_account.items.count() == 0

    def test_command_reports_kept_items(self, folder_account, folder):
        shutil.rmtree(folder)
        folder.mkdir()
        err = io.StringIO()
        call_command("trove_sync", stdout=io.StringIO(), stderr=err)
        assert "3 items were not found, but were kept. The folder" in err.getvalue()
        assert "--confirm-removals" in err.getvalue()


@pytest.mark.parametrize("name", [b"Fu\xdfball.jpg", b"Fu\xdfball.txt", b"Fu\xdf/ball.jpg"])
def test_name_that_is_not_utf8_is_reported_and_the_rest_is_imported(person, tmp_path, name):
    root = tmp_path / "pictures"
    draw(root / "ok.jpg")
    path = os.path.join(os.fsencode(root), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(root / "ok.jpg", path)
    account = add_folder(person, root)[0]
    report = sync(account)
    assert list(account.items.values_list("service_id", flat=True)) == ["ok.jpg"]
    assert [failure.reason for failure in report.failures] == ["The file name is not UTF-8."]
    assert "\\xdf" in report.failures[0].name
    assert sync_completely(account).removed == 0


def test_ids_that_the_database_rejects_do_not_stop_a_sync(make_identity, monkeypatch):
    class Odd(Connector):
        def batches(self, cursor, known):
            ids = ("a\0b", "a\udcffb")
            assert not known(ids)
            yield Batch(seen=ids, unlisted=ids, emptied=ids)

    monkeypatch.setitem(CONNECTORS, "odd", Odd)
    assert sync(make_identity(service="odd")).complete


def test_listing_without_an_end_is_stopped(make_identity, monkeypatch):
    class Endless(Connector):
        title = "Endless"
        count = 0

        def batches(self, cursor, known):
            while True:
                self.count += 1
                yield Batch(seen=("a", "b"), albums={"x": ("a", "b")})

    monkeypatch.setitem(CONNECTORS, "endless", Endless)
    with pytest.raises(SyncFailed, match="Endless listed the same items repeatedly"):
        sync(make_identity(service="endless"))


def test_calls_for_one_batch_are_limited(services):
    """
    A connector that requests pages without an end, and yields none of them.
    """
    account = services.add("smugmug")
    fake = services["smugmug"]
    albums = {"Response": {"Album": [], "Pages": {"NextPage": "/api/v2/user/ada!albums?start=1"}}}
    fake.failures = [json_response({"Code": 200, **albums})] * 2000
    before = len(fake.request_paths)
    with pytest.raises(SyncFailed, match="too many requests"):
        sync_completely(account)
    assert len(fake.request_paths) - before <= 501
