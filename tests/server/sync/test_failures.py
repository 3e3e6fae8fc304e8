"""
Whatever goes wrong on the way: nothing is lost, nothing comes twice, and in the end the index shows
what the service shows.
"""

import sqlite3
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_trove.client.query import Query
from django_trove.server.models import Identity, Item, ServicePause, Tag
from django_trove.server.search.engine import search
from django_trove.server.sync.engine import SyncBusy, SyncFailed, sync
from django_trove.server.sync.lease import LEASE_SECONDS

from ..fake_connector import put, state

pytestmark = pytest.mark.django_db


def shown(account):
    items = Item.objects.filter(identity=account)
    return {item.service_id: (item.title, tuple(item.tags)) for item in items}


def held(service):
    return {name: (item["title"], tuple(item["tags"])) for name, item in service.items.items()}


def look(account, **more):
    return sync(Identity.objects.get(pk=account.pk), **more)


def test_a_look_in_slices_goes_on_where_it_was(service, account):
    """
    No page is asked for twice, and progress is kept over them.
    """
    put(service, *"abcdefgh")
    done = []
    for _ in range(2):
        assert not look(account, seconds=0).complete
        row = state(account)
        done.append((row.items_seen, row.items_expected, row.sync_in_progress, row.lease))
    assert done == [(3, 8, True, ""), (6, 8, True, "")]
    assert look(account).complete
    assert service.asked == [0, 3, 6]
    assert shown(account) == held(service)
    assert (state(account).sync_in_progress, state(account).items_seen) == (False, 8)


def test_what_is_gone_goes_once_everything_was_seen(service, account):
    put(service, *"abcdefgh")
    look(account)
    del service.items["a"], service.items["h"]
    assert not look(account, seconds=0).complete
    assert len(shown(account)) == 8
    assert look(account).removed == 2
    assert shown(account) == held(service)


def test_a_look_that_lasts_keeps_its_lease(service, account):
    """
    With every page; nobody takes over from a worker that is well.
    """
    put(service, *"abcdefgh")
    left = []

    def on_page(page):
        left.append(state(account).lease_expires_at - timezone.now())
        Identity.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=1))

    assert look(account, on_batch=on_page).complete
    assert len(left) == 3
    assert min(left) > timedelta(seconds=LEASE_SECONDS - 60)


def test_a_worker_whose_lease_was_taken_at_the_end_removes_nothing(service, account):
    """
    What it didn't come upon, the next one may have.
    """
    put(service, *"abcd")
    look(account)
    del service.items["d"]
    with pytest.raises(SyncBusy, match="another worker"):
        look(account, on_batch=lambda page: Identity.objects.update(lease="another's"))
    assert set(shown(account)) == set("abcd")


def test_a_look_at_changes_alone_removes_only_what_is_said_to_be_gone(service, account):
    put(service, *"abc")
    look(account)
    service.changes_only, service.deleted = True, ["b", "never"]
    service.items = {}
    put(service, "c", title="New")
    report = look(account)
    assert (report.changed, report.removed) == (1, 1)
    assert set(shown(account)) == {"a", "c"}


@pytest.mark.parametrize("fault", [429, 500, 503, "garbage", "hangs"])
def test_a_fault_in_the_middle_loses_nothing(service, account, fault, caplog):
    """
    It is said, the account is left alone for a while, and the next look goes on there.
    """
    put(service, *"abcdefgh")
    service.headers = {"Retry-After": "7200"}
    service.faults = [None, fault]
    with pytest.raises(SyncFailed):
        look(account)
    row = state(account)
    assert (row.failures, row.items_seen, row.lease) == (1, 3, "")
    assert row.last_error
    assert row.next_sync_at > timezone.now() + timedelta(seconds=7000 if fault == 429 else 25)
    assert set(shown(account)) == set("abc")
    report = look(account)
    assert (report.added, report.removed) == (5, 0)
    assert service.asked == [0, 3, 3, 6]
    assert shown(account) == held(service)
    assert (state(account).failures, state(account).last_error) == (0, "")


def test_an_account_whose_leave_was_taken_back_is_asked_no_more(service, account):
    """
    What it has stays, and the person is told to connect it again.
    """
    put(service, *"abcd")
    look(account)
    service.faults = [401]
    with pytest.raises(SyncFailed, match="connect it again"):
        look(account)
    row = state(account)
    assert (row.state, row.lease) == (Identity.State.NEEDS_RECONNECT, "")
    Identity.objects.update(next_sync_at=timezone.now())
    assert not Identity.objects.due().exists()
    asked = list(service.asked)
    with pytest.raises(SyncBusy, match="must be reconnected"):
        look(account)
    assert service.asked == asked
    assert len(shown(account)) == 4


def test_a_service_that_has_had_enough_of_everybody_is_left_alone(service, account, make_person):
    """
    Other accounts of it aren't even tried, until the time that it named.
    """
    service.faults = [429]
    service.headers = {"Retry-After": "900", "X-All": "1"}
    other = Identity.objects.create(
        user=make_person("grace"), service="web", service_id="1", settings=account.settings
    )
    with pytest.raises(SyncFailed, match="enough"):
        look(account)
    with pytest.raises(SyncFailed, match="next sync is after"):
        look(other)
    assert service.asked == [0]
    assert not Identity.objects.due().exists()
    pause = ServicePause.objects.get()
    assert timedelta(seconds=880) < pause.until - timezone.now() <= timedelta(seconds=900)
    ServicePause.objects.update(until=timezone.now())
    assert look(other).complete


