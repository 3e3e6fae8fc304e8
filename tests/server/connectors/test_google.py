"""
Google Photos' Picker, at a fake service that checks every token.
"""

import logging
import time

import pytest

from django_trove.client.content import Video
from django_trove.server.connectors.base import Misconfigured, RetryLater, Revoked, ServiceFailed
from django_trove.server.connectors.google import PAGE_SIZE, Google
from django_trove.server.connectors.remote import AuthorizationDenied, Credentials
from fake_services import google as fake_google
from fake_services.base import Response, json_response, serve
from fake_services.photos import make_photos

from .batches import Index, connected, leave


@pytest.fixture
def google():
    with serve(fake_google.Google(make_photos(25))) as fake:
        yield fake


@pytest.fixture
def granted(google):
    return leave(Google, google)


class Maker:
    """
    Makes connectors that know the sessions so far.
    """

    def __init__(self, google, granted):
        self.google, self.granted, self.sessions = google, granted, []

    def __call__(self):
        settings = {**self.granted.settings, "sessions": list(self.sessions)}
        return Google(settings, Credentials(self.google.settings, self.granted.token))


@pytest.fixture
def make(google, granted):
    return Maker(google, granted)


def picks(make, google, chosen=None):
    """
    Let the person pick something.
    """
    began = make().start_picker_session()
    make.sessions.append(began.id)
    google.pick(began.id, chosen)
    return began


def ids_of(chosen):
    return {fake_google.media_id(shot) for shot in chosen}


def test_a_person_says_yes_and_is_known_by_their_address(google, granted):
    assert (granted.service_id, granted.name) == ("1122334455", "ada@example.org")
    assert granted.token["refresh_token"]
    assert granted.token["expires_at"] > time.time()
    assert granted.token["access_token"] not in repr(granted)


def test_who_says_no_is_taken_at_their_word(google):
    with pytest.raises(AuthorizationDenied):
        leave(Google, google, decision="deny")


def test_who_leaves_the_photos_unticked_is_told_to_tick_them(google):
    with pytest.raises(ServiceFailed, match="select its checkbox"):
        leave(Google, google, photos="off")


def test_a_code_is_good_for_whoever_began_alone(google):
    service = Google({}, Credentials(google.settings))
    started = service.start_authorization("https://trove.example/back")
    with pytest.raises(ServiceFailed):
        service.finish_authorization(
            "another-verifier-" * 4, {"code": "guessed"}, "https://trove.example/back"
        )
    assert "code_challenge_method=S256" in started.url
    assert started.secret not in started.url


def test_a_wrong_secret_is_the_operators_to_mend(google):
    google.provider.client_secret = "another"
    with pytest.raises(Misconfigured):
        leave(Google, google)


def test_what_was_picked_comes_with_its_pictures(google, make):
    began = picks(make, google)
    assert began.url == f"{google.url}/picker/{began.id}/autoclose"
    assert began.seconds == 1
    assert began.expires > time.time()
    index, found = Index(), {}
    for page in make().batches({}, index.known):
        index.take(page)
        found.update({one.photo.id: one for one in page.items})
        assert not page.full
    assert set(index.photos) == ids_of(google.photos)
    shot = google.photos[0]
    one = found[fake_google.media_id(shot)]
    assert (one.photo.title, one.photo.date) == ("IMG_0001.JPG", shot.taken)
    assert (one.photo.owner, one.photo.width) == ("ada@example.org", 1600)
    assert one.photo.location is None
    assert set(one.renditions) == {"thumbnail", "medium", "large"}
    assert isinstance(index.photos[fake_google.media_id(google.photos[9])], Video)
    assert began.id not in google.sessions  # it was closed


def test_until_the_person_is_done_there_is_nothing(google, make):
    began = make().start_picker_session()
    make.sessions.append(began.id)
    index = Index()
    assert not make().is_selection_complete(began.id)
    index.look(make)
    assert index.photos == {}
    google.pick(began.id)
    assert make().is_selection_complete(began.id)
    index.look(make)
    assert set(index.photos) == ids_of(google.photos)


