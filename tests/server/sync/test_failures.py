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
from django_trove.server.sync.lease import LEASE_SECONDS, MAX_BACKOFF, Lease

from ..fake_connector import put, state

pytestmark = pytest.mark.django_db


def indexed_items(account):
    items = Item.objects.filter(identity=account)
    return {item.service_id: (item.title, tuple(item.tags)) for item in items}


def service_items(service):
    return {name: (item["title"], tuple(item["tags"])) for name, item in service.items.items()}


def run_sync(account, **options):
    return sync(Identity.objects.get(pk=account.pk), **options)


def test_interrupted_sync_resumes_at_its_cursor(service, account):
    put(service, *"abcdefgh")
    done = []
    for _ in range(2):
        assert not run_sync(account, seconds=0).complete
        row = state(account)
        done.append((row.items_seen, row.items_expected, row.sync_in_progress, row.lease))
    assert done == [(3, 8, True, ""), (6, 8, True, "")]
    assert run_sync(account).complete
    assert service.asked == [0, 3, 6]
    assert indexed_items(account) == service_items(service)
    assert (state(account).sync_in_progress, state(account).items_seen) == (False, 8)


def test_deleted_items_are_removed_after_a_complete_sync(service, account):
    put(service, *"abcdefgh")
    run_sync(account)
    del service.items["a"], service.items["h"]
    assert not run_sync(account, seconds=0).complete
    assert len(indexed_items(account)) == 8
    assert run_sync(account).removed == 2
    assert indexed_items(account) == service_items(service)


def test_each_batch_renews_the_lease(service, account):
    put(service, *"abcdefgh")
    left = []

    def interrupt(page):
        left.append(state(account).lease_expires_at - timezone.now())
        Identity.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=1))

    assert run_sync(account, on_batch=interrupt).complete
    assert len(left) == 3
    assert min(left) > timedelta(seconds=LEASE_SECONDS - 60)


def test_worker_that_lost_its_lease_removes_nothing(service, account):
    put(service, *"abcd")
    run_sync(account)
    del service.items["d"]
    with pytest.raises(SyncBusy, match="another worker"):
        run_sync(account, on_batch=lambda page: Identity.objects.update(lease="another's"))
    assert set(indexed_items(account)) == set("abcd")


def test_incremental_sync_removes_only_reported_deletions(service, account):
    put(service, *"abc")
    run_sync(account)
    service.changes_only, service.deleted = True, ["b", "never"]
    service.items = {}
    put(service, "c", title="New")
    report = run_sync(account)
    assert (report.changed, report.removed) == (1, 1)
    assert set(indexed_items(account)) == {"a", "c"}


@pytest.mark.parametrize("fault", [429, 500, 503, "garbage", "hangs"])
def test_service_error_in_the_middle_loses_no_items(service, account, fault, caplog):
    put(service, *"abcdefgh")
    service.headers = {"Retry-After": "7200"}
    service.faults = [None, fault]
    with pytest.raises(SyncFailed):
        run_sync(account)
    row = state(account)
    assert (row.failures, row.items_seen, row.lease) == (1, 3, "")
    assert row.last_error
    assert row.next_sync_at > timezone.now() + timedelta(seconds=7000 if fault == 429 else 25)
    assert set(indexed_items(account)) == set("abc")
    report = run_sync(account)
    assert (report.added, report.removed) == (5, 0)
    assert service.asked == [0, 3, 3, 6]
    assert indexed_items(account) == service_items(service)
    assert (state(account).failures, state(account).last_error) == (0, "")


@pytest.mark.parametrize(
    ("failures", "seconds", "expected"),
    [
        (0, 0, 60),
        (1, 0, 120),
        (4, 0, 960),
        (30, 0, MAX_BACKOFF),
        (10_000, 0, MAX_BACKOFF),
    ],
)
def test_delay_doubles_with_each_failure(account, failures, seconds, expected):
    Identity.objects.update(failures=failures)
    delays = []
    for _ in range(20):
        lease = Lease(Identity.objects.get())
        lease.acquire()
        before = timezone.now()
        lease.back_off("busy", seconds)
        delays.append((state(account).next_sync_at - before).total_seconds())
        Identity.objects.update(failures=failures, lease_expires_at=before, next_sync_at=before)
    assert expected / 2 <= min(delays) < expected * 0.8 < max(delays) <= expected + 1
    assert state(account).last_error == "busy"


def test_delay_of_the_service_is_a_minimum(account):
    for seconds, expected in ((1000, 1000), (10 * MAX_BACKOFF, MAX_BACKOFF)):
        lease = Lease(Identity.objects.get())
        lease.acquire()
        before = timezone.now()
        lease.back_off("busy", seconds)
        assert (state(account).next_sync_at - before).total_seconds() == pytest.approx(
            expected, abs=2
        )
        Identity.objects.update(failures=0, lease_expires_at=before, next_sync_at=before)


def test_revoked_account_is_not_synced(service, account):
    put(service, *"abcd")
    run_sync(account)
    service.faults = [401]
    with pytest.raises(SyncFailed, match="connect it again"):
        run_sync(account)
    row = state(account)
    assert (row.state, row.lease) == (Identity.State.NEEDS_RECONNECT, "")
    Identity.objects.update(next_sync_at=timezone.now())
    assert not Identity.objects.due().exists()
    asked = list(service.asked)
    with pytest.raises(SyncBusy, match="must be reconnected"):
        run_sync(account)
    assert service.asked == asked
    assert len(indexed_items(account)) == 4


