"""
Threats to the authorization server (RFC 6749, section 10; RFC 6819; RFC 9700).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import product
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.transaction import atomic, set_rollback
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter

from django_trove.server.accounts.removal import delete_user_data
from django_trove.server.models import AccessToken, Application, AuthorizationCode, RefreshToken
from django_trove.server.models.oauth2 import issue_token
from django_trove.server.oauth2.validator import OAuth2Validator

from ..conftest import CALLBACK
from ..signed_requests import FORM, Caller
from .conftest import AUTHENTICATE, CHALLENGE, TOKEN, VERIFIER, call, parse_parameters

pytestmark = pytest.mark.django_db


def get_error(response):
    return response.status_code, response.json()["error"]


def get_public_address(request):
    return "8.8.8.8"


def allow_legacy():
    Application.objects.update(allow_legacy_oauth2=True)


class TestAuthorizationRequest:
    @pytest.mark.parametrize(
        "uri",
        [
            "https://evil.example/",
            f"{CALLBACK}x",
            f"{CALLBACK}?next=https://evil.example/",
            f"{CALLBACK}../../",
            CALLBACK.rstrip("/"),
            CALLBACK.upper(),
            CALLBACK.replace("https:", "http:"),
            CALLBACK.replace("site.example", "site.example:8443"),
            CALLBACK.replace("site.example", "site.example@evil.example"),
            CALLBACK.replace("https://", "https://user@"),
            f"{CALLBACK}#top",
            f"{CALLBACK}%00",
            "javascript:alert(1)",
            "oob",
            "callback",
        ],
    )
    @pytest.mark.parametrize("decision", ["open", "allow", "deny"])
    def test_invalid_redirect_uri_is_not_redirected_to(self, flow, uri, decision):
        changes = {"redirect_uri": uri, "scope": "unknown"}
        response = (
            flow.open_consent(**changes) if decision == "open" else flow.decide(decision, **changes)
        )
        assert response.status_code == 400
        assert f'"{uri}' not in response.content.decode()
        assert not AuthorizationCode.objects.exists()

    @pytest.mark.parametrize("client_id", ["unknown", None, "", "\0", "x" * 10_000])
    def test_unknown_application(self, flow, client_id):
        assert flow.open_consent(client_id=client_id).status_code == 400

    def test_disabled_application(self, flow):
        Application.objects.update(active=False)
        assert flow.open_consent().status_code == 400

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"state": None}, "invalid_request"),
            ({"state": ""}, "invalid_request"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge": "x" * 10_000}, "invalid_request"),
            ({"code_challenge": "é" * 43}, "invalid_request"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"response_type": "code token"}, "unauthorized_client"),
            ({"scope": "photos admin"}, "invalid_scope"),
        ],
    )
    @pytest.mark.parametrize("decision", ["open", "allow"])
    def test_invalid_request_is_reported_to_the_application(self, flow, changes, error, decision):
        response = flow.open_consent(**changes) if decision == "open" else flow.decide(**changes)
        assert parse_parameters(response)["error"] == error
        assert not AuthorizationCode.objects.exists()

    def test_repeated_parameter_is_rejected(self, flow, browser):
        url = f"{flow.build_url()}&redirect_uri=https%3A%2F%2Fevil.example%2F"
        response = browser.get(url, secure=True)
        assert response.status_code == 400

    def test_repeated_challenge_is_rejected(self, flow, browser):
        response = browser.get(f"{flow.build_url()}&code_challenge={'x' * 43}", secure=True)
        assert response.status_code == 400

    def test_only_a_post_with_a_csrf_token_authorizes(self, flow, person):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person)
        url = flow.build_url()
        form = {"decision": "allow", "content_types": ["photos"]}
        assert strict.post(url, form, secure=True).status_code == 403
        assert (
            strict.get(f"{url}&decision=allow&content_types=photos", secure=True).status_code == 200
        )
        assert not AuthorizationCode.objects.exists()

    def test_consent_page_cannot_be_framed(self, flow):
        policy = flow.open_consent().headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy

    def test_anonymous_user_signs_in_first(self, flow):
        response = Client().get(flow.build_url(), secure=True)
        assert response.status_code == 302
        assert urlsplit(response.url).path == "/identity/login"

    def test_response_names_its_issuer(self, flow):
        """
        Against mix-up attacks (RFC 9207).
        """
        metadata = Client().get("/.well-known/oauth-authorization-server", secure=True).json()
        for location in (flow.decide(), flow.decide("deny"), flow.open_consent(state=None)):
            assert (
                parse_parameters(location)["iss"] == metadata["issuer"] == "https://trove.example"
            )

    def test_state_is_returned_unchanged(self, flow):
        state = "<script>&é=%00\u2028"
        assert parse_parameters(flow.decide(state=state))["state"] == state


class TestCode:
    def test_second_use_revokes_the_tokens(self, flow):
        code = flow.get_code()
        tokens = flow.exchange(code).json()
        assert get_error(flow.exchange(code)) == (400, "invalid_grant")
        assert call(tokens["access_token"]).status_code == 401
        assert get_error(flow.refresh(tokens["refresh_token"])) == (400, "invalid_grant")

    def test_another_application_cannot_use_it(self, flow, make_application):
        other = make_application("Other")
        code = flow.get_code()
        keys = {"client_id": other.key, "client_secret": other.secret}
        assert get_error(flow.exchange(code, **keys)) == (400, "invalid_grant")
        assert flow.exchange(code).status_code == 200

    def test_it_expires(self, flow):
        code = flow.get_code()
        expires = AuthorizationCode.objects.get().expires
        assert abs(expires - timezone.now() - timedelta(seconds=300)) < timedelta(seconds=10)
        AuthorizationCode.objects.update(expires=timezone.now())
        assert get_error(flow.exchange(code)) == (400, "invalid_grant")

    @pytest.mark.parametrize("verifier", ["w" * 64, "", None, CHALLENGE, "short"])
    def test_wrong_verifier_uses_it_up(self, flow, verifier):
        code = flow.get_code()
        response = flow.exchange(code, code_verifier=verifier)
        assert response.status_code == 400
        assert flow.exchange(code).status_code == 400
        assert not AccessToken.objects.exists()

    @pytest.mark.parametrize("uri", ["https://site.example/", f"{CALLBACK}x", None, ""])
    def test_redirect_uri_must_be_the_same(self, flow, uri):
        response = flow.exchange(flow.get_code(), redirect_uri=uri)
        assert response.status_code == 400
        assert not AccessToken.objects.exists()

    @pytest.mark.parametrize("code", ["", "x", "x.y", ".", "\0", "é", "x" * 10_000])
    def test_unknown_code(self, flow, code):
        assert flow.exchange(code).status_code == 400

    def test_key_of_a_code_is_not_sufficient(self, flow):
        key = flow.get_code().partition(".")[0]
        assert get_error(flow.exchange(issue_token(key))) == (400, "invalid_grant")
        assert AuthorizationCode.objects.get().used_at is None

    @pytest.mark.parametrize("removal", ["revoke", "revoke_all", "admin", "delete_trove"])
    def test_revocation_deletes_it(self, flow, browser, application, admin_client, removal):
        person = get_user_model().objects.get(username="ada")
        Application.objects.update(owner=person)
        flow.get_tokens()
        code = flow.get_code()
        paths = {
            "revoke": f"/applications/{application.pk}/revoke/",
            "revoke_all": f"/applications/own/{application.pk}/revoke-all/",
            "delete_trove": "/delete/",
        }
        if removal == "admin":
            url = reverse("admin:trove_server_application_changelist")
            form = {"action": "revoke_tokens", "_selected_action": application.pk}
            admin_client.post(url, form, secure=True)
        else:
            browser.post(paths[removal], {"name": person.get_username()}, secure=True)
        if removal == "delete_trove":
            delete_user_data(person)  # as the worker does
        assert get_error(flow.exchange(code)) == (400, "invalid_grant")
        assert not AccessToken.objects.valid().exists()

    def test_second_use_during_the_exchange(self, flow, monkeypatch):
        """
        The second use is between the claim of the code and the creation of the token.
        """
        code, statuses = flow.get_code(), []

        def get_code_challenge(self, code_, request):
            if not statuses:
                statuses.append(None)
                statuses.append(flow.exchange(code).status_code)
            return request.authorization_code.code_challenge

        monkeypatch.setattr(OAuth2Validator, "get_code_challenge", get_code_challenge)
        assert get_error(flow.exchange(code)) == (400, "invalid_grant")
        assert statuses == [None, 400]
        assert not AccessToken.objects.valid().exists()

    @pytest.mark.parametrize("name", ["code", "code_verifier", "client_secret"])
    def test_repeated_parameter_is_rejected(self, flow, application, name):
        form = [
            ("grant_type", "authorization_code"),
            ("code", flow.get_code()),
            ("redirect_uri", CALLBACK),
            ("client_id", application.key),
            ("client_secret", application.secret),
            ("code_verifier", VERIFIER),
        ]
        body = urlencode([(name, "x"), *form])
        response = Client().post(TOKEN, body, FORM, secure=True)
        assert get_error(response) == (400, "invalid_request")
        assert not AccessToken.objects.exists()

    @pytest.mark.parametrize("query", ["client_id=x", "x=1", "a[]={}"])
    def test_query_string_is_rejected(self, flow, application, query):
        form = {"client_id": application.key, "client_secret": application.secret}
        for path in TOKEN, "/oauth2/revoke/":
            response = flow.post(f"{path}?{query}", form)
            assert get_error(response) == (400, "invalid_request")

    def test_user_was_deactivated(self, flow, person):
        code = flow.get_code()
        person.is_active = False
        person.save()
        assert get_error(flow.exchange(code)) == (400, "invalid_grant")


class TestApplicationAuthentication:
    @pytest.mark.parametrize("secret", ["wrong", "", None, "é"])
    def test_wrong_secret(self, flow, secret):
        code = flow.get_code()
        response = flow.exchange(code, client_secret=secret)
        assert get_error(response) == (401, "invalid_client")
        assert response.headers["WWW-Authenticate"]
        assert flow.exchange(code).status_code == 200

    @pytest.mark.parametrize("text", ["", "x", "/w==", "Og==", "é", "ADp4", "JTAwOng="])
    def test_invalid_basic_header(self, flow, text):
        keys = {"client_id": None, "client_secret": None}
        headers = {"Authorization": f"Basic {text}"}
        response = flow.exchange(flow.get_code(), headers=headers, **keys)
        assert get_error(response) == (401, "invalid_client")

    def test_previous_secret_is_valid_for_a_grace_period(self, flow, application):
        previous = application.secret
        Application.objects.get().rotate_secret()
        assert flow.exchange(flow.get_code(), client_secret=previous).status_code == 200
        Application.objects.update(previous_secret_until=timezone.now())
        assert flow.exchange(flow.get_code(), client_secret=previous).status_code == 401

    def test_invalid_grants_do_not_block_the_address_of_a_site(self, flow, settings):
        """
        All users of a site have the site's address.
        """
        code, expired = flow.get_code(), flow.get_tokens()["access_token"]
        AccessToken.objects.update(expires=timezone.now())
        settings.TROVE_SERVER = settings.TROVE_SERVER | {
            "RATE_LIMITS": {"address": "2/h"},
            "CLIENT_IP_FUNCTION": f"{__name__}.get_public_address",
        }
        for _ in range(4):
            assert get_error(flow.exchange("x.y")) == (400, "invalid_grant")
            assert get_error(flow.refresh("x.y")) == (400, "invalid_grant")
            assert get_error(call(expired)) == (401, "invalid_token")
        assert flow.exchange(code).status_code == 200
        for _ in range(4):
            flow.exchange("x.y", client_secret="wrong")
        assert flow.exchange("x.y").status_code == 429

    def test_tokens_of_an_application_are_limited(self, flow, settings):
        settings.TROVE_SERVER = settings.TROVE_SERVER | {"RATE_LIMITS": {"application": "2/h"}}
        statuses = [flow.exchange("x.y").status_code for _ in range(3)]
        assert statuses == [400, 400, 429]

    @pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit", "", None])
    def test_other_grant_types_are_rejected(self, flow, grant_type):
        response = flow.exchange(flow.get_code(), grant_type=grant_type, username="a", password="b")
        assert response.status_code == 400
        assert not AccessToken.objects.exists()

    @pytest.mark.parametrize("path", [TOKEN, "/oauth2/revoke/"])
    def test_parameters_in_the_url_are_rejected(self, flow, application, path):
        form = {"client_id": application.key, "client_secret": application.secret, "token": "x"}
        response = flow.post(f"{path}?a=1", form)
        assert get_error(response) == (400, "invalid_request")


class TestRefreshToken:
    def test_second_use_revokes_the_authorization(self, flow):
        first = flow.get_tokens()
        second = flow.refresh(first["refresh_token"]).json()
        assert get_error(flow.refresh(first["refresh_token"])) == (400, "invalid_grant")
        assert call(second["access_token"]).status_code == 401
        assert get_error(flow.refresh(second["refresh_token"])) == (400, "invalid_grant")

    def test_another_application_cannot_use_it(self, flow, make_application):
        other = make_application("Other")
        token = flow.get_tokens()["refresh_token"]
        keys = {"client_id": other.key, "client_secret": other.secret}
        assert get_error(flow.refresh(token, **keys)) == (400, "invalid_grant")
        assert flow.refresh(token).status_code == 200

    def test_it_expires_without_revoking_the_authorization(self, flow):
        tokens = flow.get_tokens()
        RefreshToken.objects.update(expires=timezone.now())
        assert get_error(flow.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
        assert call(tokens["access_token"]).status_code == 200

    @pytest.mark.parametrize("scope", ["photos videos friends", "photos", "friends", "unknown"])
    def test_content_types_cannot_be_changed(self, flow, scope):
        token = flow.get_tokens()["refresh_token"]
        assert get_error(flow.refresh(token, scope=scope)) == (400, "invalid_scope")
        assert flow.refresh(token, scope="videos photos").status_code == 200

    def test_user_was_deactivated(self, flow, person):
        token = flow.get_tokens()["refresh_token"]
        person.is_active = False
        person.save()
        assert get_error(flow.refresh(token)) == (400, "invalid_grant")


class TestAccessToken:
    def test_it_expires(self, flow):
        token = flow.get_tokens()["access_token"]
        AccessToken.objects.update(expires=timezone.now())
        response = call(token)
        assert get_error(response) == (401, "invalid_token")
        assert response.headers["WWW-Authenticate"]

    def test_it_is_not_accepted_in_a_url(self, flow):
        token = flow.get_tokens()["access_token"]
        response = Client().get("/v2/user/", {"access_token": token}, secure=True)
        assert response.status_code == 401
        allow_legacy()
        assert Client().get("/v2/user/", {"access_token": token}, secure=True).status_code == 200

    def test_it_is_accepted_in_a_form(self, flow):
        form = urlencode({"access_token": flow.get_tokens()["access_token"]})
        assert Client().post("/v2/user/", form, FORM, secure=True).status_code == 200

    def test_two_tokens_are_rejected(self, flow):
        token = flow.get_tokens()["access_token"]
        form = urlencode({"access_token": token})
        headers = {"Authorization": f"Bearer {token}"}
        response = Client().post("/v2/user/", form, FORM, headers=headers, secure=True)
        assert response.status_code == 400

    def test_plain_http_is_rejected(self, flow, settings):
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "URL": "http://trove.example"}
        headers = {"Authorization": "Bearer x"}
        response = Client().get("/v2/user/", headers=headers)
        assert get_error(response) == (403, "insecure_transport")

    @pytest.mark.parametrize("token", ["", "x", "x.y", ".", "é", "x" * 10_000])
    def test_unknown_token(self, token, db):
        assert call(token).status_code == 401

    def test_key_is_not_sufficient(self, flow):
        key = flow.get_tokens()["access_token"].partition(".")[0]
        assert call(issue_token(key)).status_code == 401

    def test_tokens_of_the_versions_are_not_interchangeable(self, flow, application, token):
        assert call(f"{token.key}.{token.secret}").status_code == 401
        flow.get_tokens()
        bearer = AccessToken.objects.get(version=2)
        assert Caller(application, bearer).get("/v1/oauth/user/").status_code == 401

    def test_revoked_application(self, flow, browser, application):
        tokens = flow.get_tokens()
        browser.post(f"/applications/{application.pk}/revoke/", secure=True)
        assert call(tokens["access_token"]).status_code == 401
        assert get_error(flow.refresh(tokens["refresh_token"])) == (400, "invalid_grant")

    def test_another_application_cannot_revoke_it(self, flow, make_application):
        tokens = flow.get_tokens()
        other = make_application("Other")
        keys = {"client_id": other.key, "client_secret": other.secret}
        for token in tokens["access_token"], tokens["refresh_token"]:
            assert flow.post("/oauth2/revoke/", {"token": token, **keys}).status_code == 200
        assert call(tokens["access_token"]).status_code == 200


class TestLegacy:
    """
    The flag `allow_legacy_oauth2`, for clients of 2011.
    """

    PARAMETERS = {
        "state": None,
        "scope": None,
        "code_challenge": None,
        "code_challenge_method": None,
    }

    def exchange_by_get(self, flow, application, **changes):
        response = flow.decide(content_types=["photos", "status"], **self.PARAMETERS)
        parameters = {
            "client_id": application.key,
            "client_secret": application.secret,
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": dict(parse_qsl(urlsplit(response.url).query)).get("code", "x.y"),
        }
        return Client().get(TOKEN, parameters | changes, secure=True)

    def test_without_the_flag(self, flow, application):
        response = self.exchange_by_get(flow, application)
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")
        assert not AccessToken.objects.exists()

    def test_with_the_flag(self, flow, application, offer):
        offer("status", "checkins")
        allow_legacy()
        assert b"old version of OAuth" in flow.open_consent(**self.PARAMETERS).content
        response = self.exchange_by_get(flow, application)
        assert response.status_code == 200
        assert response.json()["scope"] == "photos status"

    def test_a_challenge_is_verified_nevertheless(self, flow):
        allow_legacy()
        code = flow.get_code()
        assert flow.exchange(code, code_verifier="w" * 64).status_code == 400


def fail_at_query(function, number):
    """
    Call a function in a transaction that is rolled back, with an error of the query `number`.
    """
    count = iter(range(number + 1))

    def execute(execute, *args):
        if next(count, number) == number:
            raise RuntimeError
        return execute(*args)

    with atomic(), connection.execute_wrapper(execute):
        response = function()
        set_rollback(True)
    return response


def frames_of_project(reporter):
    """
    Return the local variables of this package's frames. oauthlib does not hide its variables.
    """
    frames = reporter.get_traceback_data()["frames"]
    return "\n".join(
        f"{frame['filename']} {frame['function']} {frame['vars']}"
        for frame in frames
        if "django_trove" in frame["filename"]
    )


class TestSecrets:
    def test_they_are_encrypted_in_the_database(self, flow, django_assert_num_queries):
        code = flow.get_code()
        tokens = flow.exchange(code).json()
        stored = [
            row["secret"]
            for model in (AuthorizationCode, AccessToken, RefreshToken)
            for row in model.objects.values()
        ]
        assert len(stored) == 3
        for token in (code, tokens["access_token"], tokens["refresh_token"]):
            assert not any(token.partition(".")[2] in text for text in stored)

    def test_they_are_not_logged(self, flow, application, caplog):
        caplog.set_level(logging.DEBUG)
        code = flow.get_code()
        tokens = flow.exchange(code).json()
        flow.refresh(tokens["refresh_token"])
        call(tokens["access_token"])
        secrets = [code, *tokens.values(), application.secret]
        secrets = [secret for secret in map(str, secrets) if len(secret) > 30]
        assert len(secrets) == 4
        assert not [secret for secret in secrets if secret in caplog.text]

    def test_error_reports_do_not_contain_them(self, flow, application, monkeypatch):
        """
        The database fails in each query of the token endpoint, one after the other.
        """
        code, reports, statuses = flow.get_code(), [], []
        refresh_token = flow.get_tokens()["refresh_token"]
        access_token = flow.refresh(refresh_token).json()["access_token"]

        class Handler(logging.Handler):
            def emit(self, record):
                if record.exc_info:
                    reporter = ExceptionReporter(None, *record.exc_info)
                    reports.append(frames_of_project(reporter))

        handler = Handler()
        logging.getLogger("django_trove").addHandler(handler)
        calls = (lambda: flow.exchange(code), lambda: flow.refresh(refresh_token))
        calls += (lambda: call(access_token),)
        try:
            for function, number in product(calls, range(12)):
                statuses.append(fail_at_query(function, number).status_code)
        finally:
            logging.getLogger("django_trove").removeHandler(handler)
        assert statuses.count(500) == len(reports) > 10
        secrets = [code, refresh_token, access_token, application.secret, VERIFIER]
        secrets += [secret.partition(".")[2] for secret in secrets[:3]]
        for secret, report in product(secrets, reports):
            assert secret not in report

    def test_responses_are_not_cached(self, flow):
        code = flow.get_code()
        for response in (flow.exchange(code), flow.exchange(code), call("x"), flow.open_consent()):
            assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/v2/", "/v2/nothing/", "/v1/nothing/", "/oauth2/nothing/"])
def test_unknown_path_is_reported_as_json(client, path):
    response = client.get(path, secure=True)
    assert get_error(response) == (404, "not_found")


def test_authentication_path(flow):
    assert flow.build_url().startswith(AUTHENTICATE)
