"""
Request tokens and access tokens (protocol, sections 2.3 to 2.6).
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


def test_secrets_are_encrypted_in_every_table(dance, browser, application):
    """
    No secret is in the database or in a dump in plain text.
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
    dump = serializers.serialize("json", [*Application.objects.all(), *AccessToken.objects.all()])
    for secret in secrets:
        assert secret not in repr(rows)
        assert secret not in dump


def test_a_token_is_valid_for_the_granted_content_types_only(application, make_token):
    videos = Caller(application, make_token(content_types=["videos"]))
    assert videos.get("/v1/oauth/photos/").status_code == 403
    assert videos.get("/v1/oauth/videos/").json()["total_number_of_results"] == 0
    assert videos.post("/v1/oauth/push/", {"content_type": "photos"}).status_code == 403


def test_pending_request_tokens_are_limited(monkeypatch, dance, make_application):
    """
    The limit is per application. Expired tokens do not count.
    """
    monkeypatch.setattr("django_trove.server.oauth.validator.MAX_PENDING_TOKENS", 2)
    dance.asked()
    dance.asked()
    response = dance.request_token()
    assert (response.status_code, form_of(response)["error"]) == (429, "too_many_requests")
    assert int(response["Retry-After"]) > 0
    path, callback = "/v1/oauth/request_token/", "https://site.example/trove/callback/"
    assert Caller(make_application("Another")).get(path, callback_uri=callback).status_code == 200
    RequestToken.objects.update(expires=timezone.now())
    assert dance.request_token().status_code == 200


def test_the_consent_form_cannot_extend_the_scope(browser, dance):
    extra = {"scope": "videos,friends", "realm": "videos"}
    request = dance.allowed(browser, content_types=["videos", "photos"], **extra)
    dance.exchange(request)
    assert AccessToken.objects.get().content_types == ["photos"]


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("", ["photos"]),
        ("nothing,at all", ["photos"]),
        ("videos, photos", ["photos", "videos"]),
        ("status", ["status"]),
        ("friends,photos", ["photos"]),
    ],
)
def test_the_scope_is_a_list_of_content_types(dance, offer, scope, granted):
    """
    Unknown names and types that are not offered are ignored (protocol, section 2.6).
    """
    offer("status")
    dance.asked(path=f"/v1/oauth/request_token/?scope={scope.replace(' ', '+')}")
    assert RequestToken.objects.get().content_types == granted


def test_a_scope_of_which_nothing_is_offered_is_rejected(dance):
    response = dance.request_token(path="/v1/oauth/request_token/?scope=status,friends")
    assert response.status_code == 400
    error = form_of(response)
    assert error["error"] == "invalid_scope"
    assert error["error_description"].startswith("This Trove does not offer status, friends")
    assert not RequestToken.objects.exists()


def test_another_users_photos_cannot_be_queried(ask, identity, make_person, make_identity, index):
    from django_trove.client.content import Photo

    other = make_identity(user=make_person("bob"))
    index(Photo(id="own", tags=("sea",)))
    [item] = index(Photo(id="secret", tags=("sea",)), into=other)
    assert ask(trove_id=str(item.pk))["results"] == []
    for fields in ({}, {"services": ["flickr"]}, {"tags-required": ["sea"]}):
        assert ask(identities_by_id=[str(other.pk)], **fields)["results"] == []
        [found] = ask(identities_by_id=[str(identity.pk), str(other.pk)], **fields)["results"]
        assert found["id"] == "own"
    assert ask()["total_number_of_results"] == 1


@pytest.mark.parametrize("tags", [{"tags-required": ["sea"]}, {"tags-optional": ["sea", "snow"]}])
def test_a_tag_matches_own_photos_only(ask, make_person, make_identity, index, tags):
    from django_trove.client.content import Photo

    before, after = (make_identity(user=make_person(name)) for name in ("bob", "zoe"))
    index(Photo(id="bob's", tags=("sea", "snow")), into=before)
    index(Photo(id="mine", tags=("sea",)))
    index(Photo(id="zoe's", tags=("sea",)), into=after)
    result = ask(**tags)
    assert [photo["id"] for photo in result["results"]] == ["mine"]
    assert result["total_number_of_results"] == 1
    assert ask(**{"tags-required": ["snow"]})["results"] == []