def test_picking_more_fetches_what_is_new_alone(google, make):
    picks(make, google, google.photos[:10])
    index = Index()
    index.look(make)
    fetched = sum(path.startswith("/ppa/") for path in google.request_paths)
    picks(make, google, google.photos[5:15])
    index.look(make)
    assert set(index.photos) == ids_of(google.photos[:15])
    assert sum(path.startswith("/ppa/") for path in google.request_paths) - fetched == 5


@pytest.mark.parametrize("pages", [1, 2])
def test_a_look_that_was_stopped_goes_on(pages):
    with serve(fake_google.Google(make_photos(50))) as google:
        make, index = Maker(google, leave(Google, google)), Index()
        picks(make, google)
        index.look(make, at_once=pages)
        assert set(index.photos) == ids_of(google.photos)
        assert len(index.wrote) == 50
        assert sum(path.startswith("/ppa/") for path in google.request_paths) == 50


def test_a_page_token_that_has_ended_begins_the_session_again():
    with serve(fake_google.Google(make_photos(110))) as google:
        make, index = Maker(google, leave(Google, google)), Index()
        session = picks(make, google).id
        pages = make().batches({}, index.known)
        for _ in range(100 // PAGE_SIZE):
            index.take(next(pages))
        google.sessions[session].page_tokens.clear()
        index.look(make)
        assert set(index.photos) == ids_of(google.photos)
        assert len(index.wrote) == 110


def test_a_session_that_ended_is_told_and_passed_over(google, make):
    began = make().start_picker_session()
    make.sessions.append(began.id)
    google.clock_offset = 2000
    with pytest.raises(ServiceFailed, match="expired"):
        make().is_selection_complete(began.id)
    index = Index()
    index.look(make)
    assert index.cursor["taken"] == [began.id]


def test_a_video_that_isnt_ready_is_named(google, make):
    google.processing_numbers = {10}
    picks(make, google)
    index = Index()
    index.look(make)
    assert [failure.name for failure in index.failures] == ["IMG_0010.MP4"]
    assert len(index.photos) == 24


def test_an_address_that_has_ended_is_asked_for_anew(google, make):
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
    index.look(make)
    assert set(index.photos) == ids_of(google.photos[:1])


class Counted(Credentials):
    """
    Counts how often a token is traded.
    """

    def refresh(self, trade):
        self.config["renewed"].append(1)
        super().refresh(trade)


def test_a_token_near_its_end_is_renewed(google, granted):
    renewed = []
    old = {**granted.token, "expires_at": time.time() + 5}
    connector = Google({}, Counted({**google.settings, "renewed": renewed}, old))
    connector.start_picker_session()
    connector.start_picker_session()
    assert len(renewed) == 1
    assert connector.credentials.token["refresh_token"] == granted.token["refresh_token"]
    assert connector.credentials.token["access_token"] != granted.token["access_token"]


def test_a_token_that_isnt_taken_is_renewed_once(google, granted):
    google.provider.grants.clear()
    renewed = []
    connector = Google({}, Counted({**google.settings, "renewed": renewed}, granted.token))
    connector.start_picker_session()
    assert len(renewed) == 1


def test_leave_that_was_taken_back_is_noticed(google, make):
    google.revoke_all()
    with pytest.raises(Revoked):
        make().start_picker_session()


def test_leaving_is_told_to_google(google, make, granted):
    make().revoke()
    assert google.revoked_tokens == [granted.token["refresh_token"]]
    make().revoke()  # nothing is left, which is fine


def _error(code, status, **more):
    return json_response({"error": {"code": code, "status": status, "message": "", **more}}, code)


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
def test_each_failure_is_told_apart(google, make, fault):
    answer, expected = FAULTS[fault]
    google.failures = [answer()]
    with pytest.raises(expected) as caught:
        make().start_picker_session()
    assert google.url not in caught.value.reason


def test_no_secret_reaches_a_log(google, caplog):
    caplog.set_level(logging.DEBUG)
    make = connected(Google, google)
    make().start_picker_session()
    token = make().credentials.token
    secrets = {google.CLIENT_SECRET, token["access_token"], token["refresh_token"]}
    assert not [secret for secret in secrets if secret in caplog.text]
