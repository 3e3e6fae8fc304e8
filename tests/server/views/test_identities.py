"""
Sync status of the accounts.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from django_trove.client.content import Checkin, Friend, Photo, Status, Video
from django_trove.server.models import Identity

from ..fake_connector import put, state

pytestmark = pytest.mark.django_db

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SOON = timedelta(minutes=5)


def home(browser):
    return browser.get("/", secure=True).content.decode()


def now():
    return timezone.now()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"lease_expires_at": SOON, "items_seen": 1240, "items_expected": 3000},
            "1240 of 3000 synced",
        ),
        ({"lease_expires_at": SOON, "items_seen": 7}, "7 synced"),
        ({"last_error": "Out of order.", "next_sync_at": SOON, "failures": 1}, "Out of order."),
        (
            {"state": "needs_reconnect", "last_error": "It expired."},
            "It expired. Reconnect required.",
        ),
        ({"state": "leaving"}, "Removal in progress"),
        ({"last_synced_at": -SOON}, "Last successful sync"),
        ({"sync_in_progress": True, "items_seen": 20}, "20 synced, waiting to continue"),
        ({}, "Waiting for sync"),
        ({"last_synced_at": -SOON, "unreadable_count": 2}, "2 items could not be read"),
    ],
)
def test_the_sync_status_is_shown(browser, identity, fields, text):
    values = {
        name: now() + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    Identity.objects.filter(pk=identity.pk).update(**values)
    assert text in home(browser)
    assert text in browser.get("/identities/progress/", secure=True).content.decode()


def test_the_next_attempt_after_a_failure_is_shown(browser, identity):
    next_sync_at = datetime(2030, 5, 6, 12, tzinfo=UTC)
    Identity.objects.update(last_error="Out of order.", failures=1, next_sync_at=next_sync_at)
    assert "Next attempt: May 6, 2030" in home(browser)


@pytest.mark.parametrize(
    ("next_sync_at", "text"),
    [(datetime(2030, 5, 6, 12, tzinfo=UTC), "Next sync: May 6, 2030"), (EPOCH, "is due")],
)
def test_the_next_sync_is_shown(browser, identity, next_sync_at, text):
    Identity.objects.update(last_synced_at=now(), next_sync_at=next_sync_at)
    assert text in home(browser)


def test_a_failed_account_shows_the_last_sync_and_what_to_do(browser, identity, settings):
    Identity.objects.update(last_error="Out of order.", failures=1, last_synced_at=now())
    assert "Last successful sync" in home(browser)
    assert "If it fails again, ask the operator of this Trove." in home(browser)
    keys = {"KEY": "key", "SECRET": "secret"}
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SERVICES": {"flickr": keys}}
    assert f'<a href="/identities/{identity.pk}/reconnect/">reconnect the account</a>' in home(
        browser
    )


def test_the_script_polls_only_while_a_sync_is_pending(browser, identity):
    assert "data-running" in home(browser)
    Identity.objects.update(last_synced_at=now())
    assert "data-running" not in home(browser)


def test_the_number_of_queries_is_constant(browser, make_identity, django_assert_max_num_queries):
    for number in range(5):
        make_identity(service_id=str(number))
    with django_assert_max_num_queries(6):
        home(browser)


def test_photos_and_videos_are_counted(browser, index):
    index(Photo(id="1"), Photo(id="2"))
    assert "2 photos" in home(browser)
    assert "video" not in home(browser)
    index(Photo(id="1"), Photo(id="2"), Video(id="3"))
    assert "2 photos · 1 video" in home(browser)


def test_items_of_each_type_are_counted(browser, index):
    index(Status(id="1"), Status(id="2"), Checkin(id="1"), Friend(id="1"))
    page = home(browser)
    assert "2 status updates · 1 check-in · 1 friend" in page
    assert "photo" not in page.partition("Your services")[2].partition("Your data")[0]


def test_missing_permissions_are_named_with_a_link_to_reconnect(browser, identity):
    assert "has not permitted" not in home(browser)
    identity.unpermitted_types = ["status", "friends"]
    identity.save()
    page = home(browser)
    assert "Flickr has not permitted: status updates, friends." in page
    assert f'href="/identities/{identity.pk}/reconnect/"' in page
    Identity.objects.update(state=Identity.State.NEEDS_RECONNECT)
    assert "has not permitted" not in home(browser)


def test_sync_now_resets_failures_and_the_back_off(
    browser, service, account, django_capture_on_commit_callbacks
):
    put(service, "a")
    Identity.objects.update(failures=4, next_sync_at=now() + timedelta(days=1), last_error="Away.")
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(f"/identities/{account.pk}/sync/", secure=True)
    assert response.url == "/"
    row = state(account)
    assert (row.failures, row.last_error, row.items.count()) == (0, "", 1)
    assert "has started" in home(browser)


def test_a_sync_that_was_enqueued_for_a_worker_is_queued(browser, identity, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    Identity.objects.update(
        last_synced_at=now() - SOON, sync_started_at=now() - SOON, last_error="Away.", failures=3
    )
    assert "data-running" not in home(browser)
    browser.post(f"/identities/{identity.pk}/sync/", secure=True)
    assert "Waiting for sync" in home(browser)
    assert "data-running" in home(browser)


def test_another_users_account_is_not_found(browser, make_identity, make_person):
    other = make_identity(user=make_person("grace"))
    assert browser.post(f"/identities/{other.pk}/sync/", secure=True).status_code == 404
    assert browser.get(f"/identities/{other.pk}/sync/", secure=True).status_code == 405
    assert str(other) not in browser.get("/identities/progress/", secure=True).content.decode()


def test_an_account_being_removed_cannot_be_synced(browser, identity):
    Identity.objects.update(state="leaving")
    assert reverse("trove_server:sync_now", args=[identity.pk]) not in home(browser)
    assert browser.post(f"/identities/{identity.pk}/sync/", secure=True).status_code == 404
