"""
A site whose settings have another name of the Trove's host, in processes of their own.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from demo.processes import SITE, START_TIMEOUT, Process, run_command
from demo.workspace import USERNAME, Workspace

from ..ports import free_port
from .test_two_processes import BrowserlessUser

REPOSITORY = Path(__file__).resolve().parents[2]
WRONG_HOST = "tests.integration.wrong_host_site"


@pytest.fixture
def wrong_site(demo, monkeypatch):
    """
    A second process of the site, with the same database.
    """
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    workspace = replace(demo, site_port=free_port())
    address = workspace.site_url.removeprefix("http://")
    command = ("runserver", "--noreload", "--settings", WRONG_HOST, address)
    server = Process(workspace, SITE, "wrong-host-site", *command)
    try:
        wait_until_ready(server, f"{workspace.site_url}/sign-in/")
        yield workspace
    finally:
        server.stop()


def wait_until_ready(server: Process, url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        server.check()
        try:
            requests.get(url, timeout=START_TIMEOUT)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} does not respond.")


def list_accounts(demo: Workspace) -> str:
    return run_command(demo, SITE, "trove_accounts")


def test_the_site_keeps_its_token(demo, wrong_site):
    with BrowserlessUser() as ada:
        ada.submit(f"{demo.trove_url}/identity/login", username=USERNAME, password=USERNAME)
        ada.submit(f"{demo.site_url}/sign-in/", username=USERNAME, password=USERNAME)
        form = {"csrfmiddlewaretoken": ada.cookies["photoblog_csrf"]}
        connect = f"{demo.site_url}/trove/connect/"
        consent = ada.post(connect, form, headers={"Referer": demo.site_url}, timeout=20)
        confirmation = ada.submit(consent.url, decision="allow", content_types="photos")
        ada.submit(confirmation.url, answer="confirm")
        assert f"{demo.trove_url}/files/" in ada.get(f"{demo.site_url}/", timeout=20).text
        account = ada.get(f"{wrong_site.site_url}/trove/", timeout=20)
        assert "not configured correctly" in account.text
        assert "Reconnect required" not in list_accounts(demo)
        assert "Connected" in ada.get(f"{demo.site_url}/trove/", timeout=20).text
        ada.submit(f"{demo.site_url}/trove/disconnect/")


def test_trove_doctor_explains_it(wrong_site):
    site = ("--site", wrong_site.site_url)
    with pytest.raises(subprocess.CalledProcessError) as failure:
        run_command(wrong_site, SITE, "trove_doctor", "--settings", WRONG_HOST, *site)
    assert "WrongHost: The Trove does not accept signatures for localhost:" in failure.value.output
