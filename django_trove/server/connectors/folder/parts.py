"""
Reading of the new and changed files of a folder.
"""

from __future__ import annotations

import hashlib
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from django_trove.client.content import Photo

from ..base import Batch, FoundItem, ItemFailure, KnownStamps
from ..picture.content import build_content
from ..picture.errors import UnknownFormat, Unreadable
from ..picture.formats import is_media_name, is_video_name
from ..picture.metadata import Metadata, merge_metadata, read_or_default, read_xmp_packet
from ..picture.poster import has_package
from ..picture.processes import PictureReader
from ..picture.reader import Picture, read_info
from ..picture.video import VideoInfo
from .files import printable_name
from .groups import FileGroup

SERVICE = "folder"
BATCH_SIZE = 500
MAX_READ_FILES = 25  # in a batch
MAX_PART_SECONDS = 60.0  # after which no more files are added to a batch
MAX_SIDECAR_BYTES = 1_000_000
DIGEST = re.compile(r"(?:/[0-9a-f]{16})?")


class FileSource(ABC):
    """
    The files of an account, by relative path.
    """

    service: str
    """Name of the service in the protocol."""

    @abstractmethod
    def start_reading(self, name: str) -> Callable[[], Picture]:
        """
        Start to read a file. Return a function that returns the picture, and raises `Unreadable`.
        """

    @abstractmethod
    def read_video_info(self, name: str) -> VideoInfo:
        """
        :raises Unreadable: if the video is damaged.
        """

    @abstractmethod
    def read_sidecar(self, name: str) -> bytes:
        """
        Return the first `MAX_SIDECAR_BYTES`; b"" if the file cannot be read.
        """

    def renew_lease(self) -> None:
        """
        Called between files.
        """
        return None

    @property
    def is_full(self) -> bool:
        """
        Whether no further file can be read before the started ones, because of temporary files.
        """
        return False

    def get_id(self, name: str) -> str:
        return name

    def get_options(self) -> tuple[str, ...]:
        """
        Return the options that all items depend on.
        """
        return ()

    def build_item(self, group: FileGroup, picture: Picture, metadata: Metadata) -> FoundItem:
        """
        :param metadata: of the picture, merged with its sidecars.
        """
        return FoundItem(
            content=self.build_photo(group.name, picture, metadata),
            etag="",
            type=picture.type,
            renditions=picture.renditions,
        )

    def build_photo(self, name: str, picture: Picture, metadata: Metadata, **fields: Any) -> Photo:
        path = PurePosixPath(name)
        album = "" if str(path.parent) == "." else str(path.parent)
        return build_content(
            picture,
            metadata,
            service=self.service,
            id=self.get_id(name),
            title=metadata.title or path.stem,
            album_id=album,
            album_title=path.parent.name,
            **fields,
        )


class LocalFiles(FileSource):
    """
    :param is_public: whether the folder is public.
    """

    service = SERVICE

    def __init__(self, root: Path, reader: PictureReader, *, is_public: bool) -> None:
        self.root, self.reader, self.is_public = root, reader, is_public

    def start_reading(self, name: str) -> Callable[[], Picture]:
        return self.reader.submit(self.root / name)

    def read_video_info(self, name: str) -> VideoInfo:
        return read_info(self.root / name)

    def read_sidecar(self, name: str) -> bytes:
        try:
            with (self.root / name).open("rb") as file:
                return file.read(MAX_SIDECAR_BYTES)
        except OSError:
            return b""

    def get_options(self) -> tuple[str, ...]:
        return ("public",) if self.is_public else ()

    def build_photo(self, name: str, picture: Picture, metadata: Metadata, **fields: Any) -> Photo:
        return super().build_photo(name, picture, metadata, public=self.is_public, **fields)


@dataclass(slots=True)
class PendingFile:
    """
    A file that is being read.
    """

    group: FileGroup
    etag: str
    get_picture: Callable[[], Picture]


