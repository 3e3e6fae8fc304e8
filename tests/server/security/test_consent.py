"""
Authorization by the user (protocol, section 2.4).
"""

import re
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from django_trove.server.models import Application, RequestToken

from ..conftest import CALLBACK
from ..signed_requests import Caller, form_of

pytestmark = pytest.mark.django_db

AUTHORIZE = "/v1/oauth/authorize/"


def get_consent_page(browser, request):
    return browser.get(AUTHORIZE, {"oauth_token": request.key}, secure=True)


def test_the_consent_page_shows_the_application_and_the_permissions(browser, dance, application):
    Application.objects.update(contact="Grace <grace@site.example>")
    page = get_consent_page(browser, dance.asked()).content.decode()
    for text in ("Example site", "site.example", "Grace &lt;grace@site.example&gt;", "photos"):
        assert text in page


def test_an_application_name_is_escaped(browser, dance, application):
    """
    Markup is escaped, and bidirectional control characters are removed.
    """
    Application.objects.update(name="<b>Bank</b>\u202egnp.exe\x07\u2066")
    page = get_consent_page(browser, dance.asked()).content.decode()
    assert "&lt;b&gt;Bank&lt;/b&gt;gnp.exe" in page
    assert not {"\u202e", "\u2066", "\x07"} & set(page)


def test_get_changes_no_state(browser, dance):
    request = dance.asked()
    before = RequestToken.objects.values().get()
    browser.get(AUTHORIZE, {"oauth_token": request.key, "decision": "allow"}, secure=True)
    assert RequestToken.objects.values().get() == before


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_a_decision_requires_a_csrf_token(person, dance, decision):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    assert dance.decide(browser, dance.asked(), decision).status_code == 403
    assert RequestToken.objects.undecided().exists()


def test_csrf_protection_does_not_depend_on_the_middleware(settings, person, dance, token):
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "Csrf" not in path]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    request = dance.asked()
    assert dance.decide(browser, request).status_code == 403
    for path in ("/add/", f"/applications/{token.application.pk}/revoke/"):
        assert browser.post(path, secure=True).status_code == 403
    page = get_consent_page(browser, request)
    browser.defaults["HTTP_REFERER"] = "https://testserver/"
    form = {"csrfmiddlewaretoken": page.context["csrf_token"]}
    assert dance.decide(browser, request, **form).status_code == 302


def test_the_user_who_signs_in_authorizes_the_request(dance, make_person, application):
    """
    The request token is kept in `next` during the sign-in.
    """
    make_person("grace")
    request, browser = dance.asked(), Client()
    to_login = get_consent_page(browser, request)
    assert to_login.url == (
        f"/identity/login?next=/v1/oauth/authorize/%3Foauth_token%3D{request.key}"
    )
    page = browser.get(to_login.url, secure=True)
    assert page.status_code == 200
    next_url = page.context["next"]
    signed_in = browser.post(
        "/identity/login",
        {"username": "grace", "password": "pass-word", "next": next_url},
        secure=True,
    )
    assert browser.get(signed_in.url, secure=True).context["request"].user.username == "grace"
    dance.decide(browser, request)
    assert RequestToken.objects.get().user.username == "grace"


def test_the_consent_page_cannot_be_framed_and_its_form_may_redirect(browser, dance):
    """
    Chromium applies form-action to the redirect after the form, too.
    """
    page = get_consent_page(browser, dance.asked())
    assert page["X-Frame-Options"] == "DENY"
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://site.example;" in policy
    assert "default-src 'none'" in policy
    assert page["Cache-Control"] == "no-store, private"


def test_an_earlier_authorization_does_not_apply_to_a_new_request(browser, dance):
    dance.exchange(dance.allowed(browser))
    assert b"Authorize" in get_consent_page(browser, dance.asked()).content
    assert RequestToken.objects.undecided().count() == 1


def test_the_callback_of_the_request_token_applies(browser, dance):
    request = dance.asked()
    response = browser.post(
        AUTHORIZE + "?oauth_callback=https://evil.example/",
        {
            "oauth_token": request.key,
            "decision": "allow",
            "content_types": "photos",
            "oauth_callback": "https://evil.example",
        },
        secure=True,
    )
    assert response.url.startswith(CALLBACK + "?oauth_token=")


def test_a_request_token_can_be_decided_once(browser, dance, make_person):
    request = dance.allowed(browser)
    other = Client()
    other.force_login(make_person("bob"))
    for client in (browser, other):
        for decision in ("allow", "deny"):
            page = dance.decide(client, request, decision)
            assert page.status_code == 400
            assert b"already authorized or denied" in page.content
    assert RequestToken.objects.get().user.username == "ada"
    assert dance.exchange(request).status_code == 200
    assert dance.exchange(request).status_code == 401


