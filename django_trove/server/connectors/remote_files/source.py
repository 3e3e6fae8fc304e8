"""
Reading of remote files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from threading import BoundedSemaphore, Lock
from typing import Any, Self, TypeVar

from django_trove.client.values import SIZES

from ..base import FoundItem
from ..errors import IncompleteResponse, NoResponse
from ..folder.groups import FileGroup
from ..folder.parts import MAX_SIDECAR_BYTES, FileSource
from ..http import is_page_over
from ..messages import Message as _
from ..picture.errors import Unreadable, WholeFileRequired
from ..picture.formats import UNSUPPORTED, get_suffix, is_video_name
from ..picture.metadata import Metadata, merge_metadata
from ..picture.processes import PictureReader
from ..picture.reader import Picture, UnknownFormat, read, read_facts
from ..picture.renditions import SIZES as STORED_SIZES
from ..picture.video import VideoInfo, read_video_info
from .content import VIDEO_BLOCK, VIDEO_BYTES, FilePart, RemoteContent
from .entries import FileFailed, RemoteFile
from .server import MAX_FILE_BYTES, FileServer

PARALLEL_READS = 4
WAIT_SECONDS = 30.0  # for a thread, before the lease is renewed
MAX_PENDING_BYTES = 500_000_000  # of downloaded files that are not read yet
MAX_SUCCESSIVE_FAILURES = 3  # files without a complete response
ORIGINAL = SIZES[-1]
PROXIED_SIZES = tuple(size for size in SIZES if size in STORED_SIZES)

T = TypeVar("T")


class RemoteSource(FileSource):
    """
    A context manager that reads the metadata of several files at the same time, because a server on
    the internet takes longer to respond than to send the start of a file. Complete files are
    downloaded one after the other.

    :param files: by path.
    :param creates_sizes: whether the sizes of pictures are created now.
    :param folder: an existing directory for downloaded files.
    """

    def __init__(
        self,
        service: str,
        server: FileServer,
        files: Mapping[str, RemoteFile],
        reader: PictureReader,
        folder: Path,
        *,
        creates_sizes: bool,
    ) -> None:
        self.service, self._server, self._files = service, server, files
        self._reader, self._folder, self._creates_sizes = reader, folder, creates_sizes
        self._failures = self._pending_bytes = 0
        self._threads = ThreadPoolExecutor(PARALLEL_READS)
        self._free_threads = BoundedSemaphore(PARALLEL_READS)
        self._download_lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def start_reading(self, name: str) -> Callable[[], Picture]:
        """
        Wait until a thread is free, so that the caller can limit the time of a batch.
        """
        file = self._files[name]
        if get_suffix(name) in UNSUPPORTED:
            return _raise_unknown_format
        if is_video_name(name):
            return self._start_thread(partial(self._read_video, name))
        if self._creates_sizes:
            self.renew_lease()
            return self._start_download(file)
        if file.picture:
            picture = file.picture
            return lambda: picture
        return self._start_thread(partial(self._read_facts, name))

    def renew_lease(self) -> None:
        self._server.renew_lease()

    @property
    def is_full(self) -> bool:
        return self._pending_bytes > MAX_PENDING_BYTES - MAX_FILE_BYTES

    def read_video_info(self, name: str) -> VideoInfo:
        return self._start_thread(partial(self._read_video_info, name))()

    def _read_video_info(self, name: str) -> VideoInfo:
        content = self._open(name)
        try:
            return read_video_info(content.file)
        except Exception:
            self._check(content)
            raise Unreadable(_("The file is damaged or incomplete.")) from None

    def read_sidecar(self, name: str) -> bytes:
        part: FilePart = self._call(self._server.read_range, name, 0, MAX_SIDECAR_BYTES)
        return part.content

    def get_id(self, name: str) -> str:
        return self._files[name].id or name

    def get_options(self) -> tuple[str, ...]:
        return ("original", "sizes") if self._creates_sizes else ("original",)

    def build_item(self, group: FileGroup, picture: Picture, metadata: Metadata) -> FoundItem:
        """
        The sizes are fetched on demand unless they exist already.
        """
        metadata = merge_metadata(metadata, Metadata(tags=self._files[group.name].tags))
        item = super().build_item(group, picture, metadata)
        url, sizes = self._server.get_file_url(group.name), [ORIGINAL]
        if not picture.renditions:
            sizes += PROXIED_SIZES
        content = self.build_photo(group.name, picture, metadata, urls=dict.fromkeys(sizes, url))
        return replace(item, content=content, proxied=not picture.renditions)

    def _start_thread(self, function: Callable[[], T]) -> Callable[[], T]:
        """
        Slow servers take minutes for a file, so the lease is renewed while a thread is awaited. It
        is renewed in this thread, because the others have no connection to the database.
        """
        while not self._free_threads.acquire(timeout=WAIT_SECONDS):
            self.renew_lease()
        future = self._threads.submit(copy_context().run, function)
        future.add_done_callback(lambda _: self._free_threads.release())
        return partial(self._wait, future)

    def _wait(self, future: Future[T]) -> T:
        while not wait([future], WAIT_SECONDS).done:
            self.renew_lease()
        return future.result()

    def _read_facts(self, name: str) -> Picture:
        content = self._open(name)
        try:
            picture = read_facts(content.file, name)
        except WholeFileRequired:
            return self._download(name)
        except Unreadable:
            if not content.failure and not content.is_exhausted:
                raise
        if content.failure or content.is_exhausted:
            return self._download(name)
        return picture

    def _download(self, name: str) -> Picture:
        """
        One thread at a time, because the memory of decoding a picture is limited.
        """
        with self._download_lock:
            return self._start_download(self._files[name])()

    def _read_video(self, name: str) -> Picture:
        """
        A video is not downloaded. Its poster is created if the sizes are created now.
        """
        if not self._creates_sizes:
            return self._read_content(read_facts, name, self._open(name))
        with self._download_lock:
            content = self._open(name, block=VIDEO_BLOCK, max_bytes=VIDEO_BYTES)
            return self._read_content(read, name, content)

    def _read_content(
        self, read_picture: Callable[..., Picture], name: str, content: RemoteContent
    ) -> Picture:
        try:
            return read_picture(content.file, name)
        except Unreadable:
            self._check(content)
            raise

    def _start_download(self, file: RemoteFile) -> Callable[[], Picture]:
        """
        Download a picture, and start to read it in a process.
        """
        handle, text = mkstemp(suffix=get_suffix(file.path), dir=self._folder)
        path = Path(text)
        try:
            with open(handle, "wb") as target:
                self._call(self._server.download_file, file.path, target, MAX_FILE_BYTES)
        except Unreadable as error:
            path.unlink()
            return partial(_raise, error)
        size = path.stat().st_size
        self._pending_bytes += size
        return partial(self._read_once, self._reader.submit(path), path, size)

    def _read_once(self, get_picture: Callable[[], Picture], path: Path, size: int) -> Picture:
        try:
            return get_picture()
        finally:
            path.unlink()
            self._pending_bytes -= size

    def _open(self, name: str, **limits: int) -> RemoteContent:
        read_range = partial(self._server.read_range, name)
        content: RemoteContent = self._call(RemoteContent, read_range, **limits)
        return content

    def _check(self, content: RemoteContent) -> None:
        if content.failure:
            if is_page_over() and not isinstance(content.failure, FileFailed):
                raise content.failure
            raise Unreadable(content.failure.reason)
        if content.is_exhausted:
            raise Unreadable(_("The metadata is not at the start or the end of the file."))

    def _call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """
        Convert an error that concerns one file only.
        """
        try:
            result = function(*args, **options)
        except FileFailed as error:
            raise Unreadable(error.reason) from None
        except (NoResponse, IncompleteResponse) as error:
            self._failures += 1
            if self._failures >= MAX_SUCCESSIVE_FAILURES or is_page_over():
                raise
            raise Unreadable(error.reason) from None
        self._failures = 0
        return result


def _raise(error: Exception) -> Picture:
    raise error


def _raise_unknown_format() -> Picture:
    raise UnknownFormat
