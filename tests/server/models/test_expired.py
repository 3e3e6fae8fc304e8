from datetime import timedelta

import pytest
from django.utils import timezone

from django_trove.server.models import AccessToken, AddLink, Nonce, RefreshToken, RequestToken
from django_trove.server.models.oauth2 import delete_expired_tokens, issue_token
from django_trove.server.oauth import nonces

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def always(monkeypatch):
    monkeypatch.setattr("django_trove.server.models.tokens.CLEANUP_INTERVAL", 1)


def test_expired_rows_are_deleted(settings, dance, person):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "database"}
    late, soon = timezone.now() - timedelta(seconds=1), timezone.now() + timedelta(seconds=60)
    dance.asked()
    AddLink.objects.issue(user=person, service="folder")
    for expires, left in ((late, 1), (soon, 2)):
        for model in (RequestToken, Nonce, AddLink):
            model.objects.update(expires=expires)
        dance.asked()
        AddLink.objects.issue(user=person, service="folder")
        for model in (RequestToken, Nonce, AddLink):
            assert model.objects.count() == left, model


def test_tokens_revoked_long_ago_are_deleted(browser, dance, make_token):
    now = timezone.now()
    long_ago = make_token(revoked_at=now - timedelta(days=31))
    lately = make_token(revoked_at=now - timedelta(days=29))
    holds = make_token(created=now - timedelta(days=1000))
    dance.exchange(dance.allowed(browser))
    left = set(AccessToken.objects.values_list("pk", flat=True))
    assert long_ago.pk not in left
    assert {lately.pk, holds.pk} < left


def test_nonce_expires_after_the_timestamp_window(settings):
    settings.TROVE_SERVER = {"NONCE_STORE": "database", "TIMESTAMP_WINDOW": 100}
    nonces.record_nonce("n" * 64)
    left = Nonce.objects.get().expires - timezone.now()
    assert timedelta(seconds=190) < left <= timedelta(seconds=200)


class TestVersion2:
    """
    An authorization whose access token is expired, with one refresh token.
    """

    @pytest.fixture
    def add_authorization(self, make_token, make_application):
        def add(days, *, used_at=None):
            token = make_token(
                to=make_application(f"Refreshable for {days} days"),
                version=2,
                expires=timezone.now() - timedelta(hours=1),
            )
            expires = timezone.now() + timedelta(days=days)
            RefreshToken.from_token(
                issue_token(), access_token=token, expires=expires, used_at=used_at
            )
            return token

        return add

    def test_it_is_listed_if_it_can_be_refreshed(self, browser, add_authorization):
        add_authorization(7)
        add_authorization(-7)
        add_authorization(6, used_at=timezone.now())
        for path in ("/applications/", "/"):
            page = browser.get(path, secure=True).content.decode()
            assert "Refreshable for 7 days" in page
            assert "Refreshable for -7 days" not in page
            assert "Refreshable for 6 days" not in page
        export = b"".join(browser.get("/download/", secure=True).streaming_content).decode()
        assert "Refreshable for 7 days" in export
        assert "Refreshable for -7 days" not in export

    @pytest.mark.parametrize("version", [1, 2])
    def test_it_is_deleted_if_it_cannot(self, browser, dance, add_authorization, version):
        """
        In new exchanges of either version.
        """
        current, late = add_authorization(7), add_authorization(-7)
        other = make_revoked_long_ago(add_authorization(8))
        if version == 1:
            dance.exchange(dance.allowed(browser))
        else:
            delete_expired_tokens()
        left = set(AccessToken.objects.values_list("pk", flat=True))
        assert late.pk not in left
        assert other.pk not in left
        assert current.pk in left


def make_revoked_long_ago(token):
    token.revoked_at = timezone.now() - timedelta(days=31)
    token.save()
    return token
