"""
The admin shows what may be seen, and no secret.
"""

import pytest
from django.test import Client

from django_trove.client.content import Photo
from django_trove.server.models import AccessToken

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
        listed = admin.get(f"/admin/trove_server/{name}/?q=e", secure=True)
        shown = admin.get(f"/admin/trove_server/{name}/1/change/", follow=True, secure=True)
        for page in (listed, shown):
            assert page.status_code == 200
            assert token.secret not in page.content.decode()
            assert token.application.secret not in page.content.decode()
    page = admin.get(f"/admin/trove_server/application/{token.application.pk}/change/", secure=True)
    assert token.application.key in page.content.decode()


def test_rows_are_not_made_by_hand(admin):
    for name in PAGES:
        assert admin.get(f"/admin/trove_server/{name}/add/", secure=True).status_code == 403


def test_tokens_can_be_revoked(admin, token, caller):
    form = {"action": "revoke", "_selected_action": [token.pk]}
    admin.post("/admin/trove_server/accesstoken/", form, secure=True)
    assert AccessToken.objects.get().revoked_at
    assert caller.get("/v1/oauth/photos/").status_code == 401


def test_no_secret_is_in_a_repr(token):
    for row in (token, token.application):
        assert token.secret not in f"{row!r} {row}"
        assert token.application.secret not in f"{row!r} {row}"
