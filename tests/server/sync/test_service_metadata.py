"""
Metadata that services provide, from the fake services to the index.
"""

import pytest

from django_trove.client.query import Query
from django_trove.server.models import Identity
from django_trove.server.search.engine import search
from django_trove.server.sync.engine import sync

from ..fake_services import Services

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def services(settings, browser):
    services = Services(settings, browser, count=12)
    yield services
    services.stack.close()


def photos(account):
    return search(account.user, Query(count=500), "").results


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_albums_have_a_title_and_photos_an_upload_date(services, name):
    account = services.add(name)
    fakes = {photo.title: photo for photo in services[name].photos if not photo.is_video}
    titles = {photo.album for photo in fakes.values() if photo.album}
    found = photos(account)
    assert len(found) == len(fakes)
    assert {photo.album_title for photo in found if photo.album_id} >= titles
    assert all(photo.album_title for photo in found if photo.album_id)
    assert not any(photo.album_title for photo in found if not photo.album_id)
    uploaded = sorted(fake.uploaded.replace(microsecond=0) for fake in fakes.values())
    assert sorted(photo.upload_date for photo in found) == uploaded


@pytest.mark.parametrize("name", ["flickr", "smugmug", "facebook"])
def test_sizes_are_those_of_the_urls(services, name):
    found = photos(services.add(name))
    assert found
    for photo in found:
        assert photo.sizes["thumbnail"][0] < photo.sizes["large"][0]
        assert photo.sizes.keys() <= photo.urls.keys()


def test_a_renamed_album_is_renamed_in_the_index(services):
    account = services.add("flickr")
    for photo in services["flickr"].photos:
        photo.album = photo.album and f"{photo.album} 2"
    Identity.objects.filter(pk=account.pk).update(cursor={})
    sync(Identity.objects.get(pk=account.pk))
    titles = {photo.album_title for photo in photos(account)} - {""}
    assert titles
    assert all(title.endswith(" 2") for title in titles)


def test_smugmug_and_google_send_the_camera(services):
    for name in ("smugmug", "google"):
        account = services.add(name)
        if name == "google":
            services.pick(account)
            account.refresh_from_db()
        cameras = {photo.camera for photo in photos(account) if photo.service == name}
        assert [camera.name for camera in cameras] == ["NIKON D80"]
        assert [camera.exposure_time for camera in cameras] == [0.004]
