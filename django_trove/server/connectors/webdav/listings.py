"""
Listings of the folders of a WebDAV server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..remote_files.entries import FolderListing, RemoteFile, RemoteFolder, shorten_stamp
from ..remote_files.multistatus import (
    ETAG,
    FILE_ID,
    LENGTH,
    MODIFIED,
    InvalidMultistatus,
    Resource,
    find_path,
    parse_multistatus,
)

PROPERTIES = frozenset({ETAG, LENGTH, MODIFIED, FILE_ID})
PROPFIND = b"""<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop>
<d:resourcetype/><d:getetag/><d:getcontentlength/><d:getlastmodified/><oc:fileid/>
</d:prop></d:propfind>"""


def parse_resources(content: bytes, folder: str) -> dict[str, Resource]:
    """
    Return the resources of a response by path, relative to a folder: "" for the folder itself. They
    are in the order of the response. A server that truncates a list may add a second entry of the
    folder, with the status 507.

    :param folder: the decoded path of its URL.
    :raises InvalidMultistatus: if the response is incomplete, or does not contain the folder.
    """
    parts = [part for part in folder.split("/") if part]
    found: dict[str, Resource] = {}
    for resource in parse_multistatus(content, PROPERTIES):
        path = find_path(parts, resource.href)
        if path is not None and (path not in found or found[path].is_ok):
            found[path] = resource
    if "" not in found or not found[""].is_ok:
        raise InvalidMultistatus
    return found


def build_listing(folder: str, resources: Mapping[str, Resource]) -> FolderListing:
    """
    :param resources: of the response with a folder and its contents.
    """
    prefix = f"{folder}/" if folder else ""
    children = {
        prefix + path: resource for path, resource in resources.items() if path and "/" not in path
    }
    return _to_listing(resources[""], children)


def build_tree(resources: Mapping[str, Resource]) -> tuple[dict[str, FolderListing], int]:
    """
    Return the listings of the non-empty folders, and the number of files. The folders
    with the last resource are not included: a server that truncates a response omits others there.

    :param resources: of the response with the root and everything below it.
    :raises InvalidMultistatus: if folders are missing.
    """
    groups: dict[str, dict[str, Resource]] = {}
    for path, resource in resources.items():
        if path:
            groups.setdefault(path.rpartition("/")[0], {})[path] = resource
    folders = {path for path, each in resources.items() if each.is_folder or not each.is_ok}
    if not groups.keys() <= folders:
        raise InvalidMultistatus
    tree = {folder: _to_listing(resources[folder], found) for folder, found in groups.items()}
    count = sum(len(listing.files) for listing in tree.values())
    path = list(resources)[-1]
    while path:
        path = path.rpartition("/")[0]
        tree.pop(path, None)
    return tree, count


def _to_listing(own: Resource, children: Mapping[str, Resource]) -> FolderListing:
    return FolderListing(
        files=tuple(_build_files(children)),
        folders=tuple(_build_folders(children)),
        etag=own.covering_etag,
        unlisted=tuple(path for path, child in children.items() if not child.is_ok),
    )


def _build_files(children: Mapping[str, Resource]) -> Iterator[RemoteFile]:
    for path, child in children.items():
        if child.is_ok and not child.is_folder:
            yield RemoteFile(path=path, stamp=shorten_stamp(child.stamp), size=child.size)


def _build_folders(children: Mapping[str, Resource]) -> Iterator[RemoteFolder]:
    for path, child in children.items():
        if child.is_ok and child.is_folder:
            yield RemoteFolder(path=path, etag=child.covering_etag)