@dataclass(slots=True)
class Part:
    """
    The files of one batch.

    :param names: the files that represent an item.
    :param pending: the new and changed ones of them.
    """

    source: FileSource
    names: list[str] = field(default_factory=list)
    pending: list[PendingFile] = field(default_factory=list)
    last_name: str = ""

    def build_batch(self, total: int | None, cursor: Mapping[str, Any]) -> Batch:
        """
        Wait until the files are read.
        """
        items, failures = [], []
        for file in self.pending:
            self.source.renew_lease()
            try:
                items.append(self._build_item(file))
            except Unreadable as failure:
                name = file.group.name
                if not isinstance(failure, UnknownFormat) or is_media_name(name):
                    failures.append(ItemFailure(name=printable_name(name), reason=failure.reason))
        return Batch(
            items=tuple(items),
            seen=tuple(map(self.source.get_id, self.names)),
            failures=tuple(failures),
            total=total,
            cursor=cursor,
        )

    def _build_item(self, file: PendingFile) -> FoundItem:
        picture = file.get_picture()
        sidecars = map(self._read_sidecar, file.group.sidecars)
        metadata = merge_metadata(*sidecars, picture.metadata)
        return replace(self.source.build_item(file.group, picture, metadata), etag=file.etag)

    def _read_sidecar(self, name: str) -> Metadata:
        content = self.source.read_sidecar(name)
        return read_or_default(lambda: read_xmp_packet(content), Metadata())


class FolderReader:
    """
    :param stamps: of all files, by relative path.
    """

    def __init__(self, source: FileSource, stamps: Mapping[str, str]) -> None:
        self.source, self.stamps = source, stamps
        self._options = source.get_options()

    def read_parts(self, groups: Sequence[FileGroup], known: KnownStamps) -> Iterator[Part]:
        """
        Split the groups into parts, and start to read the new and changed files of each.
        """
        for position in range(0, len(groups), BATCH_SIZE):
            chunk = groups[position : position + BATCH_SIZE]
            names = [group.name for group in chunk] + [g.motion for g in chunk if g.motion]
            by_id = known(list(map(self.source.get_id, names)))
            etags = {name: by_id.get(self.source.get_id(name), "") for name in names}
            part, deadline = Part(self.source), time.monotonic() + MAX_PART_SECONDS
            for group in chunk:
                is_late = time.monotonic() > deadline or self.source.is_full
                if (part.pending and is_late) or len(part.pending) >= MAX_READ_FILES:
                    yield part
                    part, deadline = Part(self.source), time.monotonic() + MAX_PART_SECONDS
                self._add(part, group, etags)
            yield part

    def _add(self, part: Part, group: FileGroup, etags: Mapping[str, str]) -> None:
        part.last_name = group.name
        for separate in self._separate_video(group, etags):
            part.names.append(separate.name)
            etag = self._compute_etag(separate)
            if etags.get(separate.name) != etag:
                get_picture = self.source.start_reading(separate.name)
                part.pending.append(PendingFile(separate, etag, get_picture))

    def _separate_video(self, group: FileGroup, etags: Mapping[str, str]) -> list[FileGroup]:
        """
        Return the group, or two groups if its video is not the moving part of a photo. A video that
        the index has, alone or with its photo, is not read again.
        """
        if not group.motion or group.is_live_photo:
            return [group]
        video = FileGroup(group.motion)
        is_known = etags.get(video.name) == self._compute_etag(video)
        if not is_known and etags.get(group.name) == self._compute_etag(group):
            return [group]
        if not is_known and self._is_live_photo(video.name):
            return [group]
        return [replace(group, motion=""), video]

    def _is_live_photo(self, name: str) -> bool:
        try:
            return self.source.read_video_info(name).is_live_photo
        except Unreadable:  # it is reported as a file of its own
            return False

    def _compute_etag(self, group: FileGroup) -> str:
        """
        Return the stamp of the file and a hash of the other inputs of the item: the stamps of the
        files that belong to it, whether the package for posters is installed, and options.
        """
        stamp = self.stamps[group.name]
        parts = [f"{name} {self.stamps.get(name, '')}" for name in group.companions]
        if is_video_name(group.name) and has_package():
            parts.append("poster")
        parts += self._options
        digest = hashlib.blake2s("\n".join(parts).encode(), digest_size=8).hexdigest()
        return f"{stamp}/{digest}" if parts else stamp


def has_stamp(etag: str, stamp: str) -> bool:
    """
    Return whether an etag is that of an item whose file has this stamp.
    """
    digest = etag[len(stamp) :]
    return bool(stamp) and etag.startswith(stamp) and bool(DIGEST.fullmatch(digest))


def read_ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """
    Yield each part after the next one was started, so that the processes have work while a batch is
    written to the index.
    """
    previous = None
    for part in parts:
        if previous:
            yield previous
        previous = part
    if previous:
        yield previous
