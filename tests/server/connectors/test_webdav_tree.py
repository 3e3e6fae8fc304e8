"""
Listings of all folders of a WebDAV server with one request.
"""

import re
import shutil
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.remote_files.multistatus import (
    ETAG,
    InvalidMultistatus,
    Resource,
)
from django_trove.server.connectors.webdav.listings import build_listing, build_tree
from django_trove.server.sync import SyncFailed

from ..images import draw
from .webdav_account import add_webdav
from .webdav_servers import run_copyparty, run_wsgidav

NAMES = ("a.jpg", "Trips/b.jpg", "Trips/c.jpg", "Trips/Rome/d.jpg")
FOLDERS = ["/", "/Trips/", "/Trips/Rome/"]
TREE = ("/", "infinity")
WALK = [(path, "1") for path in FOLDERS]
FOLDER, FILE = Resource(is_folder=True), Resource(properties={ETAG: "1"})
parts = st.sampled_from(["a", "b", "c", "d"])
paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@pytest.fixture
def server(folder):
    for name in NAMES:
        draw(folder / name)
    with run_wsgidav(folder) as server:
        yield server


@pytest.fixture
def index(server):
    """
    The index of an account after its first sync.
    """
    index = add_webdav(server.address)
    index.run_sync()
    assert server.depths[-3:] == WALK
    server.depths.clear()
    return index


def is_tree(depths):
    """
    Return whether these listings are a tree, and the folders with its last entry.
    """
    paths = [path for path, depth in depths[1:] if depth == "1"]
    is_nested = all(path.startswith(parent) for parent, path in pairwise(["/", *paths]))
    return depths[0] == TREE and len(paths) == len(set(paths)) == len(depths) - 1 and is_nested


def change_tree(server, change):
    """
    Change the body of listings of the tree. The status is the first line of the new body.
    """

    def change_response(method, path, response):
        status, headers, body = response
        if server.depths and server.depths[-1] == TREE and method == "PROPFIND":
            status, _, body = change(body).partition(b"\n")
            status = status.decode()
        return status, headers, body

    server.change = change_response


def test_changes_are_found_with_one_listing(server, folder, index):
    draw(folder / "Trips" / "Oslo" / "e.jpg")
    draw(folder / "a.jpg", (80, 60))
    index.run_sync()
    assert is_tree(server.depths)
    assert sorted(index.items) == sorted([*NAMES, "Trips/Oslo/e.jpg"])
    assert index.items["a.jpg"].width == 80


def test_tree_with_fewer_files_is_not_used(server, index):
    def truncate(body):
        parts = re.split(rb"(?=<ns0:response>)", body)
        kept = [part for part in parts if b"Rome/d.jpg" not in part]
        return b"207 Multi-Status\n" + b"".join(kept)

    change_tree(server, truncate)
    index.run_sync()
    assert server.depths == [TREE, *WALK]
    assert sorted(index.items) == sorted(NAMES)


@pytest.mark.parametrize("limit", range(6, 17, 2))
def test_tree_with_a_limited_number_of_entries(server, folder, index, limit):
    """
    A truncated tree may have more files than the last listing, if files were added.
    """
    for name in ("new", "Trips/new", "Trips/Rome/new"):
        for number in range(4):
            draw(folder / f"{name} {number}.jpg")

    def truncate(body):
        entries = re.split(rb"(?=<ns0:response>)|(?=</ns0:multistatus>)", body)
        return b"207 Multi-Status\n" + b"".join([*entries[: limit + 1], entries[-1]])

    change_tree(server, truncate)
    index.run_sync()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    assert sorted(index.items) == names


def test_deleted_files_are_confirmed_by_listings_of_the_folders(server, folder, index):
    (folder / "a.jpg").unlink()
    index.run_sync()
    assert server.depths == [TREE, *WALK]
    server.depths.clear()
    index.run_sync()
    assert is_tree(server.depths)
    assert sorted(index.items) == sorted(NAMES[1:])


