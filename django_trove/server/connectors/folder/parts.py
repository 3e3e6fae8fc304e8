"""
Reading of the new and changed files of a folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from django_trove.client.content import Photo

from ..base import Batch, FoundItem, ItemFailure, KnownStamps
from ..picture.content import build_content
from ..picture.errors import UnknownFormat, Unreadable
from ..picture.formats import is_media_name, is_video_name
from ..picture.metadata import Metadata, merge_metadata, read_or_default, read_xmp_packet
from ..picture.poster import has_package
from ..picture.processes import PictureReader
from ..picture.reader import Picture, read_info
from .files import printable_name
from .groups import FileGroup

SERVICE = "folder"
BATCH_SIZE = 500
MAX_READ_FILES = 25  # in a batch
MAX_SIDECAR_BYTES = 1_000_000


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

    root: Path
    is_public: bool = False
    names: list[str] = field(default_factory=list)
    pending: list[PendingFile] = field(default_factory=list)
    last_name: str = ""

    def build_batch(self, total: int, cursor: Mapping[str, str]) -> Batch:
        """
        Wait until the files are read.
        """
        items, failures = [], []
        for file in self.pending:
            try:
                items.append(self._build_item(file))
            except Unreadable as failure:
                name = file.group.name
                if not isinstance(failure, UnknownFormat) or is_media_name(name):
                    failures.append(ItemFailure(name=printable_name(name), reason=failure.reason))
        return Batch(
            items=tuple(items),
            seen=tuple(self.names),
            failures=tuple(failures),
            total=total,
            cursor=cursor,
        )

    def _build_item(self, file: PendingFile) -> FoundItem:
        picture = file.get_picture()
        sidecars = map(self._read_sidecar, file.group.sidecars)
        metadata = merge_metadata(*sidecars, picture.metadata)
        return FoundItem(
            content=_build_photo(file.group.name, picture, metadata, is_public=self.is_public),
            etag=file.etag,
            type=picture.type,
            renditions=picture.renditions,
        )

    def _read_sidecar(self, name: str) -> Metadata:
        def read_packet() -> Metadata:
            with (self.root / name).open("rb") as file:
                return read_xmp_packet(file.read(MAX_SIDECAR_BYTES))

        return read_or_default(read_packet, Metadata())


class FolderReader:
    """
    :param stamps: of all files below the folder, by relative path.
    """

    def __init__(
        self, root: Path, stamps: Mapping[str, str], reader: PictureReader, *, is_public: bool
    ) -> None:
        self.root, self.stamps, self.reader = root, stamps, reader
        self.is_public = is_public

    def read_parts(self, groups: Sequence[FileGroup], known: KnownStamps) -> Iterator[Part]:
        """
        Split the groups into parts, and start to read the new and changed files of each.
        """
        for position in range(0, len(groups), BATCH_SIZE):
            chunk = groups[position : position + BATCH_SIZE]
            names = [group.name for group in chunk] + [g.motion for g in chunk if g.motion]
            etags = known(names)
            part = Part(self.root, self.is_public)
            for group in chunk:
                if len(part.pending) >= MAX_READ_FILES:
                    yield part
                    part = Part(self.root, self.is_public)
                self._add(part, group, etags)
            yield part

    def _add(self, part: Part, group: FileGroup, etags: Mapping[str, str]) -> None:
        part.last_name = group.name
        for separate in self._separate_video(group, etags):
            part.names.append(separate.name)
            etag = self._compute_etag(separate)
            if etags.get(separate.name) != etag:
                get_picture = self.reader.submit(self.root / separate.name)
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
            return read_info(self.root / name).is_live_photo
        except Unreadable:  # it is reported as a file of its own
            return False

    def _compute_etag(self, group: FileGroup) -> str:
        """
        Return the stamp of the file and a hash of the other inputs of the item: the stamps of the
        files that belong to it, whether the package for posters is installed, and whether the
        folder is public.
        """
        stamp = self.stamps[group.name]
        parts = [f"{name} {self.stamps.get(name, '')}" for name in group.companions]
        if is_video_name(group.name) and has_package():
            parts.append("poster")
        if self.is_public:
            parts.append("public")
        digest = hashlib.blake2s("\n".join(parts).encode(), digest_size=8).hexdigest()
        return f"{stamp}/{digest}" if parts else stamp


def _build_photo(name: str, picture: Picture, metadata: Metadata, *, is_public: bool) -> Photo:
    path = PurePosixPath(name)
    album = "" if str(path.parent) == "." else str(path.parent)
    return build_content(
        picture,
        metadata,
        service=SERVICE,
        id=name,
        title=metadata.title or path.stem,
        album_id=album,
        album_title=path.parent.name,
        public=is_public,
    )


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
