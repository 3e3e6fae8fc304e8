"""
OAuth clients of several languages complete the flow and send signed requests.

A client whose package is not installed is skipped. `OAUTH_CLIENTS` is a directory with further
packages: `python/` and `node_modules/`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.processes import TROVE, run_command

from .test_two_processes import ada  # noqa: F401

PROGRAMS = Path(__file__).parent / "oauth_clients"
PACKAGES = Path(os.environ.get("OAUTH_CLIENTS", "/nonexistent"))
CALLBACK = "http://127.0.0.1:9/callback/?next=/photos/&a=b+c"
ODD = json.dumps(
    {"tags-required": ["snow & ice = ~ + % ' ()*! \u00e9\U0001f600"]}, ensure_ascii=False
)
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(PACKAGES / "python"),
    "NODE_PATH": str(PACKAGES / "node_modules"),
    "GOPATH": "/usr/share/gocode",
    "GO111MODULE": "off",
    "PYTHONWARNINGS": "ignore",
}
CLIENTS = [
    ("requests_oauthlib_session.py", "AUTH_HEADER"),
    ("requests_oauthlib_session.py", "QUERY"),
    ("authlib_session.py", "HEADER"),
    ("authlib_session.py", "QUERY"),
    ("allauth_client.py",),
    ("rauth_service.py",),
    ("ruby_oauth.rb", "header"),
    ("ruby_oauth.rb", "query_string"),
    ("net_oauth.pl", "header"),
    ("net_oauth.pl", "form"),
    ("npm_oauth.js",),
    ("mrjones_oauth.go",),
    ("gomodule_oauth1.go",),
]
OAUTH2_CLIENTS = ["authlib_oauth2.py", "oauth4webapi.mjs"]
REQUIRED = {  # a command that fails if the package is not installed
    "requests_oauthlib_session.py": [sys.executable, "-c", "import requests_oauthlib"],
    "authlib_session.py": [sys.executable, "-c", "import authlib"],
    "allauth_client.py": [sys.executable, "-c", "import allauth"],
    "rauth_service.py": [sys.executable, "-c", "import rauth"],
    "ruby_oauth.rb": ["ruby", "-roauth", "-e", "0"],
    "net_oauth.pl": ["perl", "-MNet::OAuth", "-MLWP::UserAgent", "-e", "0"],
    "npm_oauth.js": ["node", "-e", "require('oauth')"],
    "authlib_oauth2.py": [sys.executable, "-c", "import authlib"],
    "oauth4webapi.mjs": ["node", "-e", "require.resolve('oauth4webapi')"],
    "mrjones_oauth.go": ["go", "list", "github.com/mrjones/oauth"],
    "gomodule_oauth1.go": ["go", "list", "github.com/gomodule/oauth1/oauth"],
}
INTERPRETERS = {
    ".py": [sys.executable],
    ".rb": ["ruby"],
    ".pl": ["perl"],
    ".js": ["node"],
    ".mjs": ["node"],
    ".go": ["go", "run"],
}


def skip_if_missing(program: str) -> None:
    command = REQUIRED[program]
    if not shutil.which(command[0]):
        pytest.skip(f"{program}: {command[0]} is not installed")
    if subprocess.run(command, check=False, env=ENVIRONMENT, capture_output=True).returncode:
        pytest.skip(f"{program}: its package is not installed ({' '.join(command[1:])})")


@pytest.fixture(scope="module")
def keys(demo):
    made = run_command(demo, TROVE, "trove_add_application", "Clients", "--callback", CALLBACK)
    return tuple(re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))


@pytest.mark.parametrize("client", CLIENTS, ids=" ".join)
def test_client_completes_the_flow_and_reads_photos(demo, keys, ada, client):  # noqa: F811
    program, *options = client
    tag = json.dumps({"tags-required": ["SNOW"]})
    arguments = [demo.trove_url, *keys, CALLBACK, ODD, tag, *options]
    output = run_client(program, arguments, lambda url: _authorize(ada, url))
    everything, odd, tagged, user = map(json.loads, output.splitlines())
    assert "error" not in output, output
    assert everything["count"] > tagged["count"] > 0, output
    assert all("snow" in map(str.lower, photo["tags"]) for photo in tagged["results"])
    assert odd["count"] == 0
    assert user["name"] == "Ada"


@pytest.mark.parametrize("program", OAUTH2_CLIENTS)
def test_client_of_oauth2_completes_the_flow(demo, keys, ada, program):  # noqa: F811
    arguments = [demo.trove_url, *keys, CALLBACK]
    output = run_client(program, arguments, lambda url: _get_callback(ada, url))
    everything, tagged, user, revoked = map(json.loads, output.splitlines())
    assert everything["count"] > tagged["count"] > 0, output
    assert user["name"] == "Ada"
    assert revoked["error"] == "unauthorized"


def run_client(program: str, arguments: list[str], authorize: Callable[[str], str]) -> str:
    """
    Run a program that prints the authorization URL, reads the result of `authorize`, and prints
    the JSON responses. Return these.
    """
    skip_if_missing(program)
    path = PROGRAMS / program
    if path.suffix == ".mjs":  # modules are searched next to the program, not in NODE_PATH
        path = Path(shutil.copy2(path, PACKAGES / program))
    with subprocess.Popen(
        [*INTERPRETERS[path.suffix], str(path), *arguments],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        url = process.stdout.readline().strip()
        answer = authorize(url) if url.startswith("http") else ""
        output, errors = process.communicate(f"{answer}\n", timeout=60)
    assert process.returncode == 0, errors
    return output


def _authorize(user, url: str) -> str:
    """
    Return the verifier that the Trove adds to the callback.
    """
    return parse_qs(urlsplit(_get_callback(user, url)).query)["oauth_verifier"][0]


def _get_callback(user, url: str) -> str:
    response = user.submit(url, follow=False, decision="allow", content_types="photos")
    location = response.headers["Location"]
    assert location.startswith(CALLBACK.partition("?")[0] + "?next=")
    return location
