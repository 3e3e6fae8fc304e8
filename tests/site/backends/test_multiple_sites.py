"""
A project with several sites. Each has its own application key.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib.sites.models import Site
from django.contrib.sites.shortcuts import get_current_site
from django.test import Client
from django.urls import reverse

from django_trove.client import CallError, TokenRejected
from django_trove.health import Failure, Health
from django_trove.models import TroveAccount
from django_trove.services import Trove

pytestmark = pytest.mark.django_db

CONNECT = reverse("django_trove:connect")
SECRETS = {"key-of-a": "secret-of-a", "key-of-b": "secret-of-b"}


def key_of_site(request):
    host = request.get_host() if request else "a.example"
    return {"a.example": "key-of-a", "b.example": "key-of-b"}[host]


@pytest.fixture(autouse=True)
def two_sites(settings, fake_server):
    settings.ALLOWED_HOSTS = ["a.example", "b.example"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django_trove.middleware.TroveMiddleware"]
    settings.TROVE = settings.TROVE | {"APP_KEY": key_of_site, "APP_SECRET": SECRETS}
    fake_server.app_secrets = SECRETS


@pytest.fixture
def visit(user):
    def on(host):
        browser = Client(SERVER_NAME=host)
        browser.force_login(user)
        return browser

    return on


def connect(browser, fake_server):
    start = browser.post(CONNECT, {"next": "/"})
    back = urlsplit(fake_server.allow(start.url))
    assert back.netloc == browser.defaults["SERVER_NAME"]
    return fake_server.follow_callback(browser, f"{back.path}?{back.query}")


@pytest.mark.parametrize(("host", "key"), [("a.example", "key-of-a"), ("b.example", "key-of-b")])
def test_account_stores_key_of_its_site(visit, fake_server, host, key):
    connect(visit(host), fake_server)
    account = TroveAccount.objects.get()
    assert (account.app_key, account.health) == (key, Health.CONNECTED)
    assert fake_server.owners[account.token.key] == key


def test_account_uses_its_key_on_other_sites_and_in_commands(visit, user, fake_server):
    connect(visit("b.example"), fake_server)
    assert len(Trove(user).photos()) == 3
    assert "Reconnect required" not in visit("a.example").get("/trove/").content.decode()


def test_accounts_of_previous_key_work_while_its_secret_is_configured(
    visit, user, fake_server, settings
):
    connect(visit("a.example"), fake_server)
    settings.TROVE = settings.TROVE | {"APP_KEY": "key-of-b"}
    assert len(Trove(user).photos(tags="snow")) == 3
    settings.TROVE = settings.TROVE | {"APP_SECRET": "secret-of-b"}
    account = TroveAccount.objects.get()
    assert (account.health, account.reason) == (Health.NEEDS_RECONNECT, Failure.OTHER_KEY.label)
    calls_before = fake_server.photo_calls
    with pytest.raises(TokenRejected):
        Trove(user).photos(tags="snow")
    assert fake_server.photo_calls == calls_before
    assert TroveAccount.objects.get().state == TroveAccount.State.ACTIVE  # works again with the key


def test_missing_secret_does_not_require_reconnection(visit, user, fake_server, settings):
    connect(visit("a.example"), fake_server)
    settings.TROVE = settings.TROVE | {"APP_SECRET": ""}
    assert TroveAccount.objects.get().health == Health.CONNECTED
    with pytest.raises(CallError, match="app_secret"):
        Trove(user).photos()


def test_wrong_secret_affects_one_site_only(visit, user, fake_server, settings):
    connect(visit("a.example"), fake_server)
    settings.TROVE = settings.TROVE | {"APP_SECRET": SECRETS | {"key-of-b": "wrong"}}
    assert visit("b.example").post(CONNECT).status_code == 502
    assert len(Trove(user).photos()) == 3


def test_account_without_stored_key_uses_current_key(make_account, user, fake_server):
    make_account(*fake_server.grant())
    assert len(Trove(user).photos()) == 3
    assert TroveAccount.objects.get().health == Health.CONNECTED


def test_callback_host_from_sites_framework(visit, fake_server, settings):
    def base(request):
        return f"https://{get_current_site(request).domain}"

    settings.TROVE = settings.TROVE | {"CALLBACK_BASE_URL": base}
    settings.SITE_ID = None
    for host in ("a.example", "b.example"):
        Site.objects.update_or_create(domain=host, defaults={"name": host})
        visit(host).post(CONNECT)
    callbacks = sorted(fake_server.callbacks.values())
    assert callbacks == [f"https://{host}/trove/callback/" for host in ("a.example", "b.example")]
