"""
A person's yes or no, and who may not say it for them.
"""

from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from django_trove.server.models import Application, RequestToken

from ..conftest import CALLBACK
from ..signed_requests import Caller, form_of

pytestmark = pytest.mark.django_db

AUTHORIZE = "/v1/oauth/authorize/"


def consent(browser, request):
    return browser.get(AUTHORIZE, {"oauth_token": request.key}, secure=True)


def test_the_consent_page_says_who_asks_for_what_and_where_it_leads(browser, dance, application):
    """
    P8
    """
    Application.objects.update(contact="Grace <grace@site.example>")
    page = consent(browser, dance.asked()).content.decode()
    for words in ("Example site", "site.example", "Grace &lt;grace@site.example&gt;", "photos"):
        assert words in page


def test_a_name_full_of_tricks_is_harmless(browser, dance, application):
    """
    P9: markup is escaped, and what turns the direction of text is left out.
    """
    Application.objects.update(name="<b>Bank</b>\u202egnp.exe\x07\u2066")
    page = consent(browser, dance.asked()).content.decode()
    assert "&lt;b&gt;Bank&lt;/b&gt;gnp.exe" in page
    assert not {"\u202e", "\u2066", "\x07"} & set(page)


def test_asking_for_consent_changes_nothing(browser, dance):
    """
    P22
    """
    request = dance.asked()
    before = RequestToken.objects.values().get()
    browser.get(AUTHORIZE, {"oauth_token": request.key, "decision": "allow"}, secure=True)
    assert RequestToken.objects.values().get() == before


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_an_answer_needs_the_forms_own_token(person, dance, decision):
    """
    P22
    """
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    assert dance.decide(browser, dance.asked(), decision).status_code == 403
    assert RequestToken.objects.undecided().exists()


def test_an_answer_needs_the_forms_own_token_whatever_the_middleware(
    settings, person, dance, token
):
    """
    P22: the form's token counts, and it is on the page.
    """
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "Csrf" not in path]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    request = dance.asked()
    assert dance.decide(browser, request).status_code == 403
    for path in ("/add/", f"/applications/{token.application.pk}/revoke/"):
        assert browser.post(path, secure=True).status_code == 403
    page = consent(browser, request)
    browser.defaults["HTTP_REFERER"] = "https://testserver/"
    form = {"csrfmiddlewaretoken": page.context["csrf_token"]}
    assert dance.decide(browser, request, **form).status_code == 302


def test_whoever_signs_in_on_the_way_is_who_allows(dance, make_person, application):
    """
    P23: an anonymous visit keeps the request through the sign-in.
    """
    make_person("grace")
    request, browser = dance.asked(), Client()
    to_login = consent(browser, request)
    assert to_login.url == (
        f"/identity/login?next=/v1/oauth/authorize/%3Foauth_token%3D{request.key}"
    )
    page = browser.get(to_login.url, secure=True)
    assert page.status_code == 200
    following = page.context["next"]
    signed_in = browser.post(
        "/identity/login",
        {"username": "grace", "password": "pass-word", "next": following},
        secure=True,
    )
    assert browser.get(signed_in.url, secure=True).context["request"].user.username == "grace"
    dance.decide(browser, request)
    assert RequestToken.objects.get().user.username == "grace"


def test_the_consent_page_can_not_be_framed_and_its_form_may_lead_back(browser, dance):
    """
    P24: Chromium holds the redirect after Allow against form-action as well.
    """
    page = consent(browser, dance.asked())
    assert page["X-Frame-Options"] == "DENY"
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://site.example;" in policy
    assert "default-src 'none'" in policy
    assert page["Cache-Control"] == "no-store, private"


def test_an_earlier_yes_does_not_answer_a_later_question(browser, dance):
    """
    P25
    """
    dance.exchange(dance.allowed(browser))
    assert b"Allow" in consent(browser, dance.asked()).content
    assert RequestToken.objects.undecided().count() == 1