def test_folder_without_files_is_listed_separately(server, folder, index):
    """
    Servers list a folder that they cannot read like an empty one.
    """
    for number in range(2):
        draw(folder / f"new {number}.jpg")
    shutil.rmtree(folder / "Trips" / "Rome")
    (folder / "Trips" / "Rome").mkdir()

    def change(method, path, response):
        return ("403 Forbidden", [], b"") if path == "/Trips/Rome/" else response

    server.change = change
    index.run_sync()
    assert ("/Trips/Rome/", "1") in server.depths
    assert is_tree(server.depths)
    assert set(index.items) >= set(NAMES)
    assert [failure.name for failure in index.failures] == ["Trips/Rome"]


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"403 Forbidden\n",
        lambda body: b"200 OK\n<html>",
        lambda body: b"500 Error\n",
        lambda body: b"207 Multi-Status\n" + body[:-40],
        lambda body: b"207 Multi-Status\n" + body.replace(b"Trips/Rome/</", b"Trips/Paris/</"),
    ],
    ids=["forbidden", "page", "error", "incomplete", "folder without an entry"],
)
def test_rejected_request_is_not_repeated(server, index, change):
    change_tree(server, change)
    index.run_sync()
    index.run_sync()
    assert server.depths == [TREE, *WALK, *WALK]
    assert sorted(index.items) == sorted(NAMES)


@pytest.mark.parametrize("status", ["503 Unavailable", "429 Too Many"])
def test_unavailable_server_is_asked_again_by_the_next_sync(server, index, status):
    change_tree(server, lambda body: status.encode() + b"\n")
    with pytest.raises(SyncFailed):
        index.run_sync()
    server.change = None
    server.depths.clear()
    index.run_process()
    assert is_tree(server.depths)


def test_rejected_password_requires_a_new_connection(server, index):
    change_tree(server, lambda body: b"401 Unauthorized\n")
    with pytest.raises(SyncFailed, match="no longer accepts the user name and password"):
        index.run_sync()


def test_server_that_refuses_the_depth(folder, tmp_path):
    for name in NAMES:
        draw(folder / name)
    with run_copyparty(folder, tmp_path) as server:
        index = add_webdav(server.address)
        index.run_sync()
        index.run_sync()
        assert index.cursor["state"]["no_tree"] > 0
        assert sorted(index.items) == sorted(NAMES)


def build_resources(files):
    resources = {"": FOLDER}
    for path in files:
        names = path.split("/")
        resources |= {"/".join(names[:end]): FOLDER for end in range(1, len(names))}
    return {path: FILE for path in files if path not in resources} | resources


@given(st.sets(paths))
def test_tree_has_the_listings_of_its_folders(files):
    resources = build_resources(files)
    tree, count = build_tree({**resources, "last": FILE})
    assert count == sum(not resource.is_folder for resource in resources.values()) + 1
    assert "" not in tree
    resources.pop("")
    for folder in (path for path, resource in resources.items() if resource.is_folder):
        prefix = f"{folder}/" if folder else ""
        part = {
            path.removeprefix(prefix): resource
            for path, resource in resources.items()
            if path.startswith(prefix)
        }
        listing = build_listing(folder, {**part, "": resources[folder]})
        assert tree.get(folder, build_listing(folder, {"": FOLDER})) == listing


@given(st.sets(paths), st.integers(min_value=1))
def test_truncated_tree_has_complete_listings_only(files, limit):
    resources = dict(sorted(build_resources(files).items(), key=lambda pair: pair[0].split("/")))
    complete, _ = build_tree(resources)
    truncated, _ = build_tree(dict(list(resources.items())[:limit]))
    assert {path: complete.get(path, listing) for path, listing in truncated.items()} == truncated


def test_tree_without_a_folder_is_rejected():
    with pytest.raises(InvalidMultistatus):
        build_tree({"": FOLDER, "a/b.jpg": FILE})
    with pytest.raises(InvalidMultistatus):
        build_tree({"": FOLDER, "a": FILE, "a/b.jpg": FILE})
