from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer


def pytest_xdist_auto_num_workers() -> int:
    """
    One more than there are processors: tests wait for browsers and other processes.
    """
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """
    The database first: before it has its file, the server's threads would share one connection.
    """
    return live_server