def test_rate_limit_for_all_accounts_pauses_the_service(service, account, make_person):
    service.faults = [429]
    service.headers = {"Retry-After": "900", "X-All": "1"}
    other = Identity.objects.create(
        user=make_person("grace"), service="web", service_id="1", settings=account.settings
    )
    with pytest.raises(SyncFailed, match="enough"):
        run_sync(account)
    with pytest.raises(SyncFailed, match="next sync is after"):
        run_sync(other)
    assert service.asked == [0]
    assert not Identity.objects.due().exists()
    pause = ServicePause.objects.get()
    assert timedelta(seconds=880) < pause.until - timezone.now() <= timedelta(seconds=900)
    ServicePause.objects.update(until=timezone.now())
    assert run_sync(other).complete


def test_misconfiguration_is_logged(service, account, caplog):
    service.faults = [403]
    with pytest.raises(SyncFailed, match="keys"):
        run_sync(account)
    assert "The service web is misconfigured" in caplog.text
    assert state(account).state == Identity.State.ACTIVE


def test_unexpected_connector_error_is_logged_without_the_response(service, account, caplog):
    service.faults = ["garbage"]
    with pytest.raises(SyncFailed, match="response of the service is invalid"):
        run_sync(account)
    assert "failed to parse" in caplog.text
    assert "html" not in state(account).last_error


@pytest.mark.parametrize(
    "bad", [{"title": "\ud800"}, {"tags": ["a", "\ud800"]}, {"tags": [{"no": "text"}]}]
)
def test_invalid_record_is_skipped_and_counted(service, account, bad):
    put(service, *"abcde")
    service.items["b"].update(bad)
    report = run_sync(account)
    assert [failure.name for failure in report.failures] == ["b"]
    assert (report.added, report.complete) == (4, True)
    assert set(indexed_items(account)) == set("acde")
    assert state(account).unreadable_count == 1
    tag = Tag.objects.get(name="sea")
    assert tag.items == 4


def test_unreadable_item_keeps_its_indexed_version(service, account):
    put(service, *"abc")
    run_sync(account)
    put(service, "b", title="unreadable")
    report = run_sync(account)
    assert (len(report.failures), report.removed) == (1, 0)
    assert indexed_items(account)["b"] == ("", ("sea",))


def test_repeated_and_reordered_items_are_indexed_once(service, account):
    put(service, *"abcdef")
    service.order = lambda names: [*sorted(names), *sorted(names, reverse=True)]
    report = run_sync(account)
    assert (report.added, report.removed) == (6, 0)
    assert indexed_items(account) == service_items(service)
    service.order = lambda names: sorted(names, reverse=True)
    assert run_sync(account).removed == 0
    assert indexed_items(account) == service_items(service)


@pytest.mark.django_db(transaction=True)
def test_database_error_loses_no_items(service, account):
    put(service, *"abcdefgh")
    with DatabaseOutage() as interrupt, pytest.raises(SyncFailed, match="database is unavailable"):
        run_sync(account, on_batch=interrupt)
    assert len(indexed_items(account)) == 3
    later = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    Identity.objects.exclude(lease="").update(lease_expires_at=later)
    report = run_sync(account)
    assert (report.added, report.complete) == (5, True)
    assert indexed_items(account) == service_items(service)


KILL = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend(%s)"),
    "mysql": ("SELECT CONNECTION_ID()", "KILL %s"),
}


class DatabaseOutage:
    """
    Makes the database unavailable: on PostgreSQL and MySQL the connection is terminated, on SQLite
    the file is locked for longer than the timeout.
    """

    def __enter__(self):
        self.other = None
        self.options = dict(connection.settings_dict["OPTIONS"])
        if connection.vendor == "sqlite":
            connection.settings_dict["OPTIONS"]["timeout"] = 0.1
            connection.close()
        return self.interrupt

    def interrupt(self, page):
        if self.other:
            return
        if connection.vendor in KILL:
            get_id, kill = KILL[connection.vendor]
            self.other = connections.create_connection("default")
            with connection.cursor() as mine, self.other.cursor() as cursor:
                mine.execute(get_id)
                cursor.execute(kill, mine.fetchone())
            self.other.close()
        else:
            self.other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            self.other.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *args):
        self.other.close()
        connection.settings_dict["OPTIONS"] = self.options
        connection.close()


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
def test_index_equals_the_service_after_any_events(service, account, person, events):
    service.headers = {"Retry-After": "1"}
    service.items, service.faults = {}, []
    for kind, value, title in events:
        if kind == "put":
            put(service, value, title=title, tags=(value, title or "sea"))
        elif kind == "delete":
            service.items.pop(value, None)
        else:
            service.faults = [None, value] if kind == "fault" else []
            with suppress(SyncFailed):
                run_sync(account, seconds=0 if kind == "slice" else None)
    service.faults = []
    for name, item in list(service.items.items()):
        if item["title"] == "unreadable":
            del service.items[name]
    while not run_sync(account).complete or state(account).sync_in_progress:
        pass
    run_sync(account)  # the one before may have begun before the last change
    assert indexed_items(account) == service_items(service)
    assert search(person, Query(), "").total_number_of_results == len(service.items)
    for tag in Tag.objects.all():
        assert tag.items == sum(tag.name in item["tags"] for item in service.items.values())
