"""
The clock was ahead while times were stored, and was then corrected.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from django_trove.server import tasks
from django_trove.server.models import Identity, ServicePause
from django_trove.server.sync import sync
from django_trove.server.sync.lease import Lease

pytestmark = pytest.mark.django_db

AHEAD = timedelta(days=365)


@pytest.fixture
def ahead(monkeypatch):
    now = timezone.now

    def run(function):
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: now() + AHEAD)
            return function()

    return run


def test_account_is_due(service, account, ahead):
    ahead(lambda: sync(account))
    assert Identity.objects.due().filter(pk=account.pk).exists()


def test_lease_of_killed_worker_expires(service, account, ahead):
    lease = Lease(account)
    ahead(lease.acquire)
    assert Identity.objects.due().filter(pk=account.pk).exists()
    assert sync(account).complete


def test_request_does_not_cause_endless_syncs(service, account, ahead, monkeypatch):
    ahead(Identity.objects.filter(pk=account.pk).request_sync)
    syncs = []
    monkeypatch.setattr(tasks, "request_sync", syncs.append)
    tasks.sync_identity.call(account.pk)
    account.refresh_from_db()
    assert (syncs, account.next_sync_at > timezone.now()) == ([], True)


def test_account_can_be_queued(service, account, ahead):
    rows = Identity.objects.filter(pk=account.pk)
    ahead(rows.enter_queue)
    assert not rows.queued()
    assert rows.enter_queue() == 1


def test_pause_of_a_service_ends(ahead):
    ahead(lambda: ServicePause.objects.begin("flickr", "throttled", 60))
    assert not ServicePause.objects.active()
