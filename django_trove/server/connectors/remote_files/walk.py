"""
A walk over folders: one listing per folder, in sorted order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from ..base import ItemFailure
from ..errors import IncompleteResponse, NoResponse
from ..exclusions import is_excluded
from ..folder.files import find_name_problem, is_valid_name, printable_name
from ..http import is_page_over
from .entries import FileFailed, FolderListing, Listing, RemoteFolder

MAX_FOLDER_ETAGS = 2_000  # in the cursor
MAX_SUCCESSIVE_FAILURES = 3  # folders without a complete response

State = dict[str, Any]


class Walk:
    """
    Lists a folder, then its sub-folders. After each listing, `state` is the position from which the
    walk can be resumed.

    The state also contains the etags of folders. A folder whose etag has not changed since the last
    complete walk is not listed. The etags of folders are recorded when a folder is listed, so
    changes during the walk are found by the next one. Only the first `MAX_FOLDER_ETAGS` folders are
    remembered.

    :param list_folder: lists the folder with this path.
    :param state: {"after": path of the last listed folder, "etags": of the last complete walk,
        "new": of this walk}.
    """

    def __init__(self, list_folder: Callable[[str], FolderListing], state: State) -> None:
        self._list_folder, self.state = list_folder, state
        self._failures = 0

    def list_files(self) -> Iterator[Listing]:
        """
        :raises ServiceFailed: if the root cannot be listed, or the failure concerns the account.
        """
        pending = [RemoteFolder(path="")]
        after: str | None = self.state.get("after")
        while pending:
            folder = pending.pop()
            is_listed = after is not None and _precedes(folder.path, after)
            if is_listed and not _contains(folder.path, after or ""):
                continue
            if self._is_unchanged(folder):
                yield self._skip(folder)
                continue
            try:
                content = self._list_folder(folder.path)
            except (FileFailed, NoResponse, IncompleteResponse) as error:
                yield self._report_failure(folder, error)
                continue
            self._failures = 0
            folder = RemoteFolder(path=folder.path, etag=folder.etag or content.etag)
            if self._is_unchanged(folder):
                yield self._skip(folder)
                continue
            self._remember(folder)
            pending += sorted(_included(content.folders), key=_get_path, reverse=True)
            if not is_listed:
                self.state["after"] = folder.path
                yield _build_listing(folder.path, content)

    def forget(self, path: str) -> None:
        """
        Mark a file or folder that could not be read, and the folders above it, so that the next
        walk lists these folders.
        """
        etags = self.state.setdefault("new", {})
        while path:
            etags[path] = ""
            path = path.rpartition("/")[0]
        etags[""] = ""

    def build_last_state(self) -> State:
        """
        Return the state from which the next walk starts.
        """
        return {"etags": {path: etag for path, etag in self.state.get("new", {}).items() if etag}}

    def _is_unchanged(self, folder: RemoteFolder) -> bool:
        known = self.state.get("etags", {}).get(folder.path)
        return bool(folder.etag) and known == _shorten(folder.etag)

    def _skip(self, folder: RemoteFolder) -> Listing:
        """
        Keep the items of an unchanged folder, and the etags of the folders in it.
        """
        prefix = _to_prefix(folder.path)
        old, new = self.state.get("etags", {}), self.state.setdefault("new", {})
        new |= {
            path: etag
            for path, etag in old.items()
            if path == folder.path or path.startswith(prefix)
        }
        return Listing(unlisted=(prefix,))

    def _remember(self, folder: RemoteFolder) -> None:
        etags = self.state.setdefault("new", {})
        if folder.etag and len(etags) < MAX_FOLDER_ETAGS:
            etags.setdefault(folder.path, _shorten(folder.etag))

    def _report_failure(
        self, folder: RemoteFolder, error: FileFailed | NoResponse | IncompleteResponse
    ) -> Listing:
        is_response = isinstance(error, FileFailed)
        self._failures += not is_response
        is_last = self._failures >= MAX_SUCCESSIVE_FAILURES or is_page_over()
        if not folder.path or (is_last and not is_response):
            raise error
        self.forget(folder.path)
        failure = ItemFailure(name=folder.path, reason=error.reason)
        return Listing(unlisted=(_to_prefix(folder.path),), failures=(failure,))


def _build_listing(path: str, content: FolderListing) -> Listing:
    """
    Some servers list a folder that they cannot read as an empty one.
    """
    is_empty = not (content.files or content.folders or content.unlisted)
    return Listing(
        files=content.files,
        emptied=(_to_prefix(path),) if is_empty else (),
        seen=content.unlisted,
        unlisted=tuple(f"{path}/" for path in content.unlisted),
        failures=tuple(_find_invalid_folders(content.folders)),
    )


def _find_invalid_folders(folders: tuple[RemoteFolder, ...]) -> Iterator[ItemFailure]:
    for folder in folders:
        if reason := find_name_problem(folder.path):
            yield ItemFailure(name=printable_name(folder.path), reason=reason)


def _included(folders: tuple[RemoteFolder, ...]) -> Iterator[RemoteFolder]:
    return (
        folder for folder in folders if not is_excluded(folder.path) and is_valid_name(folder.path)
    )


def _get_path(folder: RemoteFolder) -> str:
    return folder.path


def _to_prefix(path: str) -> str:
    return f"{path}/" if path else ""


def _precedes(path: str, after: str) -> bool:
    """
    Return whether a folder is listed before another one, or is the same.
    """
    return _split(path) <= _split(after)


def _contains(path: str, other: str) -> bool:
    return not path or path == other or other.startswith(f"{path}/")


def _split(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")) if path else ()


def _shorten(etag: str) -> str:
    return hashlib.blake2s(etag.encode(errors="replace"), digest_size=8).hexdigest()
