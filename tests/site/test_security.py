"""
Threats to OAuth 1.0a clients.
"""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.db import connection
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from django_trove.client import TokenRejected
from django_trove.conf import conf
from django_trove.connect import views
from django_trove.connect.redirects import safe_next_url
from django_trove.core.encryption import fingerprint
from django_trove.core.oauth_state import MAX_TOTAL_LENGTH
from django_trove.models import TroveAccount
from django_trove.services import Trove

from .fake_trove_server import photo

pytestmark = pytest.mark.django_db

KEY = connection.ops.quote_name("key")  # a reserved word in MySQL
ACCOUNT, CALLBACK = reverse("django_trove:account"), reverse("django_trove:callback")
CONNECT, DISCONNECT = reverse("django_trove:connect"), reverse("django_trove:disconnect")
EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://evil.example/",
    "http://testserver@evil.example/",
    "http://testserver:81/",
    "http://testserver.evil.example/",
    "http://xn--e1afmkfd.example/",
    "http://tests\u0435rver/",  # a Cyrillic letter
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "\t//evil.example",
    "\x01https://evil.example",
    "/x" * 50_000,
]


@pytest.fixture
def canary_secrets(fake_server):
    """
    Use secrets that can be searched for, and return them.
    """
    fake_server.next_token = "canary-access-key"
    fake_server.grant("canary-access-key", "canary-access-secret")
    return ["canary-access-key", "canary-access-secret"]


def connect(browser, fake_server, next=""):
    return fake_server.follow_callback(
        browser, fake_server.allow(browser.post(CONNECT, {"next": next}).url)
    )


def read_all_values() -> str:
    """
    Return every value of every table as stored in the database.
    """
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += [str(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_trove_without_tls_is_rejected_before_sending(browser, settings):
    settings.TROVE = settings.TROVE | {"URL": "http://trove.example"}
    assert browser.post(CONNECT).status_code == 502
    assert "django_trove.E004" in [m.id for m in run_checks()]


def test_log_of_connection_has_no_token_or_secret(browser, fake_server, canary_secrets, caplog):
    caplog.set_level(logging.DEBUG)
    back = fake_server.allow(browser.post(CONNECT).url)
    fake_server.follow_callback(browser, back)
    list(Trove(TroveAccount.objects.get().user).iter_photos())
    records = "\n".join(str(vars(r)) + r.getMessage() for r in caplog.records)
    secrets = [
        *fake_server.secrets.values(),
        "canary-access-key",
        "verifier-of",
        "oauth_signature=",
    ]
    assert [secret for secret in [*canary_secrets, *secrets] if secret in records] == []
    assert "connected their Trove" in records


@pytest.mark.parametrize("key", ["VERIFY", "VERIFY_TLS", "SSL_VERIFY"])
def test_certificate_checks_cannot_be_disabled(settings, key):
    settings.TROVE = settings.TROVE | {key: False}
    assert [m.id for m in run_checks() if m.id.startswith("django_trove.W")] == [
        "django_trove.W001"
    ]


def test_cache_entries_are_separate_for_users_and_grants(make_user, make_account, fake_server):
    ann, bob = make_account(*fake_server.grant("a")).user, make_user("bob")
    make_account(*fake_server.grant("b"), user=bob)
    assert len(Trove(ann).photos()) == 3
    fake_server.photos = [photo(9)]
    assert [p.title for p in Trove(bob).photos()] == ["Snow 9"]
    assert len(Trove(ann).photos()) == 3
    TroveAccount.objects.filter(user=ann).delete()
    make_account(*fake_server.grant("a"), user=ann)
    assert [p.title for p in Trove(ann).photos()] == ["Snow 9"]


def test_page_with_photos_is_not_cached_for_other_users(
    browser, make_user, make_account, fake_server, settings
):
    """
    Even if the site caches the page.
    """
    settings.ROOT_URLCONF = "tests.site.urls"
    make_account(*fake_server.grant("a"))
    bob, his_browser = make_user("bob"), Client()
    make_account(*fake_server.grant("b"), user=bob)
    his_browser.force_login(bob)
    for path in ("/gallery/", "/photos/"):
        assert b"Snow 0" in browser.get(path).content
    fake_server.photos = [photo(9)]
    for path in ("/gallery/", "/photos/"):
        assert b"Snow 9" in his_browser.get(path).content
        assert b"Snow 9" not in browser.get(path).content
        assert "Cookie" in browser.get(path).headers["Vary"]


def test_page_with_photos_of_another_user_can_be_cached(account, fake_server, settings):
    """
    The page is the same for all users.
    """
    settings.ROOT_URLCONF = "tests.site.urls"
    path = f"/people/{account.user.get_username()}/"
    first = Client().get(path).content
    account.delete()
    assert Client().get(path).content == first
    assert b"Snow 0" in first


def test_database_dump_session_and_cache_have_no_secret(browser, fake_server, canary_secrets, user):
    waiting = fake_server.allow(browser.post(CONNECT).url)
    connect(browser, fake_server)
    Trove(user).photos()
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    sessions = str([s.get_decoded() for s in Session.objects.all()])
    kept = str(getattr(cache, "_cache", {}))
    everything = "\n".join([read_all_values(), dump.getvalue(), sessions, kept])
    request_token = waiting.partition("oauth_token=")[2].partition("&")[0]
    for secret in [*canary_secrets, request_token, fake_server.secrets[request_token]]:
        assert secret not in everything
    assert "Ann at the Trove" in everything


def test_lost_key_requires_reconnection_without_error(browser, account, settings):
    right = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, and the old one is lost"
    browser.force_login(account.user)
    assert "can no longer decrypt its access token" in browser.get(ACCOUNT).content.decode()
    with pytest.raises(TokenRejected, match="decrypted"):
        Trove(account.user).photos()
    settings.SECRET_KEY = right
    assert Trove(account.user).photos(count=9), "and all is well when the key is back"


def test_copied_ciphertext_is_rejected_for_other_user(account, make_user):
    bob = make_user("bob")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KEY}, secret FROM django_trove_troveaccount")
        key, secret = cursor.fetchone()
    stolen = TroveAccount(user=bob, fingerprint="f")
    stolen.token = account.token
    stolen.fingerprint = "f"
    stolen.save()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE django_trove_troveaccount SET {KEY} = %s, secret = %s WHERE fingerprint = 'f'",
            [key, secret],
        )
    stolen = TroveAccount.objects.get(pk=stolen.pk)
    assert (account.needs_reconnect, stolen.needs_reconnect) == (False, True)


