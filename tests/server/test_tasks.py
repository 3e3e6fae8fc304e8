"""
Work in the background, as whoever asked for it sees it.
"""

import pytest
from django.utils import timezone

from django_trove.server.models import Identity
from django_trove.server.sync.lease import acquire_lease
from django_trove.server.tasks import sync_identity

from .fake_connector import Web, put, state

pytestmark = pytest.mark.django_db


def test_what_is_asked_for_during_a_look_is_looked_at_once_more(service, account, monkeypatch):
    """
    The look that is under way may be past it: somebody has picked more, or mended something.
    """
    look = Web.batches

    def pages(self, cursor, known):
        yield from look(self, cursor, known)
        if "late" not in service.items:
            put(service, "late")
            Identity.objects.request_sync()

    monkeypatch.setattr(Web, "batches", pages)
    put(service, "a")
    sync_identity.call(account.pk)
    assert set(state(account).items.values_list("service_id", flat=True)) == {"a", "late"}
    assert state(account).next_sync_at > timezone.now()
    assert len(service.asked) == 2


def test_where_no_worker_comes_back_it_stays_due(account):
    """
    Then `trove_sync --due` looks at it.
    """
    with acquire_lease(account) as lease:
        Identity.objects.request_sync()
        lease.succeed()
    assert list(Identity.objects.due()) == [account]


def test_a_look_that_begins_later_is_the_one_that_was_asked_for(account):
    Identity.objects.request_sync()
    with acquire_lease(account) as lease:
        lease.succeed()
    assert not Identity.objects.due().exists()
    assert not state(account).is_sync_requested


def test_asking_helps_no_account_that_has_to_be_connected_again(account):
    Identity.objects.update(state=Identity.State.NEEDS_RECONNECT, failures=3)
    assert Identity.objects.request_sync() == 0
    assert state(account).failures == 3
