"""
What one process of a Trove has answered, another one has, too.
"""

import os

import pytest

from .workers import Workers

pytestmark = pytest.mark.django_db(transaction=True)

SPEND = "from django_trove.server.oauth import nonces; print(nonces.spend('n' * 64))"


@pytest.mark.parametrize("kept", ["database", "cache"])
def test_a_replay_is_seen_by_every_process(kept):
    """
    P32, P33: with several web processes, whichever the second request comes to.
    """
    if kept == "cache" and not os.environ.get("TEST_REDIS"):
        pytest.skip("TEST_REDIS names no Redis server: a shared cache was NOT tried")
    workers = Workers(TROVE_SERVER={"NONCES": kept})
    try:
        told = [workers.run("shell", "-v0", "-c", SPEND).split()[-1] for _ in range(2)]
    finally:
        workers.end()
    assert told == ["True", "False"]
