"""
The walk-through in the README of the client of 2010, against a Trove in a process of its own.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.processes import TROVE, run_command
from demo.workspace import USERNAME
from django_trove.client import CallError, Photo, Query, Result, Token, TroveAPI

from .test_two_processes import BrowserlessUser

PAGE = Path(__file__).resolve().parents[2] / "docs" / "from-2010.md"


@pytest.fixture(scope="module")
def keys(demo):
    made = run_command(demo, TROVE, "trove_add_application", "A script of 2010", "--oob")
    return tuple(re.search(rf"{name}:\s+(\w+)", made)[1] for name in ("key", "secret"))


@pytest.fixture(autouse=True)
def trove_url(demo, monkeypatch):
    monkeypatch.setenv("TROVE_URL", demo.trove_url)


@pytest.fixture
def authorize(demo):
    """
    Authorize the application in a browser. Return the verifier that the page shows.
    """

    def authorize(url):
        with BrowserlessUser() as ada:
            ada.submit(f"{demo.trove_url}/identity/login", username=USERNAME, password=USERNAME)
            page = ada.submit(url, decision="allow", content_types="photos")
        response = re.search(r'<div id="auth_response"[^>]*>(.*?)</div>', page.text, re.S)[1]
        assert "authorized" in response
        return re.search(r"<code[^>]*>(\w+)</code>", response)[1]

    return authorize


@pytest.fixture
def access_token(keys, authorize):
    api = TroveAPI(*keys, ["photos"])
    request_token = api.get_request_token()
    return api.get_access_token(request_token, authorize(api.get_authorization_url(request_token)))


def test_the_lines_of_the_documentation(keys, authorize, capsys):
    """
    Run the code block of docs/from-2010.md.
    """
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)[1]
    before, separator, after = code.partition("access_token =")
    names = {"app_key": keys[0], "app_secret": keys[1]}
    exec(before, names)
    names["verifier"] = authorize(capsys.readouterr().out.strip())
    exec(separator + after, names)
    assert names["query"].tags_required == ["snow"]
    assert names["results"].count == len(names["results"].results)


def test_an_access_token_from_a_data_store(keys, access_token):
    """
    An object, or the text that the old client stores.
    """
    for stored in (access_token, access_token.to_string(), Token(*_key_and_secret(access_token))):
        api = TroveAPI(*keys, ["photos"], access_token=stored)
        assert api.get_user_info().name == "Ada"


def test_a_query(keys, access_token):
    """
    "Photos containing tags after March 4, 2007".
    """
    api = TroveAPI(*keys, ["photos"], access_token=access_token)
    everything = list(api.iter_photos())
    photo = next(photo for photo in everything if photo.tags and photo.date)
    query = Query()
    query.services = [photo.service]
    query.date_from = datetime.strptime("2007-03-04 21:08:12", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    query.date_to = datetime.now(UTC)
    query.tags_required = list(photo.tags[:1])
    query.tags_required.append(photo.tags[0].upper())
    query.force_update = False
    results = api.get_photos(query)
    expected = f"count={results.count} total_number_of_results={results.count} page=1"
    assert repr(results) == f"<Result {expected}>"
    start = query.date_from.replace(tzinfo=UTC)
    assert {found.trove_id for found in results} == {
        found.trove_id
        for found in everything
        if found.date and found.date >= start and photo.tags[0] in found.tags
    }


def test_the_names_of_the_table_exist(keys):
    """
    The right column of docs/from-2010.md.
    """
    owners = {"api": TroveAPI(*keys), "query": Query(), "Result": Result(), "Photo": Photo()}
    owners["photo"] = owners["Photo"]
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|$", PAGE.read_text(), re.M)
    names = re.findall(r"\b(api|query|Result|[Pp]hoto)\.(\w+)", " ".join(rows))
    assert len(names) > 9
    for owner, name in names:
        assert hasattr(owners[owner], name), (owner, name)


def test_a_missing_verifier_is_explained(keys):
    api = TroveAPI(*keys, ["photos"])
    with pytest.raises(CallError, match=r"verifier is required.*that the Trove displays"):
        api.get_access_token(api.get_request_token())


def test_a_missing_url_is_explained(keys, monkeypatch):
    monkeypatch.delenv("TROVE_URL")
    with pytest.raises(CallError, match="url is required, or the environment variable TROVE_URL"):
        TroveAPI(*keys, ["photos"])


def _key_and_secret(token):
    return token.key, token.secret
