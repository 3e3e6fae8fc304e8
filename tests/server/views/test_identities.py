"""
My services, as they are looked at.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from django_trove.client.content import Photo, Video
from django_trove.server.models import Identity

from ..fake_connector import put, state

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=5)


def home(browser):
    return browser.get("/", secure=True).content.decode()


def now():
    return timezone.now()


@pytest.mark.parametrize(
    ("is_so", "said"),
    [
        ({"lease_expires_at": SOON, "items_seen": 1240, "items_expected": 3000}, "1240 of 3000"),
        ({"lease_expires_at": SOON, "items_seen": 7}, "7 so far"),
        (
            {"last_error": "Web is out of order.", "next_sync_at": SOON, "failures": 1},
            "Web is out of order.",
        ),
        ({"state": "needs_reconnect", "last_error": "Leave ran out."}, "to be connected again"),
        ({"state": "leaving"}, "It is being removed."),
        ({"last_synced_at": -SOON}, "Last looked at"),
        ({"sync_in_progress": True, "items_seen": 20}, "20 looked at; the rest is next."),
        ({}, "Its turn comes soon."),
        ({"last_synced_at": -SOON, "unreadable_count": 2}, "2 items could not be read"),
    ],
)
def test_an_account_says_how_far_it_is(browser, identity, is_so, said):
    values = {
        name: now() + value if isinstance(value, timedelta) else value
        for name, value in is_so.items()
    }
    Identity.objects.filter(pk=identity.pk).update(**values)
    assert said in home(browser)
    assert said in browser.get("/identities/progress/", secure=True).content.decode()


def test_what_runs_is_asked_for_again_and_what_is_done_is_not(browser, identity):
    """
    By the page's own script, which the policy lets in.
    """
    assert "data-running" in home(browser)
    Identity.objects.update(last_synced_at=now())
    assert "data-running" not in home(browser)


def test_accounts_cost_no_query_each(browser, make_identity, django_assert_max_num_queries):
    for number in range(5):
        make_identity(service_id=str(number))
    with django_assert_max_num_queries(5):
        home(browser)


def test_photos_and_videos_are_counted_by_what_is_kept(browser, index):
    index(Photo(id="1"), Photo(id="2"))
    assert "2 photos" in home(browser)
    assert "video" not in home(browser)
    index(Photo(id="1"), Photo(id="2"), Video(id="3"))
    assert "2 photos · 1 video" in home(browser)


def test_looking_again_forgets_earlier_failures(
    browser, service, account, django_capture_on_commit_callbacks
):
    """
    The person has mended something, and doesn't wait for the back-off.
    """
    put(service, "a")
    Identity.objects.update(failures=4, next_sync_at=now() + timedelta(days=1), last_error="Away.")
    with django_capture_on_commit_callbacks(execute=True):
        back = browser.post(f"/identities/{account.pk}/look/", secure=True)
    assert back.url == "/"
    row = state(account)
    assert (row.failures, row.last_error, row.items.count()) == (0, "", 1)
    assert "is looked at again" in home(browser)


def test_what_a_worker_was_asked_to_look_at_waits_its_turn(browser, identity, settings):
    """
    The page goes on asking until the worker has come to it, whatever was there before.
    """
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    Identity.objects.update(
        last_synced_at=now() - SOON, sync_started_at=now() - SOON, last_error="Away.", failures=3
    )
    assert "data-running" not in home(browser)
    browser.post(f"/identities/{identity.pk}/look/", secure=True)
    assert "Its turn comes soon." in home(browser)
    assert "data-running" in home(browser)


def test_nobody_looks_at_anothers_account_again(browser, make_identity, make_person):
    other = make_identity(user=make_person("grace"))
    assert browser.post(f"/identities/{other.pk}/look/", secure=True).status_code == 404
    assert browser.get(f"/identities/{other.pk}/look/", secure=True).status_code == 405
    assert str(other) not in browser.get("/identities/progress/", secure=True).content.decode()


def test_what_is_being_removed_is_not_looked_at_again(browser, identity):
    Identity.objects.update(state="leaving")
    assert reverse("trove_server:look_again", args=[identity.pk]) not in home(browser)
    assert browser.post(f"/identities/{identity.pk}/look/", secure=True).status_code == 404
