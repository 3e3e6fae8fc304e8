"""
Admin pages and actions.
"""

import pytest
from django.contrib.admin import site as admin_site
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.server import signals
from django_trove.server.models import AccessToken, Application, Identity, Item
from django_trove.server.search.engine import search

from .fake_connector import put, state

pytestmark = pytest.mark.django_db

PAGES = ("application", "accesstoken", "identity", "item")


@pytest.fixture
def admin(make_person):
    admin = Client()
    admin.force_login(make_person("root", is_staff=True, is_superuser=True))
    return admin


def test_no_page_shows_a_secret(admin, token, index):
    index(Photo(id="1", title="Snow"))
    for name in PAGES:
        list_page = admin.get(f"/admin/trove_server/{name}/?q=e", secure=True)
        change_page = admin.get(f"/admin/trove_server/{name}/1/change/", follow=True, secure=True)
        for page in (list_page, change_page):
            assert page.status_code == 200
            assert token.secret not in page.content.decode()
            assert token.application.secret not in page.content.decode()
    page = admin.get(f"/admin/trove_server/application/{token.application.pk}/change/", secure=True)
    assert token.application.key in page.content.decode()


def test_rows_cannot_be_added(admin):
    for name in PAGES:
        assert admin.get(f"/admin/trove_server/{name}/add/", secure=True).status_code == 403


def test_tokens_can_be_revoked(admin, token, caller):
    form = {"action": "revoke", "_selected_action": [token.pk]}
    admin.post("/admin/trove_server/accesstoken/", form, secure=True)
    assert AccessToken.objects.get().revoked_at
    assert caller.get("/v1/oauth/photos/").status_code == 401


def test_revoking_requires_the_change_permission(make_person, token):
    viewer = make_person("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_accesstoken"))
    browser = Client()
    browser.force_login(viewer)
    form = {"action": "revoke", "_selected_action": [token.pk]}
    browser.post("/admin/trove_server/accesstoken/", form, secure=True)
    assert not AccessToken.objects.get().revoked_at


def test_revoking_sends_one_signal_for_each_user_and_application(
    admin, make_token, django_capture_on_commit_callbacks
):
    received = []

    def receiver(sender, **kwargs):
        received.append((kwargs["user"].username, kwargs["application"].name))

    signals.application_revoked.connect(receiver)
    form = {"action": "revoke", "_selected_action": [make_token().pk, make_token().pk]}
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            admin.post("/admin/trove_server/accesstoken/", form, secure=True)
    assert received == [("ada", "Example site")]


@pytest.mark.parametrize("callbacks", ["5", "true", '"https://site.example/"', '{"a": 1}', "[5]"])
def test_invalid_callbacks_are_rejected(admin, application, callbacks):
    form = {"name": "Example", "callbacks": callbacks, "active": "on"}
    path = f"/admin/trove_server/application/{application.pk}/change/"
    page = admin.post(path, form, secure=True)
    assert page.status_code == 200
    assert page.context["errors"]


@pytest.mark.parametrize("callbacks", ["", "null", "[]", "{}"])
def test_empty_callbacks_are_an_empty_list(admin, application, callbacks):
    form = {"name": "Example", "callbacks": callbacks, "active": "on"}
    path = f"/admin/trove_server/application/{application.pk}/change/"
    assert admin.post(path, form, secure=True).status_code == 302
    assert Application.objects.get().callbacks == []


def test_no_secret_is_in_a_repr(token):
    for row in (token, token.application):
        assert token.secret not in f"{row!r} {row}"
        assert token.application.secret not in f"{row!r} {row}"


def run_action(admin, model, action, *rows):
    path = reverse(f"admin:trove_server_{model}_changelist")
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return admin.post(path, form, secure=True, follow=True)


def test_all_tokens_of_an_application_can_be_revoked(admin, application, make_token, caller):
    make_token()
    assert (
        b"2 tokens were revoked"
        in run_action(admin, "application", "revoke_tokens", application).content
    )
    assert caller.get("/v1/oauth/photos/").status_code == 401


def test_an_application_can_be_verified(admin, application):
    run_action(admin, "application", "verify", application)
    application.refresh_from_db()
    assert application.verified


def test_an_account_can_be_synced_and_removed(
    admin, service, account, django_capture_on_commit_callbacks
):
    put(service, "a")
    Identity.objects.update(failures=3, last_error="Away.")
    with django_capture_on_commit_callbacks(execute=True):
        run_action(admin, "identity", "sync_now", account)
    assert (state(account).failures, Item.objects.count()) == (0, 1)
    with django_capture_on_commit_callbacks(execute=True):
        run_action(admin, "identity", "remove", account)
    assert not Identity.objects.exists()


def test_deleting_items_updates_the_counts(admin, index, person):
    items = index(*(Photo(id=str(number), tags=("sea",)) for number in range(3)))
    form = {"post": "yes"}
    admin.post(reverse("admin:trove_server_item_delete", args=[items[0].pk]), form, secure=True)
    assert search(person, Query(tags_required=["sea"]), "").total_number_of_results == 2
    path = reverse("admin:trove_server_item_changelist")
    form = {"action": "delete_selected", "_selected_action": [items[1].pk], "post": "yes"}
    admin.post(path, form, secure=True)
    assert search(person, Query(), "").total_number_of_results == 1


def test_a_user_can_be_deleted(admin, index, person, token):
    index(Photo(id="1", tags=("sea",)))
    label = person._meta.label_lower.replace(".", "_")
    if person._meta.model not in admin_site._registry:
        pytest.skip("this user model is not in the admin")
    path = reverse(f"admin:{label}_delete", args=[person.pk])
    admin.post(path, {"post": "yes"}, secure=True)
    assert not type(person).objects.filter(pk=person.pk).exists()
    assert not Item.objects.exists()


@pytest.mark.parametrize("model", ["application", "accesstoken", "identity", "item"])
def test_the_number_of_queries_is_constant(admin, model, index, make_identity, make_token):
    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            path = reverse(f"admin:trove_server_{model}_changelist")
            assert admin.get(path, secure=True).status_code == 200
        return len(queries)

    expected = count_queries()
    for number in range(4):
        index(Photo(id=str(number)))
        make_identity(service_id=f"more {number}")
        make_token()
    assert count_queries() <= expected + 1
