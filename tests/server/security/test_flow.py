"""
The way from a request token to an access token, and who must not get along it.
"""

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import serializers
from django.db import connection
from django.utils import timezone

from django_trove.core.encryption import random_key
from django_trove.server.models import AccessToken, Application, RequestToken

from ..signed_requests import Caller, form_of

pytestmark = pytest.mark.django_db

AUTHORIZE = "/v1/oauth/authorize/"


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
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    dumped = serializers.serialize("json", [*Application.objects.all(), *AccessToken.objects.all()])
    for secret in secrets:
        assert secret not in repr(rows)
        assert secret not in dumped


def test_a_token_opens_what_was_granted_and_nothing_else(application, make_token):
    """
    P10
    """
    videos = Caller(application, make_token(content_types=["videos"]))
    assert videos.get("/v1/oauth/photos/").status_code == 403
    assert videos.get("/v1/oauth/videos/").json()["total_number_of_results"] == 0
    assert videos.post("/v1/oauth/push/").status_code == 403


def test_nobody_piles_up_requests(monkeypatch, dance, make_application):
    """
    P16: per application, and only those that still lead somewhere count.
    """
    monkeypatch.setattr("django_trove.server.oauth.validator.MAX_PENDING_TOKENS", 2)
    dance.asked()
    dance.asked()
    refused = dance.request_token()
    assert (refused.status_code, form_of(refused)["error"]) == (429, "too_many_requests")
    assert int(refused["Retry-After"]) > 0
    path, callback = "/v1/oauth/request_token/", "https://site.example/trove/callback/"
    assert Caller(make_application("Another")).get(path, callback_uri=callback).status_code == 200
    RequestToken.objects.update(expires=timezone.now())
    assert dance.request_token().status_code == 200


def test_what_is_asked_for_is_fixed_at_the_request_token(browser, dance):
    """
    P11: neither the consent form nor its address can add to it.
    """
    more = {"scope": "videos,friends", "realm": "videos"}
    request = dance.allowed(browser, content_types=["videos", "photos"], **more)
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


@pytest.mark.parametrize("tags", [{"tags-required": ["sea"]}, {"tags-optional": ["sea", "snow"]}])
def test_a_tag_finds_ones_own_photos_only(ask, make_person, make_identity, index, tags):
    """
    P12: whoever else uses it, before and after.
    """
    from django_trove.client.content import Photo

    before, after = (make_identity(user=make_person(name)) for name in ("bob", "zoe"))
    index(Photo(id="bob's", tags=("sea", "snow")), into=before)
    index(Photo(id="mine", tags=("sea",)))
    index(Photo(id="zoe's", tags=("sea",)), into=after)
    answer = ask(**tags)
    assert [photo["id"] for photo in answer["results"]] == ["mine"]
    assert answer["total_number_of_results"] == 1
    assert ask(**{"tags-required": ["snow"]})["results"] == []


def test_keys_can_not_be_guessed(monkeypatch):
    """
    P13: 32 letters and digits from the system's generator, whatever happens to `random`.
    """
    monkeypatch.setattr(random, "choice", lambda options: options[0])
    random.seed(1)
    keys = {random_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 32 and key.isalnum() and key.isascii() for key in keys)


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


def test_a_yes_of_somebody_who_is_shut_out_since_is_worth_nothing(browser, person, dance):
    """
    P39
    """
    request = dance.allowed(browser)
    person.is_active = False
    person.save()
    assert dance.exchange(request).status_code == 401
    assert not AccessToken.objects.exists()


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
