import logging
import time

import pytest

from django_trove.client.content import Video
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.google import PAGE_SIZE, Google
from django_trove.server.connectors.oauth import AuthorizationDenied
from fake_services import google as fake_google
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .index import Account, Index, authorize, connector_factory


@pytest.fixture
def google():
    with serve(fake_google.Google(make_photos(25))) as fake:
        yield fake


@pytest.fixture
def authorization(google):
    return authorize(Google, google)


@pytest.fixture
def make(google, authorization):
    return Account(Google, google, authorization)


def picks(make, google, chosen=None):
    began = make().start_picker_session()
    make.add_session(began.id)
    google.pick(began.id, chosen)
    return began


def ids_of(chosen):
    return {fake_google.media_id(shot) for shot in chosen}


def test_authorization_returns_the_account(google, authorization):
    assert (authorization.service_id, authorization.name) == ("1122334455", "ada@example.org")
    assert authorization.token["refresh_token"]
    assert authorization.token["expires_at"] > time.time()
    assert authorization.token["access_token"] not in repr(authorization)


def test_denied_authorization_raises(google):
    with pytest.raises(AuthorizationDenied):
        authorize(Google, google, decision="deny")


def test_missing_photo_permission_is_reported(google):
    with pytest.raises(ServiceFailed, match="select its checkbox"):
        authorize(Google, google, photos="off")


def test_code_requires_the_pkce_verifier(google):
    service = Google({}, Credentials(google.settings))
    started = service.start_authorization("https://trove.example/back")
    with pytest.raises(ServiceFailed):
        service.finish_authorization(
            "another-verifier-" * 4, {"code": "guessed"}, "https://trove.example/back"
        )
    assert "code_challenge_method=S256" in started.url
    assert started.secret not in started.url


def test_wrong_secret_is_a_misconfiguration(google):
    google.provider.client_secret = "another"
    with pytest.raises(Misconfigured):
        authorize(Google, google)


def test_selected_photos_are_imported_with_pictures(google, make):
    began = picks(make, google)
    assert began.url == f"{google.url}/picker/{began.id}/autoclose"
    assert began.seconds == 1
    assert began.expires > time.time()
    index = Index()
    assert not index.run_sync(make)
    found = {item.content.id: item for page in index.batches for item in page.items}
    assert set(index.photos) == ids_of(google.photos)
    shot = google.photos[0]
    item = found[fake_google.media_id(shot)]
    assert (item.content.title, item.content.date) == ("IMG_0001.JPG", shot.taken)
    assert (item.content.owner, item.content.width) == ("ada@example.org", 1600)
    assert item.content.location is None
    assert set(item.renditions) == {"thumbnail", "medium", "large"}
    assert isinstance(index.photos[fake_google.media_id(google.photos[9])], Video)
    assert began.id not in google.sessions  # it was closed


def test_incomplete_selection_imports_nothing(google, make):
    began = make().start_picker_session()
    make.add_session(began.id)
    index = Index()
    assert not make().is_selection_complete(began.id)
    index.run_sync(make)
    assert index.photos == {}
    google.pick(began.id)
    assert make().is_selection_complete(began.id)
    index.run_sync(make)
    assert set(index.photos) == ids_of(google.photos)


def test_second_selection_fetches_only_new_photos(google, make):
    picks(make, google, google.photos[:10])
    index = Index()
    index.run_sync(make)
    fetched = sum(path.startswith("/ppa/") for path in google.request_paths)
    picks(make, google, google.photos[5:15])
    index.run_sync(make)
    assert set(index.photos) == ids_of(google.photos[:15])
    assert sum(path.startswith("/ppa/") for path in google.request_paths) - fetched == 5


@pytest.mark.parametrize("batches", [1, 2])
def test_interrupted_sync_resumes(batches):
    with serve(fake_google.Google(make_photos(50))) as google:
        make, index = connector_factory(Google, google), Index()
        picks(make, google)
        index.run_sync(make, at_once=batches)
        assert set(index.photos) == ids_of(google.photos)
        assert len(index.wrote) == 50
        assert sum(path.startswith("/ppa/") for path in google.request_paths) == 50


