from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore

from django_trove.client import Token
from django_trove.core.cache import SafeCache
from django_trove.core.oauth_state import (
    MAX_STATES,
    SESSION_KEY,
    STATE_SECONDS,
    OAuthStateStore,
    PendingAuthorization,
    StateExpired,
    StateNotFound,
    StateOfOtherUser,
    StateUsed,
)

ANN, BOB = SimpleNamespace(pk=1), SimpleNamespace(pk=2)
FLOW = PendingAuthorization(Token("request-key", "request-secret"), "/gallery/")


@pytest.fixture
def session():
    return SessionStore()


@pytest.fixture
def store(session):
    return OAuthStateStore(session, ANN, cache=SafeCache("default"))


def test_state_can_be_used_once(store):
    store.add(FLOW)
    assert store.pop("request-key") == FLOW
    with pytest.raises(StateUsed) as caught:
        store.pop("request-key")
    assert caught.value.next == "/gallery/"


def test_unknown_state_is_rejected(store):
    for key in ("request-key", "", "x" * 10_000, "\0"):
        with pytest.raises(StateNotFound):
            store.pop(key)


def test_state_of_another_user_is_rejected_and_kept(store, session):
    store.add(FLOW)
    with pytest.raises(StateOfOtherUser) as caught:
        OAuthStateStore(session, BOB, cache=SafeCache("default")).pop("request-key")
    assert caught.value.next == ""
    assert store.pop("request-key") == FLOW


def test_state_expires_after_ten_minutes(store, session):
    store.add(FLOW)
    for flow in session[SESSION_KEY].values():
        flow["started"] = time.time() - STATE_SECONDS - 1
    with pytest.raises(StateExpired):
        store.pop("request-key")


def test_at_most_ten_states_are_stored(store, session):
    for number in range(MAX_STATES + 5):
        store.add(PendingAuthorization(Token(f"key-{number}", "s")))
        for flow in session[SESSION_KEY].values():
            flow["started"] -= 1
    assert len(session[SESSION_KEY]) == MAX_STATES
    assert store.pop(f"key-{MAX_STATES + 4}").request_token.key == f"key-{MAX_STATES + 4}"


def test_session_has_no_token_or_secret(store, session):
    store.add(FLOW)
    waiting = json.dumps(session[SESSION_KEY])  # the state is JSON-serializable
    assert "request-" not in waiting


def test_secret_is_bound_to_token_and_user(store, session):
    store.add(FLOW)
    store.add(PendingAuthorization(Token("other-key", "other-secret")))
    first, second = session[SESSION_KEY].values()
    first["secret"], second["secret"] = second["secret"], first["secret"]
    with pytest.raises(StateNotFound):
        store.pop("request-key")


def test_state_survives_key_rotation(store, settings):
    store.add(FLOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    assert store.pop("request-key") == FLOW
