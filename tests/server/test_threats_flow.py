"""
The way from a request token to an access token, and who must not get along it.
"""

import random
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from django_trove.server.keys import new_key
from django_trove.server.models import AccessToken, Application, RequestToken

from .calling import Caller, form_of
from .conftest import CALLBACK

pytestmark = pytest.mark.django_db

AUTHORIZE = "/v1/oauth/authorize/"


def consent(browser, request):
    return browser.get(AUTHORIZE, {"oauth_token": request.key}, secure=True)


def test_secrets_are_sealed_in_every_table(dance, browser, application):
    """
    P5: nothing that signs is in the database in the clear, nor in a dump.
    """
    request = dance.allowed(browser)
    access = form_of(dance.exchange(request))
    secrets = [application.secret, request.secret, request.verifier, access["oauth_token_secret"]]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    dumped = serializers.serialize("json", [*Application.objects.all(), *AccessToken.objects.all()])
    for secret in secrets:
        assert secret not in repr(rows)
        assert secret not in dumped


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


def test_a_token_opens_what_was_granted_and_nothing_else(application, make_token):
    """
    P10
    """
    videos = Caller(application, make_token(content_types=["videos"]))
    assert videos.get("/v1/oauth/photos/").status_code == 403
    assert videos.get("/v1/oauth/videos/").json()["total_number_of_results"] == 0
    assert videos.post("/v1/oauth/push/").status_code == 404


def test_what_is_asked_for_is_fixed_at_the_request_token(browser, dance):
    """
    P11: neither the consent form nor its address can add to it.
    """
    request = dance.allowed(browser, scope="videos,friends", realm="videos", content_types="videos")
    dance.exchange(request)
    assert AccessToken.objects.get().content_types == ["photos"]


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("", ["photos"]),
        ("nothing,at all", ["photos"]),
        ("videos, photos", ["photos", "videos"]),
        ("status", ["status"]),
    ],
)
def test_the_scope_is_a_list_of_content_types(dance, scope, granted):
    """
    Protocol, "request token"; unknown names are left out.
    """
    dance.asked(path=f"/v1/oauth/request_token/?scope={scope.replace(' ', '+')}")
    assert RequestToken.objects.get().content_types == granted


def test_another_persons_photos_can_not_be_named(ask, make_person, make_identity, index):
    """
    P12
    """
    from django_trove.client.content import Photo

    theirs = make_identity(user=make_person("bob"))
    [item] = index(Photo(id="secret"), into=theirs)
    assert ask(trove_id=str(item.pk))["results"] == []
    assert ask(identities_by_id=[str(theirs.pk)])["results"] == []
    assert ask()["total_number_of_results"] == 0


def test_keys_can_not_be_guessed(monkeypatch):
    """
    P13: 32 letters and digits from the system's generator, whatever happens to `random`.
    """
    monkeypatch.setattr(random, "choice", lambda options: options[0])
    random.seed(1)
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 32 and key.isalnum() and key.isascii() for key in keys)


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


def test_a_person_who_allows_somebody_elses_request_gives_nothing_away(browser, dance):
    """
    P26: without the verifier there is no token, and after five wrong ones no request.
    """
    request = dance.allowed(browser)
    no_verifier = SimpleNamespace(key=request.key, secret=request.secret)
    bare = Caller(Application.objects.get(), no_verifier).get("/v1/oauth/access_token/")
    assert bare.status_code == 401
    for _ in range(5):
        assert dance.exchange(request, verifier="guess" * 6).status_code == 401
    assert dance.exchange(request).status_code == 401
    assert not AccessToken.objects.exists()


def test_a_stranger_can_not_use_up_the_guesses(browser, dance):
    """
    P26: a wrong verifier counts only where the signature holds.
    """
    request = dance.allowed(browser)
    for _ in range(6):
        dance.exchange(request, verifier="guess" * 6, signature_method="PLAINTEXT", by=forger())
    assert dance.exchange(request).status_code == 200


def forger():
    application = Application.objects.get()
    application.secret = "not the secret"
    return application


def test_the_callback_is_fixed_at_the_request_token(browser, dance):
    """
    P27
    """
    request = dance.asked()
    back = browser.post(
        AUTHORIZE + "?oauth_callback=https://evil.example/",
        {"oauth_token": request.key, "decision": "allow", "oauth_callback": "https://evil.example"},
        secure=True,
    )
    assert back.url.startswith(CALLBACK + "?oauth_token=")


def test_the_callback_is_always_confirmed(dance):
    """
    P28
    """
    assert form_of(dance.request_token())["oauth_callback_confirmed"] == "true"


