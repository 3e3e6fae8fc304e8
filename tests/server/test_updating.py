"""
`force-update` waits, but not for ever.
"""

import threading
import time

import pytest
from django.db import connection

from django_trove.client.query import Query
from django_trove.server.leasing import lease_of
from django_trove.server.models import Identity, Item
from django_trove.server.search import search
from django_trove.server.updating import update

from .web import put

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
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "UPDATE_SECONDS": 0.1}
    answer = updated(person)
    assert (len(answer), answer.updating) == (3, True)
    assert Identity.objects.due().get() == account
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "UPDATE_SECONDS": 10}
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
        with lease_of(Identity.objects.get(pk=account.pk)) as lease:
            began.set()
            go.wait(timeout=10)
            time.sleep(0.3)
            lease.succeed()
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert began.wait(timeout=10)
    go.set()
    assert update(person, Query()) is True
    thread.join()
    assert service.asked == []
    assert not Item.objects.exists()
