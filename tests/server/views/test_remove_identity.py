"""
Removing an account.
"""

import pytest
from django.test import Client

from django_trove.client.content import Photo
from django_trove.server.models import Identity, Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(identity, index):
    index(Photo(id="1"), Photo(id="2"))
    return f"/identities/{identity.pk}/remove/"


def test_removal_requires_confirmation(browser, path):
    assert path in browser.get("/", secure=True).content.decode()
    page = browser.get(path, secure=True).content.decode()
    assert "flickr 1" in page
    assert "2 items are removed" in page
    assert Item.objects.count() == 2


def test_only_the_confirmed_account_and_its_items_are_removed(
    browser, path, make_identity, index, django_capture_on_commit_callbacks
):
    other = make_identity(service_id="2")
    index(Photo(id="3"), into=other)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(path, secure=True).url == "/"
    assert list(Identity.objects.all()) == [other]
    assert Item.objects.count() == 1
    assert browser.post(path, secure=True).status_code == 404


def test_another_users_account_is_not_found(path, make_person):
    assert Client().post(path, secure=True).url.startswith("/identity/login")
    bob = Client()
    bob.force_login(make_person("bob"))
    assert bob.get(path, secure=True).status_code == 404
    assert bob.post(path, secure=True).status_code == 404
    assert Identity.objects.count() == 1


def test_csrf_protection(person, path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(path, secure=True).status_code == 403
    assert Identity.objects.count() == 1
