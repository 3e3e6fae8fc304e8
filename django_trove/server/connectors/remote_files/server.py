"""
Requests for the files of a service that stores files.
"""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import BinaryIO

import requests
from requests.auth import AuthBase

from ..base import OriginalPart, Rendition
from ..entered import EnteredService
from ..errors import ServiceFailed
from ..folder.parts import has_stamp
from ..originals import open_part
from ..picture.errors import Unreadable
from ..picture.formats import is_video_name
from ..picture.reader import read
from .content import VIDEO_BLOCK, VIDEO_BYTES, FilePart, RemoteContent
from .entries import FileFailed, shorten_stamp
from .http import fetch_file, fetch_part

MAX_FILE_BYTES = 200_000_000


class FileServer(EnteredService):
    """
    A service with files over HTTP. Paths are relative to the root, and decoded.
    """

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
        Read a part of a file. No more than `length` bytes are received, even if the server ignores
        ranges.

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
            # A response with the status 416 may lack the headers of the file.
            if part.end == part.start:
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
        except BaseException:
            part.body.close()
            raise

    def get_path(self, service_id: str, urls: Mapping[str, str]) -> str:
        """
        Return the path of an indexed file.

        :param urls: of `get_file_url`, by size.
        """
        return service_id

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