def test_expired_page_token_restarts_the_session():
    with serve(fake_google.Google(make_photos(110))) as google:
        make = connector_factory(Google, google)
        index, session = Index(make.identity), picks(make, google).id
        assert index.run_process(100 // PAGE_SIZE) is None
        google.sessions[session].page_tokens.clear()
        index.run_sync(make)
        assert set(index.photos) == ids_of(google.photos)
        assert len(index.wrote) == 110


def test_expired_session_is_skipped(google, make):
    began = make().start_picker_session()
    make.add_session(began.id)
    google.clock_offset = 2000
    with pytest.raises(ServiceFailed, match="expired"):
        make().is_selection_complete(began.id)
    index = Index()
    index.run_sync(make)
    assert index.cursor["taken"] == [began.id]


def test_unprocessed_video_is_reported(google, make):
    google.processing_numbers = {10}
    picks(make, google)
    index = Index()
    index.run_sync(make)
    assert [failure.name for failure in index.failures] == ["IMG_0010.MP4"]
    assert len(index.photos) == 24


def test_expired_picture_url_is_replaced(google, make):
    picks(make, google, google.photos[:1])
    listing = google._list_items

    def old_then_new(request):
        google.clock_offset -= 4000
        try:
            return listing(request)
        finally:
            google.clock_offset += 4000
            google._list_items = listing

    google._list_items = old_then_new
    index = Index()
    index.run_sync(make)
    assert set(index.photos) == ids_of(google.photos[:1])


class Counted(Credentials):
    def refresh(self, trade):
        self.config["renewed"].append(1)
        super().refresh(trade)


def test_token_is_refreshed_before_it_expires(google, authorization):
    renewed = []
    old = {**authorization.token, "expires_at": time.time() + 5}
    connector = Google({}, Counted({**google.settings, "renewed": renewed}, old))
    connector.start_picker_session()
    connector.start_picker_session()
    assert len(renewed) == 1
    assert connector.credentials.token["refresh_token"] == authorization.token["refresh_token"]
    assert connector.credentials.token["access_token"] != authorization.token["access_token"]


def test_rejected_token_is_refreshed_once(google, authorization):
    google.provider.grants.clear()
    renewed = []
    connector = Google({}, Counted({**google.settings, "renewed": renewed}, authorization.token))
    connector.start_picker_session()
    assert len(renewed) == 1


def test_revoked_authorization_is_detected(google, make):
    google.revoke_all()
    with pytest.raises(Revoked):
        make().start_picker_session()


def test_token_is_revoked_at_google(google, make, authorization):
    make().revoke()
    assert google.revoked_tokens == [authorization.token["refresh_token"]]
    make().revoke()  # nothing is left, which is fine


def _error(code, status, **options):
    return json_response(
        {"error": {"code": code, "status": status, "message": "", **options}}, code
    )


FAULTS = {
    "asked too often": (fake_google.Google.rate_limit_response, RetryLater),
    "down": (fake_google.Google.unavailable_response, RetryLater),
    "no JSON": (lambda: Response(body="<html>"), RetryLater),
    "no permission": (lambda: _error(403, "PERMISSION_DENIED"), Revoked),
    "not enabled": (
        lambda: _error(403, "PERMISSION_DENIED", details=[{"@type": "x/google.rpc.Help"}]),
        Misconfigured,
    ),
    "no account": (lambda: _error(400, "FAILED_PRECONDITION"), ServiceFailed),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_errors_are_mapped_to_exceptions(google, make, fault):
    response, expected = FAULTS[fault]
    google.failures = [response()]
    with pytest.raises(expected) as caught:
        make().start_picker_session()
    assert google.url not in caught.value.reason


def test_secrets_are_not_logged(google, caplog):
    caplog.set_level(logging.DEBUG)
    make = connector_factory(Google, google)
    make().start_picker_session()
    token = make().credentials.token
    secrets = {google.CLIENT_SECRET, token["access_token"], token["refresh_token"]}
    assert not [secret for secret in secrets if secret in caplog.text]
