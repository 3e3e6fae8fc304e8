"""
Base class of services that store files.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ..base import Batch, ItemFailure, KnownStamps
from ..exclusions import is_excluded
from ..folder.files import find_name_problem, is_valid_name, printable_name
from ..folder.groups import SIDECAR, group_files
from ..folder.parts import BATCH_SIZE, FolderReader
from ..picture.formats import is_media_name
from ..picture.poster import has_package
from ..picture.processes import PictureReader, open_picture_reader
from .entries import FolderListing, Listing, RemoteFile
from .server import FileServer
from .source import RemoteSource
from .walk import State, Walk

MAX_LISTINGS = 50  # in a batch
VERSION = 2  # increment it to read all files again


class RemoteFiles(FileServer):
    """
    The pictures and videos among the files of an account, as `Folder`. The id of an item is its
    path or its stable id, its album the folder.

    `RENDITIONS` is "view" or "sync": the sizes of a picture are created when it is first viewed, or
    by the sync, which then downloads the complete files.

    A subclass implements `list_folder`, or overrides `list_files` and `finish_listing`.
    """

    defaults: ClassVar[Mapping[str, Any]] = {**FileServer.defaults, "RENDITIONS": "view"}

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
        Return a version. If it changes, all files are read again.
        """
        return f"{VERSION}:{self.config['RENDITIONS']}:{has_package()}"


def _find_media(listing: Listing) -> Iterator[RemoteFile]:
    """
    Yield the files to read, selected by name: reading every file would take too long.
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
