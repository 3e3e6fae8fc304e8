from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from django_trove.models import TroveAccount

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_trove_troveaccount_changelist")


@pytest.fixture
def admin(make_user):
    client = Client()
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def canary(make_account, pretend):
    return make_account("canary-key", "canary-secret")


def test_accounts_are_listed_found_and_filtered(admin, canary):
    for query in ({}, {"q": "ann"}, {"q": "Ann at the Trove"}, {"state__exact": "active"}):
        assert "Ann at the Trove" in admin.get(LIST, query).content.decode()
    for query in ({"q": "bob"}, {"state__exact": "needs_reconnect"}):
        assert "Ann at the Trove" not in admin.get(LIST, query).content.decode()


def test_no_page_shows_a_token_not_even_sealed(admin, canary):
    one = reverse("admin:django_trove_troveaccount_change", args=[canary.pk])
    delete = reverse("admin:django_trove_troveaccount_delete", args=[canary.pk])
    for path in (LIST, one, delete, f"{one}../history/"):
        page = admin.get(path, follow=True).content.decode()
        assert "canary" not in page
        assert "sealed:" not in page
        assert canary.fingerprint not in page


def test_accounts_are_not_made_or_changed_here(admin, canary):
    assert admin.get(reverse("admin:django_trove_troveaccount_add")).status_code == 403
    one = reverse("admin:django_trove_troveaccount_change", args=[canary.pk])
    assert admin.post(one, {"name": "Mallory"}).status_code == 403


@pytest.mark.parametrize("action", ["disconnect", "delete_selected"])
def test_an_action_disconnects_and_tells_the_world(
    admin, canary, heard, action, django_capture_on_commit_callbacks
):
    form = {"action": action, "_selected_action": [str(canary.pk)], "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(LIST, form).status_code == 302
    assert (TroveAccount.objects.count(), heard.names) == (0, ["disconnected"])


def test_deleting_one_disconnects_it(admin, canary, heard, django_capture_on_commit_callbacks):
    delete = reverse("admin:django_trove_troveaccount_delete", args=[canary.pk])
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(delete, {"post": "yes"})
    assert (TroveAccount.objects.count(), heard.names) == (0, ["disconnected"])


def test_a_list_costs_the_same_however_long(
    admin, canary, make_account, make_user, django_assert_max_num_queries
):
    for number in range(5):
        make_account(f"key-{number}", user=make_user(f"user-{number}"))
    with django_assert_max_num_queries(9):
        admin.get(LIST)
