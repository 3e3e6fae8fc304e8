"""
Base class of services that contain files.
"""

from __future__ import annotations

import copy
import tempfile
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import requests
from requests.auth import AuthBase

from ..base import Batch, ItemFailure, KnownStamps, OriginalPart, Rendition, ServiceFailed
from ..entered import EnteredService
from ..exclusions import is_excluded
from ..folder.files import find_name_problem, is_valid_name, printable_name
from ..folder.groups import SIDECAR, group_files
from ..folder.parts import BATCH_SIZE, FolderReader, has_stamp
from ..originals import open_part
from ..picture.errors import Unreadable
from ..picture.formats import is_media_name, is_video_name
from ..picture.poster import has_package
from ..picture.processes import PictureReader, open_picture_reader
from ..picture.reader import read
from .content import VIDEO_BLOCK, VIDEO_BYTES, FilePart, RemoteContent
from .entries import FileFailed, FolderListing, Listing, RemoteFile, shorten_stamp
from .http import fetch_file, fetch_part
from .source import MAX_FILE_BYTES, RemoteSource
from .walk import State, Walk

MAX_LISTINGS = 50  # in a batch
VERSION = 2  # increment it to read all files again


class RemoteFiles(EnteredService):
    """
    The pictures and videos among the files of an account, as `Folder`. The id of an item is its
    path or its stable id, its album the folder.

    `RENDITIONS` is "view" or "sync": the sizes of a picture are created when it is first viewed, or
    by the sync, which then downloads the complete files.

    A subclass implements `list_folder`, or overrides `list_files` and `finish_listing`.
    """

    defaults: ClassVar[Mapping[str, Any]] = {**EnteredService.defaults, "RENDITIONS": "view"}

    def list_folder(self, path: str) -> FolderListing:
        """
        List a folder.

        :param path: relative to the root, decoded; "" for the root.
        :raises FileFailed: if this folder cannot be listed. Its items are kept.
        :raises ServiceFailed: if no folder can be listed.
        """
        raise NotImplementedError

    def list_files(self, state: State) -> Iterator[Listing]:
        """
        List all files, by default with one listing per folder.

        :param state: empty at first; otherwise the result of `finish_listing`, or the state of an
            interrupted listing. It is JSON, and is changed before each listing, so that a listing
            from this state continues after that one.
        """
        return Walk(self.list_folder, state).list_files()

    def forget(self, state: State, path: str) -> None:
        """
        Ensure that the next sync lists a file that cannot be read now.
        """
        Walk(self.list_folder, state).forget(path)

    def finish_listing(self, state: State) -> State:
        """
        Return the state from which the next sync starts.
        """
        return Walk(self.list_folder, state).build_last_state()

    @abstractmethod
    def get_file_url(self, path: str) -> str:
        """
        Return the URL of a file, without credentials.
        """

    @property
    @abstractmethod
    def auth(self) -> AuthBase:
        """
        The authentication of requests for files.
        """

    @abstractmethod
    def check_file(self, path: str, response: requests.Response) -> None:
        """
        Check the status of a response with a file. Its body may be large, and must not be read.

        :raises FileFailed: if this file cannot be read.
        :raises ServiceFailed: if no file can be read.
        """

    def read_range(self, path: str, start: int, length: int) -> FilePart:
        """
        Read a part of a file. Not more than it is received, also from a server that ignores ranges.

        :returns: fewer bytes at the end of the file.
        :raises FileFailed: also if the server ignores a range that does not begin at 0.
        :raises ServiceFailed: if no file can be read.
        """
        check = partial(self.check_file, path)
        return fetch_part(self, self.get_file_url(path), start, length, check, auth=self.auth)

    def download_file(self, path: str, target: BinaryIO, limit: int) -> None:
        """
        Write a complete file to `target`.

        :param limit: maximum number of bytes.
        :raises FileFailed: also if the file is larger.
        :raises ServiceFailed: if no file can be read.
        """
        check = partial(self.check_file, path)
        fetch_file(self, self.get_file_url(path), target, limit, check, auth=self.auth)

    def list_stamps(self, path: str, part: OriginalPart) -> Collection[str]:
        """
        Return the possible stamps of a file in listings, by the headers of a response. WsgiDAV does
        not quote the etags in listings.
        """
        stamps = (part.etag, part.etag.strip('"'), f"{part.size} {part.modified}")
        return set(map(shorten_stamp, stamps))

    def fetch_stamp(self, path: str) -> str:
        """
        Return the current stamp of a file in a listing; "" if it is unknown. Some servers send
        another etag with the content than in listings.

        :raises ServiceFailed: as `check_file`.
        """
        return ""

    def has_stamp(self, etag: str, stamp: str) -> bool:
        """
        Return whether an indexed etag is that of an item whose file has this stamp.
        """
        return has_stamp(etag, stamp)

    def open_original(
        self, service_id: str, urls: Mapping[str, str], etag: str, start: int, end: int | None
    ) -> OriginalPart | None:
        path = self.get_path(service_id, urls)
        try:
            part = self._open_part(path, start, end)
            if part.end == part.start:  # an error, which may have no headers of the file
                part.body.close()
                first = self._open_part(path, 0, 1)
                part = replace(first, start=start, end=start)
            is_indexed = self._is_indexed(path, part, etag)
        except FileFailed as error:
            if error.is_missing:
                return None
            raise
        if not is_indexed:
            part.body.close()
            return None
        return replace(part, type="", name=path.rpartition("/")[2])

    def _open_part(self, path: str, start: int, end: int | None) -> OriginalPart:
        check = partial(self.check_file, path)
        return open_part(self, self.get_file_url(path), start, end, check, auth=self.auth)

    def _is_indexed(self, path: str, part: OriginalPart, etag: str) -> bool:
        """
        Return whether the content is that of the indexed etag.
        """
        if any(self.has_stamp(etag, stamp) for stamp in self.list_stamps(path, part)):
            return True
        try:
            return self.has_stamp(etag, self.fetch_stamp(path))
        except ServiceFailed:
            part.body.close()
            raise

    def get_path(self, service_id: str, urls: Mapping[str, str]) -> str:
        """
        Return the path of an indexed file.

        :param urls: of `get_file_url`, by size.
        """
        return service_id

    @property
    def creates_sizes_early(self) -> bool:
        return str(self.config["RENDITIONS"]) == "sync"

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        state = self._load_state(cursor)
        start = self._save_state(state)
        listings: list[Listing] = []
        with open_picture_reader() as reader:
            for listing in self.list_files(state):
                listings.append(listing)
                count = sum(len(each.files) for each in listings)
                if count >= BATCH_SIZE or len(listings) >= MAX_LISTINGS:
                    yield from self._read_listings(listings, state, start, reader, known)
                    listings, start = [], self._save_state(state)
            yield from self._read_listings(listings, state, start, reader, known)
        yield Batch(
            cursor=self._save_state(self.finish_listing(state)), content_types=self.wanted_types
        )

    def fetch_sizes(
        self, service_id: str, urls: Mapping[str, str], size: str
    ) -> Mapping[str, Rendition]:
        path = self.get_path(service_id, urls)
        try:
            return self._make_sizes(path)
        except FileFailed as error:
            if error.is_missing:
                return {}
            raise
        except Unreadable as error:
            raise ServiceFailed(error.reason) from None

    def _make_sizes(self, path: str) -> Mapping[str, Rendition]:
        """
        A video is not downloaded: the parts that contain its first frames are sufficient.
        """
        if is_video_name(path):
            read_range = partial(self.read_range, path)
            content = RemoteContent(read_range, block=VIDEO_BLOCK, max_bytes=VIDEO_BYTES)
            return read(content.file, path).renditions
        with tempfile.TemporaryFile() as file:
            self.download_file(path, file, MAX_FILE_BYTES)
            return read(file, path).renditions

    def _read_listings(
        self,
        listings: Sequence[Listing],
        state: State,
        start: State,
        reader: PictureReader,
        known: KnownStamps,
    ) -> Iterator[Batch]:
        """
        Read the new and changed files. A sync that is interrupted lists them again.

        :param start: the cursor before these listings; `state` is the one after them.
        """
        media = [list(_find_media(listing)) for listing in listings]
        files = {file.path: file for part in media for file in part}
        groups = [group for part in media for group in group_files(map(_get_path, part))]
        with (
            tempfile.TemporaryDirectory() as folder,
            RemoteSource(
                self.name,
                self,
                files,
                reader,
                Path(folder),
                creates_sizes=self.creates_sizes_early,
            ) as source,
        ):
            stamps = {path: file.stamp for path, file in files.items()}
            for part in FolderReader(source, stamps).read_parts(groups, known):
                batch = part.build_batch(None, start)
                for failure in batch.failures:
                    self.forget(state, failure.name)
                yield batch
        yield Batch(
            seen=tuple(path for listing in listings for path in listing.seen),
            unlisted=tuple(path for listing in listings for path in listing.unlisted),
            emptied=tuple(path for listing in listings for path in listing.emptied),
            failures=tuple(_list_failures(listings)),
            cursor=self._save_state(state),
        )

    def _load_state(self, cursor: Mapping[str, Any]) -> State:
        """
        Return the state of a cursor; an empty one if all files must be compared again.
        """
        if cursor.get("version") != self._get_version():
            return {}
        return copy.deepcopy(dict(cursor.get("state", {})))

    def _save_state(self, state: State) -> State:
        return {"version": self._get_version(), "state": copy.deepcopy(state)}

    def _get_version(self) -> str:
        """
        Return a value that changes with the conditions that the items of all files depend on.
        """
        return f"{VERSION}:{self.config['RENDITIONS']}:{has_package()}"


def _find_media(listing: Listing) -> Iterator[RemoteFile]:
    """
    Return the files that are read: only names decide, because reading all files takes too long.
    """
    for file in listing.files:
        is_media = is_media_name(file.path) or file.path.lower().endswith(SIDECAR)
        if is_media and not is_excluded(file.path) and is_valid_name(file.path):
            yield file


def _list_failures(listings: Iterable[Listing]) -> Iterator[ItemFailure]:
    for listing in listings:
        yield from listing.failures
        for file in listing.files:
            if reason := find_name_problem(file.path):
                yield ItemFailure(name=printable_name(file.path), reason=reason)


def _get_path(file: RemoteFile) -> str:
    return file.path
