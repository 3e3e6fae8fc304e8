from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from django_trove import signals
from django_trove.client import Token
from django_trove.models import TroveAccount
from tests.client.fake_server import run_fake_server

from .fake_trove_server import FakeTroveServer


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def fake_server(settings: Any) -> Iterator[FakeTroveServer]:
    """
    A fake Trove that the settings refer to.
    """
    with run_fake_server() as server:
        settings.TROVE = settings.TROVE | {"URL": server.url, "RETRIES": 0, "TIMEOUT": 2}
        yield FakeTroveServer(server)


@pytest.fixture
def make_user(db: None) -> Any:
    """
    Create users of the configured user model.
    """
    model = get_user_model()

    def make(name: str = "ann", **fields: Any) -> Any:
        return model._default_manager.create_user(**{model.USERNAME_FIELD: name}, **fields)

    return make


@pytest.fixture
def user(make_user: Any) -> Any:
    return make_user()


@pytest.fixture
def make_account(user: Any) -> Any:
    """
    Create accounts without the OAuth flow.
    """

    def make(key: str = "access-1", secret: str = "secret-of-access-1", **fields: Any) -> Any:
        account = TroveAccount(**{"user": user, "name": "Ann at the Trove"} | fields)
        account.token = Token(key, secret)
        account.save()
        return TroveAccount.objects.get(pk=account.pk)

    return make


@pytest.fixture
def account(make_account: Any, fake_server: FakeTroveServer) -> TroveAccount:
    """
    An account with a valid token of the fake Trove.
    """
    return make_account(*fake_server.grant())


@pytest.fixture
def no_error_records(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """
    Check that the test logs no error, which Django would mail to `ADMINS`.
    """
    yield
    assert [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


@pytest.fixture
def browser(user: Any) -> Client:
    """
    A test client in which the user is signed in.
    """
    client = Client()
    client.force_login(user)
    return client


class SignalRecorder:
    """
    Records the names and arguments of all signals.
    """

    NAMES = ("connected", "reconnected", "disconnected", "needs_reconnect")

    def __init__(self) -> None:
        self.names: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self._receivers = {name: partial(self._receive, name) for name in self.NAMES}
        for name, receiver in self._receivers.items():
            getattr(signals, name).connect(receiver, weak=False)

    def _receive(self, name: str, **sent: Any) -> None:
        self.names.append(name)
        self.sent.append(sent)

    def stop(self) -> None:
        for name, receiver in self._receivers.items():
            getattr(signals, name).disconnect(receiver)


@pytest.fixture
def sent_signals() -> Iterator[SignalRecorder]:
    listening = SignalRecorder()
    yield listening
    listening.stop()


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """
    Change the time of one module.
    """
    start = time.time()

    def move_clock(module: Any, seconds: float) -> None:
        clock = SimpleNamespace(time=lambda: start + seconds)
        monkeypatch.setattr(module, "time", clock)

    return move_clock
