"""
Listings of the objects in a bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from ..base import ItemFailure
from ..errors import RetryLater, ServiceFailed
from ..folder.files import printable_name
from ..messages import Message as _
from ..remote_files import Listing, RemoteFile
from ..remote_files.entries import shorten_stamp
from ..remote_files.xml import parse_xml
from ..values import as_int


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """
    A page of objects. `files` have keys as paths; `token` is "" on the last page.
    """

    files: tuple[RemoteFile, ...]
    token: str


def parse_page(content: bytes) -> ObjectPage:
    """
    :raises RetryLater: if it is not a page of objects with encoded keys.
    """
    root = parse_xml(content)
    if root is None or _get_name(root) != "ListBucketResult":
        raise RetryLater(_("The server sent an invalid listing."))
    values = {_get_name(child): child.text or "" for child in root}
    token = values.get("NextContinuationToken", "")
    if values.get("IsTruncated") == "true" and not token:
        raise RetryLater(_("The server sent an incomplete listing."))
    is_encoded = values.get("EncodingType") == "url"
    objects = [child for child in root if _get_name(child) == "Contents"]
    files = [_build_file(child, is_encoded=is_encoded) for child in objects]
    return ObjectPage(tuple(file for file in files if file.path), token)


def parse_error(content: bytes) -> str:
    """
    Return the code of an error, or "".
    """
    root = parse_xml(content)
    codes = [child.text or "" for child in (root if root is not None else ())]
    names = [_get_name(child) for child in (root if root is not None else ())]
    return dict(zip(names, codes, strict=True)).get("Code", "")


def group_by_folder(files: Iterable[RemoteFile]) -> Iterator[tuple[str, Listing]]:
    """
    Yield each folder with its files, after the folders in it.

    :param files: sorted by path, so that the files below a folder are contiguous.
    :raises ServiceFailed: if they are not sorted.
    """
    open_folders: list[tuple[str, list[RemoteFile]]] = [("", [])]
    previous = ""
    for file in files:
        if file.path <= previous:
            raise ServiceFailed(
                _("The server does not list the objects in the order of their keys.")
            )
        previous, folder = file.path, file.path.rpartition("/")[0]
        while not _contains(open_folders[-1][0], file.path):
            yield _close(*open_folders.pop())
        if open_folders[-1][0] != folder:
            open_folders.append((folder, []))
        open_folders[-1][1].append(file)
    while open_folders:
        yield _close(*open_folders.pop())


def precedes(folder: str, after: str) -> bool:
    """
    Return whether `group_by_folder` yields a folder before another one, or is the same.
    """
    return _get_order(folder) <= _get_order(after)


def _get_order(folder: str) -> str:
    last = chr(0x10FFFF)
    return f"{folder}/{last}" if folder else last


def _contains(folder: str, path: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _close(folder: str, files: list[RemoteFile]) -> tuple[str, Listing]:
    valid = tuple(file for file in files if _is_normalized(file.path))
    failures = tuple(
        ItemFailure(name=printable_name(file.path), reason=_("The key is not a path."))
        for file in files
        if not _is_normalized(file.path) and not file.path.endswith("/")
    )
    return folder, Listing(files=valid, failures=failures)


def _is_normalized(path: str) -> bool:
    parts = path.split("/")
    return bool(parts[0]) and str(PurePosixPath(path)) == path and ".." not in parts


def _build_file(element: Element, *, is_encoded: bool) -> RemoteFile:
    values = {_get_name(child): child.text or "" for child in element}
    key = values.get("Key", "")
    etag = parse_etag(values.get("ETag", ""))
    size = as_int(values.get("Size"))
    stamp = shorten_stamp(etag or f"{size}-{values.get('LastModified', '')}")
    return RemoteFile(path=unquote_plus(key) if is_encoded else key, stamp=stamp, size=size)


def parse_etag(text: str) -> str:
    return shorten_stamp(text.strip('"'))


def _get_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
