"""
The walk over remote folders: its order, interruptions, unchanged folders and failures.
"""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.errors import NoResponse, RetryLater, Revoked
from django_trove.server.connectors.remote_files import walk as module
from django_trove.server.connectors.remote_files.entries import (
    FileFailed,
    FolderListing,
    RemoteFile,
    RemoteFolder,
)
from django_trove.server.connectors.remote_files.walk import Walk

NAMES = st.sampled_from(["a", "a b", "b", "a-", "ä", "B", "10", "9"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


class Server:
    """
    Folders and files, with etags that cover the subtree.

    :param faults: exceptions by path.
    """

    def __init__(self, *paths):
        self.files = dict.fromkeys(paths, 0)
        self.faults, self.listed = {}, []

    def etag(self, folder):
        prefix = f"{folder}/" if folder else ""
        return json.dumps(
            [item for item in sorted(self.files.items()) if item[0].startswith(prefix)]
        )

    def list_folder(self, path):
        self.listed.append(path)
        if path in self.faults:
            raise self.faults[path]
        prefix = f"{path}/" if path else ""
        below = [file.removeprefix(prefix) for file in self.files if file.startswith(prefix)]
        folders = {prefix + name.split("/")[0] for name in below if "/" in name}
        return FolderListing(
            files=tuple(
                RemoteFile(path=prefix + name, stamp="") for name in below if "/" not in name
            ),
            folders=tuple(RemoteFolder(path=name, etag=self.etag(name)) for name in folders),
            etag=self.etag(path),
        )

    def walk(self, state):
        """
        Return the listed files, the prefixes of unlisted ones, and the next state.
        """
        self.listed.clear()
        found, unlisted = [], []
        walk = Walk(self.list_folder, copy.deepcopy(state))
        for listing in walk.list_files():
            found += [file.path for file in listing.files]
            unlisted += listing.unlisted
        return found, unlisted, json.loads(json.dumps(walk.build_last_state()))


def make_server(paths):
    """
    Return a server with files whose names differ from those of folders.
    """
    return Server(*(f"{path}.jpg" for path in paths))


def test_order_of_folders():
    server = Server("b/1", "a/z/1", "a b/1", "a/1", "1")
    found, unlisted, _ = server.walk({})
    assert (found, unlisted) == (["1", "a/1", "a/z/1", "a b/1", "b/1"], [])
    assert server.listed == ["", "a", "a/z", "a b", "b"]


def test_excluded_and_invalid_folders_are_not_listed():
    server = Server("@eaDir/1", ".trash/1", "a\udcff/1", "x" * 600 + "/1", "a/1")
    failures = [
        failure.name
        for listing in Walk(server.list_folder, {}).list_files()
        for failure in listing.failures
    ]
    assert server.listed == ["", "a"]
    assert sorted(failures) == ["a\\xff", "x" * 600]


@given(st.lists(PATHS, max_size=12), st.data())
def test_interrupted_walk_continues_after_its_last_listing(paths, data):
    server = make_server(paths)
    complete, _, _ = server.walk({})
    state, found, is_complete = {}, [], False
    while not is_complete:
        walk, is_complete = Walk(server.list_folder, copy.deepcopy(state)), True
        for listing in walk.list_files():
            found += [file.path for file in listing.files]
            state = json.loads(json.dumps(walk.state))
            if data.draw(st.booleans()):
                is_complete = False
                break
    assert found == complete
    assert sorted(found) == sorted(server.files)


@given(st.lists(PATHS, min_size=1, max_size=12), st.data())
def test_unchanged_folders_are_not_listed(paths, data):
    server = make_server(paths)
    _, _, state = server.walk({})
    assert server.walk(state)[:2] == ([], [""])
    assert server.listed == [""]
    changed = data.draw(st.sampled_from(sorted(server.files)))
    server.files[changed] += 1
    found, unlisted, state = server.walk(state)
    assert changed in found
    assert all(
        any(name.startswith(each) for each in unlisted) for name in {*server.files} - {*found}
    )
    assert server.listed == ["", *_list_parents(changed)]
    assert server.walk(state)[:2] == ([], [""])


def _list_parents(path):
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def test_change_after_the_listing_of_an_interrupted_walk_is_found_by_the_next_one():
    server = Server("a/1", "b/1")
    walk = Walk(server.list_folder, {})
    listings = walk.list_files()
    next(listings), next(listings)
    server.files["a/1"] += 1
    server.files["a/2"] = 0
    found, _, state = server.walk(walk.state)
    assert found == ["b/1"]
    assert server.walk(state)[0] == ["a/1", "a/2"]


def test_folder_that_fails_is_kept_and_listed_again():
    server = Server("a/1", "a/b/1", "c/1")
    server.faults = {"a/b": FileFailed("no")}
    found, unlisted, state = server.walk({})
    assert (found, unlisted) == (["a/1", "c/1"], ["a/b/"])
    server.faults = {}
    found, unlisted, state = server.walk(state)
    assert (found, unlisted) == (["a/1", "a/b/1"], ["c/"])
    assert server.walk(state)[1] == [""]


def test_folders_without_etags_are_listed_every_time(monkeypatch):
    monkeypatch.setattr(Server, "etag", lambda self, folder: "")
    server = Server("a/1", "b/c/1")
    _, _, state = server.walk({})
    assert (server.walk(state)[0], state) == (["a/1", "b/c/1"], {"etags": {}})


def test_number_of_remembered_etags_is_limited(monkeypatch):
    monkeypatch.setattr(module, "MAX_FOLDER_ETAGS", 3)
    server = Server("a/1", "b/1", "c/1", "d/1")
    _, _, state = server.walk({})
    assert list(state["etags"]) == ["", "a", "b"]
    server.files["d/1"] += 1
    found, unlisted, _ = server.walk(state)
    assert (found, unlisted) == (["c/1", "d/1"], ["a/", "b/"])


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("", FileFailed("gone", is_missing=True)),
        ("", NoResponse("late")),
        ("a", Revoked("password")),
        ("a", RetryLater("limit", 7)),
    ],
)
def test_failure_that_stops_the_walk(path, error):
    server = Server("a/1", "b/1")
    server.faults = {path: error}
    with pytest.raises(type(error)):
        server.walk({})


def test_server_that_does_not_respond_any_more_stops_the_walk():
    server = Server(*(f"{number}/1" for number in range(9)))
    server.faults = {str(number): NoResponse("late") for number in (1, 3, 4, 6, 7, 8)}
    with pytest.raises(NoResponse):
        server.walk({})
    assert server.listed[-1] == "8"
