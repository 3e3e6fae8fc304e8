import pytest
from django.utils import timezone

from django_trove.server.models import Identity
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import sync_identity

from .fake_connector import Web, put, state

pytestmark = pytest.mark.django_db


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
