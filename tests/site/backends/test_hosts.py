"""
A site whose requests are signed for another host than that of its Trove keeps its tokens. The Trove
is a real server, with the names localhost and 127.0.0.1.
"""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from django_trove import signals
from django_trove.backends.clients import check_credentials
from django_trove.client import Query, Token, TokenRejected, TroveError, WrongHost
from django_trove.core.encryption import random_key
from django_trove.diagnosis.findings import check_trove
from django_trove.health import Health
from django_trove.models import TroveAccount
from django_trove.server.models import AccessToken, Application
from django_trove.services import Trove

pytestmark = pytest.mark.django_db(transaction=True)


class Proxy(BaseHTTPRequestHandler):
    """
    A reverse proxy that does not forward the host.
    """

    target = ""

    def do_GET(self) -> None:
        connection = http.client.HTTPConnection(self.target)
        length = int(self.headers.get("Content-Length", 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request(self.command, self.path, self.rfile.read(length), headers)
        response = connection.getresponse()
        body = response.read()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {"connection", "content-length", "date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def proxy(live_server):
    handler = type("Handler", (Proxy,), {"target": urlsplit(live_server.url).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def connected(live_server, settings, make_user):
    """
    A user whose access token is valid.
    """
    application = Application.objects.register("The site", callbacks=["https://site.example/"])
    application.allow_oob = True
    application.save()
    settings.TROVE_SERVER = {"URL": live_server.url}
    settings.TROVE = {
        "APP_KEY": application.key,
        "APP_SECRET": application.secret,
        "URL": live_server.url,
        "CACHE_SECONDS": 0,
        "STALE_IF_ERROR_SECONDS": 0,
        "ERROR_CACHE_SECONDS": 0,
        "RETRIES": 0,
    }
    user = make_user("ada")
    granted = AccessToken.objects.create(
        key=random_key(),
        secret=random_key(),
        user=make_user("ada-at-the-trove"),
        application=application,
        content_types=["photos"],
    )
    account = TroveAccount(user=user, app_key=application.key)
    account.token = Token(granted.key, granted.secret)
    account.save()
    return user


def other_name(url):
    return url.replace("localhost", "127.0.0.1") if "localhost" in url else _localhost(url)


def _localhost(url):
    return f"http://localhost:{urlsplit(url).port}"


def misconfigure(case, settings, url, proxy):
    site, trove = settings.TROVE, settings.TROVE_SERVER
    if case == "the site uses another name":
        settings.TROVE = {**site, "URL": other_name(url)}
    elif case == "the Trove has another URL":
        settings.TROVE_SERVER = {**trove, "URL": "https://trove.example"}
    elif case == "only the URL of content is wrong":
        settings.TROVE = {**site, "API_URL": other_name(url)}
    elif case == "a proxy of content does not forward the host":
        settings.TROVE = {**site, "API_URL": proxy}
    elif case == "a proxy of everything does not forward the host":
        settings.TROVE = {**site, "URL": proxy}
    elif case == "the same, and new connections use version 2":
        settings.TROVE = {**site, "URL": proxy, "PROTOCOL": 2}
    return site, trove


CASES = (
    "the site uses another name",
    "the Trove has another URL",
    "only the URL of content is wrong",
    "a proxy of content does not forward the host",
    "a proxy of everything does not forward the host",
    "the same, and new connections use version 2",
)


@pytest.mark.parametrize("case", CASES)
def test_the_token_is_kept_and_works_again(case, connected, live_server, settings, proxy):
    lost = []
    signals.needs_reconnect.connect(lost.append, weak=False)
    before = TroveAccount.objects.get().token
    assert Trove(connected).photos().count == 0
    correct = misconfigure(case, settings, live_server.url, proxy)
    with pytest.raises(TroveError) as failure:
        Trove(connected).photos()
    assert not isinstance(failure.value, TokenRejected)
    account = TroveAccount.objects.get()
    assert account.health == Health.DEGRADED
    assert account.token == before
    assert not lost
    settings.TROVE, settings.TROVE_SERVER = correct
    assert Trove(connected).photos().count == 0
    assert TroveAccount.objects.get().health == Health.CONNECTED


def test_a_wrong_host_is_explained(connected, live_server, settings):
    settings.TROVE = {**settings.TROVE, "URL": other_name(live_server.url)}
    with pytest.raises(WrongHost, match="settings of the Trove"):
        Trove(connected).photos()
    account = TroveAccount.objects.get()
    assert account.failure == "configuration"
    assert "not configured correctly" in account.reason
    finding = check_trove()
    assert (finding.ok, finding.message[:9]) == (False, "WrongHost")
    assert urlsplit(other_name(live_server.url)).netloc in finding.message


def test_the_check_covers_both_urls(connected, settings, proxy):
    settings.TROVE = {**settings.TROVE, "API_URL": proxy}
    error = check_credentials()
    assert isinstance(error, WrongHost)
    assert proxy in error.detail


def test_a_revoked_token_is_still_detected(connected, live_server, settings):
    """
    Also if both URLs of the site are names of the Trove.
    """
    other = other_name(live_server.url)
    settings.TROVE_SERVER = {"WEB_URL": live_server.url, "API_URL": other}
    settings.TROVE = {**settings.TROVE, "WEB_URL": live_server.url, "API_URL": other}
    assert Trove(connected).photos(Query()).count == 0
    AccessToken.objects.revoke()
    with pytest.raises(TokenRejected):
        Trove(connected).photos()
    assert TroveAccount.objects.get().needs_reconnect
