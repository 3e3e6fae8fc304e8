from datetime import timedelta

import pytest
from django.utils import timezone

from django_trove.server.models import Identity
from django_trove.server.models.identities import QUEUE_SECONDS
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import request_identity_deletion, request_sync, sync_identity

try:
    from django.tasks.backends.base import BaseTaskBackend
except ImportError:  # before Django 6.0
    from django_tasks.backends.base import BaseTaskBackend

from .fake_connector import Web, put, state

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_request_during_a_sync_causes_another_sync(service, account, monkeypatch):
    look = Web.batches

    def batches(self, cursor, known):
        yield from look(self, cursor, known)
        if "late" not in service.items:
            put(service, "late")
            Identity.objects.request_sync()

    monkeypatch.setattr(Web, "batches", batches)
    put(service, "a")
    sync_identity.call(account.pk)
    assert set(state(account).items.values_list("service_id", flat=True)) == {"a", "late"}
    assert state(account).next_sync_at > timezone.now()
    assert len(service.asked) == 2


def test_request_without_a_worker_stays_due(account):
    with acquire_lease(account) as lease:
        Identity.objects.request_sync()
        lease.succeed()
    assert list(Identity.objects.due()) == [account]


def test_later_sync_completes_the_request(account):
    Identity.objects.request_sync()
    with acquire_lease(account) as lease:
        lease.succeed()
    assert not Identity.objects.due().exists()
    assert not state(account).is_sync_requested


def test_request_does_not_reactivate_a_revoked_account(account):
    Identity.objects.update(state=Identity.State.NEEDS_RECONNECT, failures=3)
    assert Identity.objects.request_sync() == 0
    assert state(account).failures == 3


@pytest.fixture
def queue(settings):
    """
    The enqueued tasks, with a dummy task backend.
    """
    backends = type(sync_identity.get_backend()).__module__.rpartition(".")[0]
    settings.TASKS = {"default": {"BACKEND": f"{backends}.dummy.DummyBackend"}}
    return sync_identity.get_backend().results


@pytest.mark.django_db(transaction=True)
def test_one_sync_is_queued_for_many_requests(account, queue, race):
    enqueued = [race(lambda: request_sync(account), times=6) for _ in range(5)]
    assert sum(map(sum, enqueued)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_after_the_start_of_the_task_is_queued(service, account, queue):
    put(service, "a")
    assert request_sync(account)
    assert not request_sync(account)
    sync_identity.call(account.pk)
    assert request_sync(account)
    assert len(queue) == 2


@pytest.mark.django_db(transaction=True)
def test_a_lost_task_does_not_prevent_another(account, queue):
    assert request_sync(account)
    Identity.objects.update(queued_at=timezone.now() - timedelta(seconds=QUEUE_SECONDS + 1))
    assert request_sync(account)
    assert not request_sync(account)


@pytest.mark.django_db(transaction=True)
def test_an_unavailable_queue_is_not_an_error(account, settings, caplog):
    settings.TASKS = {"default": {"BACKEND": "tests.server.test_tasks.UnavailableQueue"}}
    assert request_sync(account)
    assert state(account).queued_at is None
    request_identity_deletion(account)
    assert state(account).state == Identity.State.DELETING
    assert "could not be enqueued" in caplog.text


class UnavailableQueue(BaseTaskBackend):
    def enqueue(self, task, args, kwargs):
        raise ConnectionError
