"""
`force-update` waits, but not for ever.
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


def updated(person, **query):
    return search(person, Query(force_update=True, **query), "")


def test_an_answer_that_waited_for_everything_is_whole(person, service, account):
    put(service, *"abcd")
    answer = updated(person)
    assert (len(answer), answer.updating) == (4, False)


def test_an_answer_that_could_not_wait_says_so(person, service, account, settings):
    """
    It comes from what is there, and the rest is due at once.
    """
    put(service, *"abcdefgh")
    service.seconds = 0.2
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 0.1}
    answer = updated(person)
    assert (len(answer), answer.updating) == (3, True)
    assert Identity.objects.due().get() == account
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 10}
    answer = updated(person)
    assert (len(answer), answer.updating) == (8, False)


def test_only_the_services_that_are_asked_for_are_read(person, service, account, make_identity):
    make_identity(service="flickr")
    put(service, "a")
    assert updated(person, services=["web"]).updating is False
    assert updated(person, services=["flickr"]).updating is True
    assert service.asked == [0]


def test_the_wire_says_that_the_services_are_still_read(ask, service, account):
    service.faults = [500]
    assert ask(**{"force-update": True})["updating"] is True
    assert "updating" not in ask()


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_another_worker_that_is_at_it(person, service, account):
    """
    And doesn't read everything once more.
    """
    put(service, "a")
    began, go = threading.Event(), threading.Event()

    def other():
        with acquire_lease(Identity.objects.get(pk=account.pk)) as lease:
            began.set()
            go.wait(timeout=10)
            time.sleep(0.3)
            lease.succeed()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert began.wait(timeout=10)
    go.set()
    assert refresh(person, Query()) is True
    thread.join()
    assert service.asked == []
    assert not Item.objects.exists()


@pytest.fixture
def queue(settings):
    """
    Tasks that wait for a worker: what was enqueued, so far.
    """
    backends = type(sync_identity.get_backend()).__module__.rpartition(".")[0]
    settings.TASKS = {"default": {"BACKEND": f"{backends}.dummy.DummyBackend"}}
    return sync_identity.get_backend().results


@contextmanager
def working(queue):
    """
    A worker, in a thread of its own, that does the first task.
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
def test_workers_are_asked_and_waited_for(person, service, account, queue):
    put(service, *"abcd")
    with working(queue):
        answer = updated(person)
    assert (len(answer), answer.updating) == (4, False)
    assert service.asked == [0, 3]


@pytest.mark.django_db(transaction=True)
def test_no_service_keeps_an_answer_waiting_where_there_are_workers(
    person, service, account, queue, settings
):
    """
    However slowly it answers, and if no worker ever comes.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FORCE_UPDATE_SECONDS": 0.3}
    service.seconds = 5
    began = time.monotonic()
    assert updated(person).updating is True
    assert time.monotonic() - began < 2
    assert (len(queue), service.asked) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_a_service_that_failed_its_worker_is_not_waited_for(person, service, account, queue):
    service.faults = [500]
    began = time.monotonic()
    with working(queue):
        assert updated(person).updating is True
    assert time.monotonic() - began < 5


@pytest.mark.django_db(transaction=True)
def test_a_service_that_wants_to_be_left_alone_is_no_task(person, service, account, queue):
    ServicePause.objects.begin("web", "It has had enough.", 900)
    began = time.monotonic()
    assert updated(person).updating is True
    assert time.monotonic() - began < 5
    assert not queue


@pytest.mark.django_db(transaction=True)
def test_a_project_of_whole_requests_hides_no_look_from_workers(
    caller, service, account, queue, monkeypatch
):
    """
    ATOMIC_REQUESTS would enqueue when the answer is there.
    """
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    put(service, *"abcd")
    with working(queue):
        answer = caller.post("/v1/oauth/photos/", {"query": '{"force-update": true}'}).json()
    assert (answer["count"], "updating" in answer) == (4, False)