def test_the_callback_is_fixed_at_the_request_token(browser, dance):
    """
    P27
    """
    request = dance.asked()
    back = browser.post(
        AUTHORIZE + "?oauth_callback=https://evil.example/",
        {
            "oauth_token": request.key,
            "decision": "allow",
            "content_types": "photos",
            "oauth_callback": "https://evil.example",
        },
        secure=True,
    )
    assert back.url.startswith(CALLBACK + "?oauth_token=")


def test_an_answer_is_given_once(browser, dance, make_person):
    """
    P31: neither again, nor by somebody else, nor after a no.
    """
    request = dance.allowed(browser)
    other = Client()
    other.force_login(make_person("bob"))
    for late in (browser, other):
        for decision in ("allow", "deny"):
            page = dance.decide(late, request, decision)
            assert page.status_code == 400
            assert b"not good any more" in page.content
    assert RequestToken.objects.get().user.username == "ada"
    assert dance.exchange(request).status_code == 200
    assert dance.exchange(request).status_code == 401


def test_a_no_ends_the_request_and_tells_the_application(browser, dance):
    """
    It goes back with oauth_problem=user_refused, and nobody can say yes any more.
    """
    request = dance.asked()
    back = dance.decide(browser, request, "deny")
    said = dict(parse_qsl(urlsplit(back.url).query))
    assert said == {"oauth_problem": "user_refused", "oauth_token": request.key}
    assert dance.decide(browser, request).status_code == 400


@pytest.mark.parametrize("key", ["", "unknown", "a" * 10_000, "\0", "ä"])
def test_an_unknown_request_gets_a_page_and_leads_nowhere(browser, key):
    """
    400, with what to do next, and no redirect.
    """
    page = browser.get(AUTHORIZE, {"oauth_token": key, "oauth_callback": CALLBACK}, secure=True)
    assert page.status_code == 400
    assert b"start again there" in page.content


def test_out_of_band_shows_the_code_on_a_page(browser, dance, application):
    """
    Protocol, "authorize": the status and the verifier are in #auth_response.
    """
    Application.objects.update(allow_oob=True)
    request = dance.asked(callback_uri="oob")
    page = dance.decide(browser, request)
    said = page.content.decode().partition('<div id="auth_response"')[2].partition("</div>")[0]
    verifier = RequestToken.objects.get().verifier
    assert verifier in said
    assert dance.exchange(request, verifier=verifier).status_code == 200
    refused = dance.decide(browser, dance.asked(callback_uri="oob"), "deny")
    assert b'<div id="auth_response">' in refused.content


def test_an_application_learns_the_address_only_where_the_person_ticked_it(
    browser, dance, person, application
):
    """
    Protocol, "user": e-mail where they allow it.
    """
    person.email = "ada@example.org"
    person.save()
    for form, email in (({}, ""), ({"share_email": "on"}, "ada@example.org")):
        got = form_of(dance.exchange(dance.allowed(browser, **form)))
        token = SimpleNamespace(key=got["oauth_token"], secret=got["oauth_token_secret"])
        assert Caller(application, token).post("/v1/oauth/user/").json()["email"] == email


def test_a_person_gives_what_they_tick_of_what_is_asked_for(browser, dance, application):
    """
    P10: the token opens that and no more.
    """
    request = dance.asked(path="/v1/oauth/request_token/?scope=photos,videos,friends")
    asked = consent(browser, request).content.decode()
    assert asked.count('name="content_types"') == asked.count(" checked") == 3
    dance.decide(browser, request, content_types=["videos", "status"])
    assert RequestToken.objects.get().content_types == ["videos"]


def test_a_yes_to_nothing_is_asked_again(browser, dance):
    """
    An empty form is never "everything".
    """
    request = dance.asked()
    again = dance.decide(browser, request, content_types=[])
    assert again.status_code == 200
    assert b"Tick what it may see" in again.content
    assert RequestToken.objects.undecided().count() == 1


@pytest.mark.parametrize("verified", [True, False])
def test_an_application_that_nobody_verified_is_labelled(browser, dance, application, verified):
    """
    P8
    """
    application.verified = verified
    application.save()
    said = b"verified who is behind" in consent(browser, dance.asked()).content
    assert said is not verified