def test_the_oldest_flows_are_discarded(browser, fake_server):
    """
    Web servers limit the length of headers.
    """
    urls = [browser.post(CONNECT).url for _ in range(20)]
    flows = [cookie.value for name, cookie in browser.cookies.items() if name.startswith("trove_")]
    assert MAX_TOTAL_LENGTH / 2 < sum(map(len, flows)) < MAX_TOTAL_LENGTH
    assert fake_server.follow_callback(browser, fake_server.allow(urls[0])).status_code == 400
    assert fake_server.follow_callback(browser, fake_server.allow(urls[-1])).status_code == 302


@pytest.mark.parametrize("path", [CONNECT, DISCONNECT, reverse("django_trove:add_service")])
def test_connecting_requires_csrf_token(user, fake_server, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.post(path).status_code == 403
    assert not fake_server.request_counts


def test_get_does_not_start_connection(browser, fake_server):
    assert browser.get(CONNECT).status_code == 405
    assert not fake_server.request_counts


def test_callback_in_another_browser_is_rejected(browser, fake_server, make_user):
    back = fake_server.allow(browser.post(CONNECT).url)
    victim = Client()
    victim.force_login(make_user("bob"))
    response = victim.get(back)
    assert (response.status_code, b'data-error="unknown"' in response.content) == (400, True)
    assert not TroveAccount.objects.exists()
    assert not fake_server.request_counts["/v1/oauth/access_token/"]


def test_callback_after_login_as_other_user_is_rejected(browser, fake_server, make_user):
    back = fake_server.allow(browser.post(CONNECT, {"next": "/private/"}).url)
    browser.force_login(make_user("bob"))
    response = browser.get(back)
    assert (response.status_code, b'data-error="other-user"' in response.content) == (403, True)
    assert b"/private/" not in response.content
    assert not TroveAccount.objects.exists()


def test_request_token_without_confirmed_callback_is_rejected(browser, fake_server):
    fake_server.callback_confirmed = "false"
    assert b'data-error="unsafe"' in browser.post(CONNECT).content


def test_callback_without_verifier_is_rejected(browser, fake_server):
    back = fake_server.allow(browser.post(CONNECT).url).partition("&oauth_verifier")[0]
    response = browser.get(back)
    assert (response.status_code, b'data-error="no-verifier"' in response.content) == (400, True)
    assert not fake_server.request_counts["/v1/oauth/access_token/"]


def test_grant_of_another_user_is_rejected(browser, fake_server, make_account, make_user):
    taken = make_account(*fake_server.grant("same"), user=make_user("bob"))
    fake_server.next_token = "same"
    before = TroveAccount.objects.values().get()
    response = connect(browser, fake_server)
    assert (response.status_code, b'data-error="in-use"' in response.content) == (403, True)
    assert TroveAccount.objects.values().get() == before
    assert TroveAccount.objects.get().user_id == taken.user_id


def test_tokens_that_differ_in_case_or_whitespace_are_different_grants():
    assert len({fingerprint(key) for key in ("key", "KEY", "key ", " key")}) == 4


def test_account_of_inactive_user_makes_no_calls(account, fake_server):
    account.user.is_active = False
    assert not Trove(account.user).connected
    account.user.delete()
    assert not TroveAccount.objects.exists()


def test_account_of_another_user_cannot_be_selected(account, make_user, fake_server):
    """
    No URL has an account as a parameter.
    """
    stranger = Client()
    stranger.force_login(make_user("bob"))
    for path in (
        DISCONNECT,
        f"{DISCONNECT}?pk={account.pk}",
        f"{DISCONNECT}?user={account.user.pk}",
    ):
        stranger.post(path, {"pk": account.pk, "user": account.user.pk, "account": account.pk})
    assert TroveAccount.objects.filter(pk=account.pk).exists()


@pytest.mark.parametrize("target", EVIL)
def test_next_cannot_leave_the_site(browser, fake_server, target):
    assert connect(browser, fake_server, target).url == ACCOUNT


def test_line_break_in_next_adds_no_header(browser, fake_server):
    response = connect(browser, fake_server, "/a\r\nSet-Cookie: x=1")
    assert response.url == "/a%0D%0ASet-Cookie:%20x=1"
    assert "x" not in response.cookies


def test_next_is_validated_again_on_use(browser, fake_server, settings):
    before = settings.TROVE
    settings.TROVE = before | {"ALLOWED_NEXT_HOSTS": ["evil.example"]}
    back = fake_server.allow(browser.post(CONNECT, {"next": "https://evil.example/"}).url)
    settings.TROVE = before
    assert fake_server.follow_callback(browser, back).url == ACCOUNT


def test_next_allows_configured_hosts_and_no_downgrade_to_http(settings):
    settings.TROVE = settings.TROVE | {"ALLOWED_NEXT_HOSTS": ["photos.example"]}
    plain, secure = RequestFactory().get("/"), RequestFactory().get("/", secure=True)
    assert safe_next_url(plain, "https://photos.example/x") == "https://photos.example/x"
    assert safe_next_url(secure, "http://photos.example/x") == ""


def test_service_data_is_escaped_and_unsafe_links_are_dropped(account, fake_server):
    fake_server.photos = [
        photo(
            1,
            title='"><script>alert(1)</script>',
            original_web_url="javascript:alert(1)",
            urls={"original": 'https://x.example/"onerror="alert(1)', "large": "data:text/html,x"},
        )
    ]
    page = Template("{% load trove %}{% trove_gallery user %}").render(
        Context({"user": account.user})
    )
    assert "<script" not in page
    assert '"onerror="' not in page
    assert "javascript:" not in page
    assert "data:" not in page


def test_requests_do_not_change_settings(browser, fake_server, settings):
    before = json.dumps(settings.TROVE)
    connect(browser, fake_server, "/x")
    conf.content_types.append("videos")
    assert json.dumps(settings.TROVE) == before
    assert conf.content_types == ["photos"]


def test_verifier_is_not_sent_to_other_sites_or_error_reports(user, settings, fake_server):
    """
    The URL of a callback contains the verifier.
    """
    canary = "canary"
    request = RequestFactory().get(CALLBACK, {"oauth_token": "key", "oauth_verifier": canary})
    request.user, request.session = user, Client().session
    response = views.callback(request)
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    report = ExceptionReporter(request, RuntimeError, RuntimeError(), None)
    settings.DEBUG = True
    assert canary not in report.get_traceback_html()
    assert canary not in report.get_traceback_text()


@pytest.mark.parametrize(
    "function",
    [
        "django_trove.connect.views.exchange",
        "django_trove.connect.flows.Grant.from_token",
        "django_trove.connect.grants.secrets.token_urlsafe",
        "django_trove.connect.grants.json.dumps",
        "django_trove.connect.grants.PendingAuthorization",
        "django_trove.connect.grants.PendingGrant",
        "django_trove.connect.flows.atomic",
        "django_trove.connect.flows.fingerprint",
        "django_trove.models.TroveAccount.save",
    ],
)
def test_error_report_has_no_secret(browser, fake_server, canary_secrets, monkeypatch, function):
    reports = []

    def collect(sender, request, **kwargs):
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.append(reporter.get_traceback_html() + reporter.get_traceback_text())

    def fail(*args, **kwargs):
        raise RuntimeError("unexpected")

    browser.raise_request_exception = False
    back = fake_server.allow(browser.post(CONNECT).url)
    verifier = next(iter(fake_server.verifiers.values()))
    monkeypatch.setattr(function, fail)
    got_request_exception.connect(collect)
    try:
        response = browser.get(back)
        if response.status_code == 302:
            response = browser.post(response.url, {"answer": "confirm"})
    finally:
        got_request_exception.disconnect(collect)
    assert response.status_code == 500
    [report] = reports
    assert [secret for secret in (*canary_secrets, verifier) if secret in report] == []
