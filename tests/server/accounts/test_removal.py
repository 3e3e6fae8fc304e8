"""
What a person takes away is gone, and nobody else's.
"""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_trove.client.content import Photo
from django_trove.server import signals
from django_trove.server.index.write import delete_items
from django_trove.server.models import AddLink, Application, Identity, Item, RequestToken
from django_trove.server.sync.engine import SyncBusy, sync
from django_trove.server.tasks import (
    delete_identity,
    delete_trove,
    request_identity_deletion,
    request_trove_deletion,
    sync_identity,
)

from ..conftest import put_photos
from ..signed_requests import Caller

pytestmark = pytest.mark.django_db


def rows_of(user):
    """
    Return how many rows every table has that names a person.
    """
    counts = {}
    for model in apps.get_app_config("trove_server").get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is get_user_model():
                counts[f"{model.__name__}.{field.name}"] = model.objects.filter(
                    **{field.name: user}
                ).count()
    return {name: count for name, count in counts.items() if count}


@pytest.fixture
def full(make_person, make_identity, make_token, application):
    """
    Make a person who has something in every table, and the caller with their token.
    """

    def full(name):
        user = make_person(name)
        identity = make_identity(user=user, service="flickr")
        put_photos(identity, *(Photo(id=str(number), tags=("sea",)) for number in range(3)))
        AddLink.objects.issue(user=user, service="folder")
        RequestToken.objects.create(
            application=application,
            user=user,
            key=f"key{name}",
            secret="secret",
            content_types=["photos"],
            expires=timezone.now(),
        )
        return user, Caller(application, make_token(user=user))

    return full


def test_a_deleted_trove_is_gone_and_others_stay(
    full, application, monkeypatch, django_capture_on_commit_callbacks
):
    """
    Tokens end at once; then no row of any table names the person, but for what they registered.
    """
    monkeypatch.setattr("django_trove.server.accounts.removal.BATCH", 2)
    (ada, caller), (grace, other) = full("ada2"), full("grace2")
    before = rows_of(grace)
    heard = []

    def hear(user, **said):
        heard.append(user)

    signals.trove_deleted.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            request_trove_deletion(ada)
            assert caller.get("/v1/oauth/photos/").status_code == 401
    finally:
        signals.trove_deleted.disconnect(hear)
    assert heard == [ada]
    assert rows_of(ada) == {}
    assert rows_of(grace) == before
    assert other.get("/v1/oauth/photos/").json()["total_number_of_results"] == 3
    assert get_user_model().objects.filter(pk=ada.pk).exists()


def test_what_a_person_registered_stays_for_those_who_allowed_it(
    full, make_application, django_capture_on_commit_callbacks
):
    ada, _ = full("ada2")
    own = make_application("Own", owner=ada)
    with django_capture_on_commit_callbacks(execute=True):
        request_trove_deletion(ada)
    assert Application.objects.filter(pk=own.pk).exists()


def test_an_account_that_is_leaving_is_not_looked_at(identity, index, make_person):
    """
    Not even by a task that was enqueued before; and removing it twice is removing it once.
    """
    index(Photo(id="1"))
    request_identity_deletion(identity)
    with pytest.raises(SyncBusy, match="being removed"):
        sync(Identity.objects.get())
    sync_identity.call(identity.pk)
    assert Item.objects.count() == 1
    delete_identity.call(identity.pk)
    delete_identity.call(identity.pk)
    sync_identity.call(identity.pk)
    late = make_person("late")
    gone = str(late.pk)
    late.delete()
    delete_trove.call(gone)
    assert not Identity.objects.exists()


def test_an_account_that_stays_is_not_cleared(identity, index):
    """
    A task that comes late finds it added again.
    """
    index(Photo(id="1"))
    delete_identity.call(identity.pk)
    assert Item.objects.count() == 1


def test_a_removal_that_was_stopped_goes_on(identity, index, monkeypatch):
    """
    Counts are right in between.
    """
    index(*(Photo(id=str(number), tags=("sea",)) for number in range(5)))
    monkeypatch.setattr("django_trove.server.accounts.removal.BATCH", 2)
    request_identity_deletion(identity)
    drops = []
    original = delete_items

    def once(*args):
        if drops:
            raise KeyboardInterrupt
        drops.append(original(*args))

    monkeypatch.setattr("django_trove.server.accounts.removal.delete_items", once)
    with pytest.raises(KeyboardInterrupt):
        delete_identity.call(identity.pk)
    assert identity.tallies.get().items == Item.objects.count() == 3
    monkeypatch.setattr("django_trove.server.accounts.removal.delete_items", original)
    delete_identity.call(identity.pk)
    assert not Item.objects.exists()
