from datetime import timedelta

import pytest
from django.utils import timezone

from django_trove.server.models import AccessToken, AddLink, Nonce, RequestToken
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
