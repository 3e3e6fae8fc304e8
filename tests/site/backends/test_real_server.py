"""
The site with the Trove server of this package over HTTP.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from django_trove.client import KeysRejected, Photo, TokenRejected
from django_trove.models import TroveAccount
from django_trove.server.connectors.base import FoundItem
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.models import AccessToken, Application, Identity
from django_trove.services import Trove

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACK = reverse("django_trove:callback")
CONNECT = reverse("django_trove:connect")


@pytest.fixture
def person(make_user):
    """
    A user with two photos at the Trove and an account with another name on the site.
    """
    person = make_user("ann-at-the-trove")
    identity = Identity.objects.create(user=person, service="flickr", service_id="1", name="ann")
    photos = [
        Photo(id="1", title="Snow", tags=("snow",)),
        Photo(id="2", title="Ice", tags=("snow", "ice")),
    ]
    rows = [build_item(identity, FoundItem(content=photo, etag="1"), {}, "") for photo in photos]
    write_items(identity, rows)
    return person


@pytest.fixture
def trove_browser(person):
    """
    The user's browser, signed in at the Trove.
    """
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def real_trove(live_server, settings, tmp_path):
    """
    The Trove server, with this site registered.
    """
    application = Application.objects.register(
        "The site", callbacks=[f"https://testserver{CALLBACK}"]
    )
    settings.TROVE_SERVER = {"URL": live_server.url, "FOLDER_ROOT": tmp_path}
    settings.TROVE = {
        "APP_KEY": application.key,
        "APP_SECRET": application.secret,
        "URL": live_server.url,
        "CALLBACK_BASE_URL": "https://testserver",
        "CACHE_SECONDS": 0,
    }
    return live_server


@pytest.fixture
def complete_flow(browser, trove_browser, real_trove):
    """
    Start the flow on the site, authorize or deny at the Trove, and return to the site.
    """

    def go(decision):
        there = urlsplit(browser.post(CONNECT, {"next": "/gallery/"}).url)
        token = there.query.removeprefix("oauth_token=")
        form = {"oauth_token": token, "decision": decision, "content_types": "photos"}
        headers = {"host": there.netloc}
        assert trove_browser.get(f"{there.path}?{there.query}", headers=headers).status_code == 200
        back = browser.get(trove_browser.post(there.path, form, headers=headers).url)
        return browser.post(back.url, {"answer": "confirm"}) if back.status_code == 302 else back

    return go


def test_authorized_site_shows_photos(complete_flow, user):
    assert complete_flow("allow").url == "/gallery/"
    trove = Trove(user)
    assert {photo.title for photo in trove.photos()} == {"Snow", "Ice"}
    assert [photo.title for photo in trove.photos(tags="ICE")] == ["Ice"]
    assert [photo.title for photo in trove.iter_photos(count=1, tags="ice")] == ["Ice"]
    [photo] = trove.photos(tags="ice")
    assert trove.photo(photo.trove_id) == photo
    assert [identity.service for identity in trove.user_info().identities] == ["flickr"]


def test_denied_site_gets_nothing(complete_flow):
    assert b'data-error="denied"' in complete_flow("deny").content
    assert not TroveAccount.objects.exists()


def test_revocation_at_trove_requires_reconnection(complete_flow, user):
    complete_flow("allow")
    AccessToken.objects.all().delete()
    with pytest.raises(TokenRejected):
        Trove(user).photos()
    assert Trove(user).account.needs_reconnect


def test_service_can_be_added(complete_flow, browser, user, real_trove):
    complete_flow("allow")
    offered = Trove(user).services()
    assert offered
    response = browser.post(reverse("django_trove:add_service"), {"service": next(iter(offered))})
    assert response.url.startswith(f"{real_trove.url}/")


def test_rejected_keys_keep_connections(browser, user, complete_flow, settings):
    """
    The response of a Trove does not state which secret is wrong, so that a wrong deployment looks
    like a revoked token.
    """
    complete_flow("allow")
    right = settings.TROVE | {"ERROR_CACHE_SECONDS": 0}
    settings.TROVE = right | {"APP_SECRET": "of another deploy"}
    with pytest.raises(KeysRejected):
        Trove(user).photos(tags="ice")
    assert Trove(user).connected
    settings.TROVE = right
    assert Trove(user).photos(tags="ice").count == 1


def test_rejected_keys_return_stale_response(browser, user, complete_flow, settings):
    complete_flow("allow")
    assert Trove(user).photos().count == 2
    settings.TROVE = settings.TROVE | {"APP_SECRET": "of another deploy"}
    answer = Trove(user).photos()
    assert answer.stale
    assert isinstance(answer.error, KeysRejected)
    assert answer.count == 2