def test_a_denied_request_token_cannot_be_authorized(browser, dance):
    request = dance.asked()
    response = dance.decide(browser, request, "deny")
    parameters = dict(parse_qsl(urlsplit(response.url).query))
    assert parameters == {"oauth_problem": "user_refused", "oauth_token": request.key}
    assert dance.decide(browser, request).status_code == 400


def test_wrong_codes_are_limited(browser, dance, application):
    Application.objects.update(allow_oob=True)
    request = dance.asked(callback_uri="oob")
    dance.decide(browser, request)
    verifier = RequestToken.objects.get().verifier
    for _ in range(5):
        assert dance.exchange(request, verifier="A" * 9).status_code == 401
    assert dance.exchange(request, verifier=verifier).status_code == 401


@pytest.mark.parametrize("key", ["", "unknown", "a" * 10_000, "\0", "ä"])
def test_an_unknown_request_token_is_an_error_page_without_a_redirect(browser, key):
    page = browser.get(AUTHORIZE, {"oauth_token": key, "oauth_callback": CALLBACK}, secure=True)
    assert page.status_code == 400
    assert b"start again" in page.content


def test_out_of_band_shows_the_verifier(browser, dance, application):
    """
    The status and the verifier are in #auth_response (protocol, section 2.4).
    """
    Application.objects.update(allow_oob=True)
    request = dance.asked(callback_uri="oob")
    page = dance.decide(browser, request)
    text = page.content.decode().partition('<div id="auth_response"')[2].partition("</div>")[0]
    verifier = RequestToken.objects.get().verifier
    assert re.fullmatch("[A-HJ-NP-Z2-9]{9}", verifier)
    assert verifier in text
    assert dance.exchange(request, verifier=verifier).status_code == 200
    denied = dance.decide(browser, dance.asked(callback_uri="oob"), "deny")
    assert b'<div id="auth_response">' in denied.content


def test_the_email_address_is_shared_only_if_the_user_selects_it(
    browser, dance, person, application
):
    """
    Protocol, section 3.1.
    """
    person.email = "ada@example.org"
    person.save()
    for form, email in (({}, ""), ({"share_email": "on"}, "ada@example.org")):
        data = form_of(dance.exchange(dance.allowed(browser, **form)))
        token = SimpleNamespace(key=data["oauth_token"], secret=data["oauth_token_secret"])
        assert Caller(application, token).post("/v1/oauth/user/").json()["email"] == email


def test_only_selected_and_requested_content_types_are_granted(browser, dance, offer):
    offer("friends")
    request = dance.asked(path="/v1/oauth/request_token/?scope=photos,videos,friends")
    page = get_consent_page(browser, request).content.decode()
    assert page.count('name="content_types"') == page.count(" checked") == 3
    dance.decide(browser, request, content_types=["videos", "status"])
    assert RequestToken.objects.get().content_types == ["videos"]


def test_the_consent_page_names_the_requested_types(browser, dance, offer):
    offer("status", "friends")
    request = dance.asked(path="/v1/oauth/request_token/?scope=friends,status")
    page = get_consent_page(browser, request).content.decode()
    assert "your content: <strong>status updates, friends</strong>" in page
    assert "Status updates: texts, links, dates and places" in page
    assert "Friends: names, profile pages and pictures of your contacts" in page
    assert "Photos: images" not in page


def test_a_type_that_is_not_offered_is_left_out(browser, dance):
    request = dance.asked(path="/v1/oauth/request_token/?scope=photos,friends")
    page = get_consent_page(browser, request).content.decode()
    assert page.count('name="content_types"') == 1
    dance.decide(browser, request, content_types=["photos", "friends"])
    assert RequestToken.objects.get().content_types == ["photos"]


def test_an_authorization_without_permissions_is_an_error(browser, dance):
    request = dance.asked()
    page = dance.decide(browser, request, content_types=[])
    assert page.status_code == 200
    assert b"Select at least one permission" in page.content
    assert RequestToken.objects.undecided().count() == 1


@pytest.mark.parametrize("verified", [True, False])
def test_an_unverified_application_is_labelled(browser, dance, application, verified):
    application.verified = verified
    application.save()
    labelled = b"has not verified the owner" in get_consent_page(browser, dance.asked()).content
    assert labelled is not verified