def test_the_operators_fault_is_in_the_log(service, account, caplog):
    service.faults = [403]
    with pytest.raises(SyncFailed, match="keys"):
        look(account)
    assert "web rejected the application keys" in caplog.text
    assert state(account).state == Identity.State.ACTIVE


def test_what_a_connector_stumbles_over_is_told_without_its_words(service, account, caplog):
    """
    A service's answer may hold what is no page's business.
    """
    service.faults = ["garbage"]
    with pytest.raises(SyncFailed, match="response of the service is invalid"):
        look(account)
    assert "failed to parse" in caplog.text
    assert "html" not in state(account).last_error


@pytest.mark.parametrize(
    "bad", [{"title": "\ud800"}, {"tags": ["a", "\ud800"]}, {"tags": [{"no": "text"}]}]
)
def test_a_record_that_no_index_can_hold_is_passed_over(service, account, bad):
    """
    And counted; its neighbours on the page come in.
    """
    put(service, *"abcde")
    service.items["b"].update(bad)
    report = look(account)
    assert [failure.name for failure in report.failures] == ["b"]
    assert (report.added, report.complete) == (4, True)
    assert set(shown(account)) == set("acde")
    assert state(account).unreadable_count == 1
    tag = Tag.objects.get(name="sea")
    assert tag.items == 4


def test_what_the_service_cannot_read_keeps_its_place(service, account):
    put(service, *"abc")
    look(account)
    put(service, "b", title="unreadable")
    report = look(account)
    assert (len(report.failures), report.removed) == (1, 0)
    assert shown(account)["b"] == ("", ("sea",))


def test_items_that_come_twice_and_in_any_order_are_there_once(service, account):
    """
    Pages shift when something new comes in front.
    """
    put(service, *"abcdef")
    service.order = lambda names: [*sorted(names), *sorted(names, reverse=True)]
    report = look(account)
    assert (report.added, report.removed) == (6, 0)
    assert shown(account) == held(service)
    service.order = lambda names: sorted(names, reverse=True)
    assert look(account).removed == 0
    assert shown(account) == held(service)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_loses_nothing(service, account):
    """
    The page that was at hand isn't there, nor is it passed over; the lease lapses.
    """
    put(service, *"abcdefgh")
    with Away() as on_page, pytest.raises(SyncFailed, match="database is unavailable"):
        look(account, on_batch=on_page)
    assert len(shown(account)) == 3
    later = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    Identity.objects.exclude(lease="").update(lease_expires_at=later)
    report = look(account)
    assert (report.added, report.complete) == (5, True)
    assert shown(account) == held(service)


KILL = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend(%s)"),
    "mysql": ("SELECT CONNECTION_ID()", "KILL %s"),
}


class Away:
    """
    PostgreSQL and MySQL end the connection; SQLite's file is locked for longer than one waits.
    """

    def __enter__(self):
        self.other = None
        return self.strike

    def strike(self, page):
        if self.other:
            return
        if connection.vendor in KILL:
            who, kill = KILL[connection.vendor]
            self.other = connections.create_connection("default")
            with connection.cursor() as mine, self.other.cursor() as cursor:
                mine.execute(who)
                cursor.execute(kill, mine.fetchone())
            self.other.close()
        else:
            connection.cursor().execute("PRAGMA busy_timeout = 100")
            self.other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            self.other.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *args):
        self.other.close()


changes = st.one_of(
    st.tuples(
        st.just("put"), st.sampled_from("abcdefgh"), st.sampled_from(["", "x", "unreadable"])
    ),
    st.tuples(st.just("delete"), st.sampled_from("abcdefgh"), st.just("")),
    st.tuples(st.just("slice"), st.just(""), st.just("")),
    st.tuples(st.just("fault"), st.sampled_from(["garbage", 500, 429]), st.just("")),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=st.lists(changes, max_size=12))
def test_whatever_happened_the_index_equals_the_service_in_the_end(
    service, account, person, events
):
    """
    Items come, change and go between slices of a look that breaks off now and then.
    """
    service.headers = {"Retry-After": "1"}
    service.items, service.faults = {}, []
    for what, value, title in events:
        if what == "put":
            put(service, value, title=title, tags=(value, title or "sea"))
        elif what == "delete":
            service.items.pop(value, None)
        else:
            service.faults = [None, value] if what == "fault" else []
            with suppress(SyncFailed):
                look(account, seconds=0 if what == "slice" else None)
    service.faults = []
    for name, item in list(service.items.items()):
        if item["title"] == "unreadable":
            del service.items[name]
    while not look(account).complete or state(account).sync_in_progress:
        pass
    look(account)  # the one before may have begun before the last change
    assert shown(account) == held(service)
    assert search(person, Query(), "").total_number_of_results == len(service.items)
    for tag in Tag.objects.all():
        assert tag.items == sum(tag.name in item["tags"] for item in service.items.values())
