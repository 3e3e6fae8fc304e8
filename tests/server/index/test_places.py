"""
Places of indexed items after an upgrade of the data.
"""

import io

import pytest
from django.core.management import call_command

from django_trove.client.content import Checkin, Photo, Video
from django_trove.server.index import places
from django_trove.server.index.memberships import get_membership
from django_trove.server.models import Item, Library, PlaceTally

pytestmark = pytest.mark.django_db


def find_places():
    out = io.StringIO()
    call_command("trove_find_places", stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def outdated(index, make_identity):
    """
    Items whose places were found by an older version.
    """
    index(
        Photo(id="1", latitude=40.7, longitude=-73.95),
        Photo(id="2", latitude=0.0, longitude=-30.0),
        Photo(id="3"),
        Checkin(id="4", latitude=40.7, longitude=-73.95),
    )
    video = Video(id="5", latitude=49.61, longitude=6.13, public=True)
    index(video, into=make_identity(service="smugmug"))
    columns = {"country": "Old", "region": "", "place": "Old||Old", "place_version": 0}
    located = Item.objects.filter(service_id__in="15")
    located.update(**columns)
    PlaceTally.objects.all().delete()
    for item in located:
        places.update_places(item.identity, [], [get_membership(item)])
    Item.objects.update(place_version=0)


def test_outdated_places_are_found_again(outdated):
    version = Library.objects.get().version
    assert find_places() == "The places of 3 items are up to date."
    names = dict(Item.objects.values_list("service_id", "place"))
    assert names["1"] == "United States|New York|Williamsburg"
    assert names["5"].startswith("Luxembourg|")
    assert [names[name] for name in ("2", "3", "checkin:4")] == ["", "", ""]
    counted = PlaceTally.objects.filter(items__gt=0)
    assert set(counted.values_list("place", "items")) == {
        ("United States", 1),
        ("United States|New York", 1),
        ("United States|New York|Williamsburg", 1),
        *((place, 1) for place in places.split_place(names["5"]).values()),
    }
    assert Library.objects.get().version > version
    assert find_places() == "The places of 0 items are up to date."


def test_an_interrupted_command_is_resumed(outdated, monkeypatch):
    monkeypatch.setattr(places, "BATCH", 1)
    assert next(places.update_outdated_places()) == 1
    assert find_places() == "The places of 2 items are up to date."


def test_an_update_reads_the_items_in_batches(outdated, monkeypatch):
    monkeypatch.setattr(places, "BATCH", 1)
    assert list(places.update_outdated_places()) == [1, 1, 1]
