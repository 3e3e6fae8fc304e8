"""
Several web processes of one Trove: what one has answered, the others have, too.
"""

import os
import time

import pytest

from django_trove.server.models import AccessToken

from ..signed_requests import Caller
from ..worker_processes import Workers

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 3
SPEND = "from django_trove.server.oauth import nonces; print(nonces.record_nonce('n' * 64))"
SEND = """
import time
from pathlib import Path
from django.test import Client
from django_trove.server.oauth import nonces
ready, go, spend = Path({ready!r}), Path({go!r}), nonces.record_nonce
def late(key):
    time.sleep(1)  # whatever is looked at before was looked at by all
    return spend(key)
nonces.record_nonce = late
http = Client()
http.get("/identity/login", secure=True)  # everything is imported and connected
ready.touch()
while not go.exists():
    time.sleep(0.001)
print(http.get({path!r}, headers={headers!r}, secure=True).status_code)
"""


@pytest.fixture(params=["database", "cache"])
def processes(request):
    if request.param == "cache" and not os.environ.get("TEST_REDIS"):
        pytest.skip("TEST_REDIS names no Redis server: a shared cache was NOT tried")
    workers = Workers(TROVE_SERVER={"URL": "https://trove.example", "NONCE_STORE": request.param})
    yield workers
    workers.end()


@pytest.fixture
def race(processes, tmp_path):
    """
    Send signed requests at the same moment, each from a process of its own, and return the
    statuses of the answers.
    """

    def race(*signed):
        go, ready = tmp_path / "go", [tmp_path / f"ready{number}" for number in range(len(signed))]
        started = [
            processes.start(
                *("shell", "-v0", "-c"),
                SEND.format(ready=str(one), go=str(go), path=path, headers=dict(headers)),
            )
            for one, (path, headers, _) in zip(ready, signed, strict=True)
        ]
        give_up = time.monotonic() + 60
        while not all(one.exists() for one in ready) and time.monotonic() < give_up:
            time.sleep(0.01)
        go.touch()
        told = [process.communicate(timeout=60) for process in started]
        return sorted(said.split()[-1] if said else errors for said, errors in told)

    return race


def test_a_replay_is_seen_by_every_process(processes):
    """
    P32: whichever the second request comes to.
    """
    told = [processes.run("shell", "-v0", "-c", SPEND).split()[-1] for _ in range(2)]
    assert told == ["True", "False"]


def test_a_request_that_comes_to_every_process_at_once_is_answered_once(race, caller):
    """
    P33
    """
    signed = caller.sign("GET", "/v1/oauth/photos/")
    assert race(*[signed] * PROCESSES) == ["200"] + ["401"] * (PROCESSES - 1)


def test_a_request_token_is_exchanged_by_one_process(race, application, dance, browser):
    """
    P30: each exchange is signed for itself.
    """
    request = dance.allowed(browser)
    signer = Caller(application, request, verifier=request.verifier)
    signed = [signer.sign("GET", "/v1/oauth/access_token/") for _ in range(PROCESSES)]
    assert race(*signed) == ["200"] + ["401"] * (PROCESSES - 1)
    assert AccessToken.objects.count() == 1
