from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from django_trove.client import Token, TroveAPI, pooled_session

from .fake_server import FakeServer, run_fake_server

KEYS = ("app-key", "app-secret")
ACCESS = Token("access-key", "access-secret")


@pytest.fixture
def trove() -> Iterator[FakeServer]:
    with run_fake_server() as server:
        yield server


@pytest.fixture
def api_for(trove: FakeServer) -> Iterator[Callable[..., TroveAPI]]:
    """
    Create clients of the fake server. They have an access token unless it is overridden.
    """
    session = pooled_session()

    def make(**options: Any) -> TroveAPI:
        options = {"url": trove.url, "access_token": ACCESS, "session": session} | options
        return TroveAPI(*KEYS, ["photos"], **options)

    yield make
    session.close()


@pytest.fixture
def api(api_for: Callable[..., TroveAPI]) -> TroveAPI:
    return api_for()