def test_a_request_without_a_callback_is_refused(dance):
    """
    OAuth Core 1.0 is open to session fixation (advisory 2009.1).
    """
    response = dance.request_token(callback_uri=None)
    assert response.status_code == 400
    assert form_of(response)["error"] == "invalid_request"


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


def test_a_late_request_is_dead(browser, dance):
    """
    Ten minutes, before and after the yes.
    """
    waiting, allowed = dance.asked(), dance.allowed(browser)
    RequestToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert dance.decide(browser, waiting).status_code == 400
    assert dance.exchange(allowed).status_code == 401


def test_a_request_that_nobody_allowed_gets_nothing(dance):
    """
    The verifier comes with the yes.
    """
    assert dance.exchange(dance.asked(), verifier="v" * 32).status_code == 401


def test_another_application_can_not_exchange_the_token(browser, dance, make_application):
    """
    RFC 5849, section 2.3: the token belongs to who asked for it.
    """
    request = dance.allowed(browser)
    assert dance.exchange(request, by=make_application("Another")).status_code == 401
    assert dance.exchange(request).status_code == 200


@pytest.mark.parametrize("how", ["deactivated", "deleted", "application"])
def test_tokens_stop_at_once(caller, person, how):
    """
    P39: with the person, and with the application.
    """
    if how == "deactivated":
        person.is_active = False
        person.save()
    elif how == "deleted":
        person.delete()
    else:
        Application.objects.update(active=False)
    assert caller.get("/v1/oauth/photos/").status_code == 401


def test_revoking_takes_back_ones_own_tokens_only(
    application, make_person, make_application, make_token, browser
):
    """
    P40: by application and by person.
    """
    mine, theirs = make_token(), make_token(user=make_person("bob"))
    other = make_token(to=make_application("Another"))
    answer = browser.post(f"/applications/{application.pk}/revoke/", secure=True)
    assert answer.url == "/applications/"
    for token, status in ((mine, 401), (theirs, 200), (other, 200)):
        caller = Caller(token.application, token)
        assert caller.get("/v1/oauth/photos/").status_code == status


def test_an_application_that_holds_nothing_of_mine_is_not_there(browser, make_application):
    """
    P40
    """
    other = make_application("Another")
    assert browser.post(f"/applications/{other.pk}/revoke/", secure=True).status_code == 404
    assert browser.get(f"/applications/{other.pk}/revoke/", secure=True).status_code == 405


@pytest.mark.parametrize(
    "callback",
    [
        "https://site.example/trove/callback",
        "https://site.example/trove/callback/?a=1",
        "https://site.example/trove/callback/;x",
        "https://site.example/trove/callback/#f",
        "https://site.example:444/trove/callback/",
        "https://site.example./trove/callback/",
        "https://ada@site.example/trove/callback/",
        "https://SITE.example/trove/callback/",
        "http://site.example/trove/callback/",
        "https://evil.example/",
        "javascript:alert(1)",
        "//site.example/trove/callback/",
        "http://169.254.169.254/",
        "oob",
        "http://127.0.0.1:4000@evil.example/back",
        "http://127.0.0.1:99999/back",
        "http://localhost:4000/back",
    ],
)
def test_a_callback_is_one_of_the_registered_ones_exactly(dance, application, callback):
    """
    P41; the application proved its secret, so it is told what is wrong.
    """
    Application.objects.update(callbacks=[CALLBACK, "http://127.0.0.1:3000/back"])
    response = dance.request_token(callback_uri=callback)
    assert response.status_code == 400
    assert form_of(response)["error"] == "callback_not_allowed"


def test_a_program_on_ones_own_machine_may_listen_on_any_port(dance, application):
    """
    RFC 8252, section 7.3.
    """
    Application.objects.update(callbacks=["http://127.0.0.1:3000/back"])
    assert dance.request_token(callback_uri="http://127.0.0.1:4711/back").status_code == 200


@pytest.mark.parametrize(
    "callback",
    [
        "site.example/callback",
        "javascript:alert(1)",
        "http://site.example/",
        "https://ada:pw@site.example/",
        "https://site.example/#f",
        "https://site.example/a b",
        "https://site.example/\r\nSet-Cookie:a=b",
        "https://a;script-src/",
        "https://site.example:99999/",
        "https://söte.example/",
        7,
    ],
)
def test_a_callback_that_nobody_should_have_is_not_registered(make_application, callback):
    """
    P41
    """
    with pytest.raises(ValidationError):
        make_application(callbacks=[callback])


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
