"""
`force-update` (protocol, section 4.10).
"""

import threading
import time
from contextlib import contextmanager, suppress

import pytest
from django.db import connection

from django_trove.client.query import Query
from django_trove.server.models import Identity, Item, ServicePause
from django_trove.server.search.engine import search
from django_trove.server.search.refresh import refresh
from django_trove.server.sync.engine import SyncFailed, sync
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import sync_identity

from ..fake_connector import put

pytestmark = pytest.mark.django_db


def search_updated(person, **query):
    return search(person, Query(force_update=True, **query), "")


def test_a_result_after_a_complete_sync(person, service, account):
    put(service, *"abcd")
    result = search_updated(person)
    assert (len(result), result.updating) == (4, False)


def test_a_result_after_the_timeout(person, service, account, settings):
    """
    The result is from the index, and the account is due immediately.
    """
    put(service, *"abcdefgh")
    service.seconds = 0.2
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 0.1}
    result = search_updated(person)
    assert (len(result), result.updating) == (3, True)
    assert Identity.objects.due().get() == account
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 10}
    result = search_updated(person)
    assert (len(result), result.updating) == (8, False)


def test_only_the_services_of_the_query_are_synced(person, service, account, make_identity):
    make_identity(service="flickr")
    put(service, "a")
    assert search_updated(person, services=["web"]).updating is False
    assert search_updated(person, services=["flickr"]).updating is True
    assert service.asked == [0]


def test_updating_on_the_wire(ask, service, account):
    service.faults = [500]
    assert ask(**{"force-update": True})["updating"] is True
    assert "updating" not in ask()


@pytest.mark.django_db(transaction=True)
def test_a_running_sync_is_awaited_and_not_repeated(person, service, account):
    put(service, "a")
    started, go = threading.Event(), threading.Event()

    def other():
        with acquire_lease(Identity.objects.get(pk=account.pk)) as lease:
            started.set()
            go.wait(timeout=10)
            time.sleep(0.3)
            lease.succeed()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert started.wait(timeout=10)
    go.set()
    assert refresh(person, Query()) is True
    thread.join()
    assert service.asked == []
    assert not Item.objects.exists()


@pytest.fixture
def queue(settings):
    """
    The enqueued tasks, with a dummy task backend.
    """
    backends = type(sync_identity.get_backend()).__module__.rpartition(".")[0]
    settings.TASKS = {"default": {"BACKEND": f"{backends}.dummy.DummyBackend"}}
    return sync_identity.get_backend().results


@contextmanager
def working(queue):
    """
    Run the first task in a thread.
    """

    def work():
        while not queue:
            time.sleep(0.01)
        with suppress(SyncFailed):
            sync(Identity.objects.get(pk=queue[0].args[0]))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_tasks_are_enqueued_and_awaited(person, service, account, queue):
    put(service, *"abcd")
    with working(queue):
        result = search_updated(person)
    assert (len(result), result.updating) == (4, False)
    assert service.asked == [0, 3]


@pytest.mark.django_db(transaction=True)
def test_the_timeout_applies_if_no_worker_runs_the_task(person, service, account, queue, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 0.3}
    service.seconds = 5
    start = time.monotonic()
    assert search_updated(person).updating is True
    assert time.monotonic() - start < 2
    assert (len(queue), service.asked) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_a_failed_task_is_not_awaited(person, service, account, queue):
    service.faults = [500]
    start = time.monotonic()
    with working(queue):
        assert search_updated(person).updating is True
    assert time.monotonic() - start < 5


@pytest.mark.django_db(transaction=True)
def test_a_paused_service_is_not_enqueued(person, service, account, queue):
    ServicePause.objects.begin("web", "Rate limited.", 900)
    start = time.monotonic()
    assert search_updated(person).updating is True
    assert time.monotonic() - start < 5
    assert not queue


@pytest.mark.django_db(transaction=True)
def test_atomic_requests_does_not_delay_the_task(caller, service, account, queue, monkeypatch):
    """
    In a transaction, the task would be enqueued after the response.
    """
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    put(service, *"abcd")
    with working(queue):
        result = caller.post("/v1/oauth/photos/", {"query": '{"force-update": true}'}).json()
    assert (result["count"], "updating" in result) == (4, False)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_requests_waits_for_an_account(person, account, queue, settings, race):
    """
    The worker is stopped.
    """
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "FORCE_UPDATE_SECONDS": 1,
        "FORCE_UPDATE_WAITS": 10,
    }

    def search_timed():
        start = time.monotonic()
        return search_updated(person).updating, time.monotonic() - start > 0.9

    outcomes = race(search_timed, times=8)
    assert sorted(outcomes) == [(True, False)] * 7 + [(True, True)]


@pytest.mark.django_db(transaction=True)
def test_the_number_of_waits_is_limited(make_person, queue, settings, race):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 1}
    people = [make_person(f"user{number}") for number in range(8)]
    for user in people:
        Identity.objects.create(user=user, service="web", service_id="1")
    waiting = list(people)

    def search_timed():
        start = time.monotonic()
        assert search_updated(waiting.pop()).updating
        return time.monotonic() - start > 0.9

    assert sum(race(search_timed, times=8)) <= 2
    assert Identity.objects.queued().count() == 8


@pytest.mark.django_db(transaction=True)
def test_no_request_waits_for_a_long_queue(make_person, queue, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 1}
    waited = []
    for number in range(6):
        user = make_person(f"user{number}")
        Identity.objects.create(user=user, service="web", service_id="1")
        start = time.monotonic()
        assert search_updated(user).updating
        waited.append(time.monotonic() - start > 0.9)
    assert waited == [True, True, False, False, False, False]


@pytest.mark.django_db(transaction=True)
def test_one_request_waits_for_a_sync_in_another_process(person, service, account, race, settings):
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "FORCE_UPDATE_SECONDS": 1,
        "FORCE_UPDATE_WAITS": 10,
    }

    def search_timed():
        start = time.monotonic()
        assert search_updated(person).updating
        return time.monotonic() - start > 0.9

    with acquire_lease(account):
        assert sum(race(search_timed, times=6)) == 1
    assert search_updated(person).updating is False
