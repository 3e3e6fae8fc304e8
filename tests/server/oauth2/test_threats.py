"""
Threats to the authorization server (RFC 6749, section 10; RFC 6819; RFC 9700).
"""

from __future__ import annotations

import logging
from base64 import b64encode
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from django_trove.server.models import AccessToken, Application, AuthorizationCode, RefreshToken
from django_trove.server.models.oauth2 import issue_token

from ..conftest import CALLBACK
from ..signed_requests import FORM, Caller
from .conftest import AUTHENTICATE, CHALLENGE, TOKEN, call, parse_parameters

pytestmark = pytest.mark.django_db


def get_error(response):
    return response.status_code, response.json()["error"]


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

    def test_secret_in_two_places(self, flow, application):
        header = b64encode(f"{application.key}:{application.secret}".encode()).decode()
        response = flow.exchange(flow.get_code(), headers={"Authorization": f"Basic {header}"})
        assert response.status_code == 401

    @pytest.mark.parametrize("header", ["Basic", "Basic x", "Basic /w==", "Basic Og==", "Basic é"])
    def test_invalid_basic_header(self, flow, header):
        keys = {"client_id": None, "client_secret": None}
        response = flow.exchange(flow.get_code(), headers={"Authorization": header}, **keys)
        assert get_error(response) == (401, "invalid_client")

    def test_previous_secret_is_valid_for_a_grace_period(self, flow, application):
        previous = application.secret
        Application.objects.get().rotate_secret()
        assert flow.exchange(flow.get_code(), client_secret=previous).status_code == 200
        Application.objects.update(previous_secret_until=timezone.now())
        assert flow.exchange(flow.get_code(), client_secret=previous).status_code == 401

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
        assert self.exchange_by_get(flow, application).status_code == 405
        assert not AccessToken.objects.exists()

    def test_with_the_flag(self, flow, application):
        allow_legacy()
        assert b"old version of OAuth" in flow.open_consent(**self.PARAMETERS).content
        response = self.exchange_by_get(flow, application)
        assert response.status_code == 200
        assert response.json()["scope"] == "photos status"

    def test_a_challenge_is_verified_nevertheless(self, flow):
        allow_legacy()
        code = flow.get_code()
        assert flow.exchange(code, code_verifier="w" * 64).status_code == 400


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
