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


def test_deleting_a_trove_deletes_all_rows_of_its_user_only(
    full, application, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("django_trove.server.accounts.removal.BATCH", 2)
    (ada, caller), (grace, other) = full("ada2"), full("grace2")
    before = rows_of(grace)
    received = []

    def receive(user, **data):
        received.append(user)

    signals.trove_deleted.connect(receive)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            request_trove_deletion(ada)
            assert caller.get("/v1/oauth/photos/").status_code == 401
    finally:
        signals.trove_deleted.disconnect(receive)
    assert received == [ada]
    assert rows_of(ada) == {}
    assert rows_of(grace) == before
    assert other.get("/v1/oauth/photos/").json()["total_number_of_results"] == 3
    assert get_user_model().objects.filter(pk=ada.pk).exists()


def test_registered_applications_are_kept(
    full, make_application, django_capture_on_commit_callbacks
):
    ada, _ = full("ada2")
    own = make_application("Own", owner=ada)
    with django_capture_on_commit_callbacks(execute=True):
        request_trove_deletion(ada)
    assert Application.objects.filter(pk=own.pk).exists()


def test_deleted_identity_is_not_synced(identity, index, make_person):
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


def test_deletion_task_ignores_an_active_identity(identity, index):
    index(Photo(id="1"))
    delete_identity.call(identity.pk)
    assert Item.objects.count() == 1


def test_interrupted_deletion_resumes(identity, index, monkeypatch):
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
