"""
Nonces and tokens with several web processes.
"""

import os
import time

import pytest

from django_trove.server.models import AccessToken

from ..signed_requests import Caller
from ..worker_processes import Workers

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 3
RECORD = "from django_trove.server.oauth import nonces; print(nonces.record_nonce('n' * 64))"
SEND = """
import time
from pathlib import Path
from django.test import Client
from django_trove.server.oauth import nonces
ready, go, record_nonce = Path({ready!r}), Path({go!r}), nonces.record_nonce
def record_late(key):
    time.sleep(1)  # all processes have completed the other checks
    return record_nonce(key)
nonces.record_nonce = record_late
http = Client()
http.get("/identity/login", secure=True)  # import modules and connect
ready.touch()
while not go.exists():
    time.sleep(0.001)
print(http.get({path!r}, headers={headers!r}, secure=True).status_code)
"""


@pytest.fixture(params=["database", "cache"])
def processes(request):
    if request.param == "cache" and not os.environ.get("TEST_REDIS"):
        pytest.skip("TEST_REDIS names no Redis server: a shared cache was NOT tested")
    workers = Workers(TROVE_SERVER={"URL": "https://trove.example", "NONCE_STORE": request.param})
    yield workers
    workers.end()


@pytest.fixture
def race(processes, tmp_path):
    """
    Send signed requests simultaneously, each from its own process, and return the statuses.
    """

    def race(*signed):
        go, ready = tmp_path / "go", [tmp_path / f"ready{number}" for number in range(len(signed))]
        started = [
            processes.start(
                *("shell", "-v0", "-c"),
                SEND.format(ready=str(path_ready), go=str(go), path=path, headers=dict(headers)),
            )
            for path_ready, (path, headers, _) in zip(ready, signed, strict=True)
        ]
        deadline = time.monotonic() + 60
        while not all(path.exists() for path in ready) and time.monotonic() < deadline:
            time.sleep(0.01)
        go.touch()
        outputs = [process.communicate(timeout=60) for process in started]
        return sorted(output.split()[-1] if output else errors for output, errors in outputs)

    return race


def test_a_replay_is_rejected_by_another_process(processes):
    results = [processes.run("shell", "-v0", "-c", RECORD).split()[-1] for _ in range(2)]
    assert results == ["True", "False"]


def test_simultaneous_replays_are_rejected(race, caller):
    signed = caller.sign("GET", "/v1/oauth/photos/")
    assert race(*[signed] * PROCESSES) == ["200"] + ["401"] * (PROCESSES - 1)


def test_a_request_token_is_exchanged_by_one_process(race, application, dance, browser):
    """
    Each exchange has its own signature.
    """
    request = dance.allowed(browser)
    signer = Caller(application, request, verifier=request.verifier)
    signed = [signer.sign("GET", "/v1/oauth/access_token/") for _ in range(PROCESSES)]
    assert race(*signed) == ["200"] + ["401"] * (PROCESSES - 1)
    assert AccessToken.objects.count() == 1