def test_keys_cannot_be_guessed(monkeypatch):
    """
    32 letters and digits from the system's random generator, independent of `random`.
    """
    monkeypatch.setattr(random, "choice", lambda options: options[0])
    state = random.getstate()
    random.seed(1)
    keys = {random_key() for _ in range(1000)}
    random.setstate(state)
    assert len(keys) == 1000
    assert all(len(key) == 32 and key.isalnum() and key.isascii() for key in keys)


def test_session_fixation(browser, dance):
    """
    Without the verifier, an authorized request token cannot be exchanged. Five wrong verifiers
    invalidate it.
    """
    request = dance.allowed(browser)
    without_verifier = SimpleNamespace(key=request.key, secret=request.secret)
    response = Caller(Application.objects.get(), without_verifier).get("/v1/oauth/access_token/")
    assert response.status_code == 401
    for _ in range(5):
        assert dance.exchange(request, verifier="guess" * 6).status_code == 401
    assert dance.exchange(request).status_code == 401
    assert not AccessToken.objects.exists()


def test_only_signed_requests_count_as_wrong_verifiers(browser, dance):
    request = dance.allowed(browser)
    for _ in range(6):
        dance.exchange(
            request, verifier="guess" * 6, signature_method="PLAINTEXT", by=make_forger()
        )
    assert dance.exchange(request).status_code == 200


def make_forger():
    application = Application.objects.get()
    application.secret = "not the secret"
    return application


def test_an_expired_request_token_is_invalid(browser, dance):
    """
    Before and after the authorization.
    """
    pending, allowed = dance.asked(), dance.allowed(browser)
    RequestToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert dance.decide(browser, pending).status_code == 400
    assert dance.exchange(allowed).status_code == 401


def test_a_request_token_must_be_authorized(dance):
    assert dance.exchange(dance.asked(), verifier="v" * 32).status_code == 401


def test_another_application_cannot_exchange_the_token(browser, dance, make_application):
    """
    RFC 5849, section 2.3.
    """
    request = dance.allowed(browser)
    assert dance.exchange(request, by=make_application("Another")).status_code == 401
    assert dance.exchange(request).status_code == 200


@pytest.mark.parametrize("change", ["deactivated", "deleted", "application"])
def test_deactivation_invalidates_tokens(caller, person, change):
    if change == "deactivated":
        person.is_active = False
        person.save()
    elif change == "deleted":
        person.delete()
    else:
        Application.objects.update(active=False)
    assert caller.get("/v1/oauth/photos/").status_code == 401


def test_the_request_token_of_an_inactive_user_is_invalid(browser, person, dance):
    request = dance.allowed(browser)
    person.is_active = False
    person.save()
    assert dance.exchange(request).status_code == 401
    assert not AccessToken.objects.exists()


def test_revoking_applies_to_one_user_and_one_application(
    application, make_person, make_application, make_token, browser
):
    own, of_bob = make_token(), make_token(user=make_person("bob"))
    other = make_token(to=make_application("Another"))
    response = browser.post(f"/applications/{application.pk}/revoke/", secure=True)
    assert response.url == "/applications/"
    for token, status in ((own, 401), (of_bob, 200), (other, 200)):
        caller = Caller(token.application, token)
        assert caller.get("/v1/oauth/photos/").status_code == status


def test_an_application_without_a_token_is_not_found(browser, make_application):
    other = make_application("Another")
    assert browser.post(f"/applications/{other.pk}/revoke/", secure=True).status_code == 404
    assert browser.get(f"/applications/{other.pk}/revoke/", secure=True).status_code == 405
