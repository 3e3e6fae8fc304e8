"""
Files and folders in listings of remote files.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..base import ItemFailure
from ..errors import ServiceFailed
from ..messages import Message
from ..picture.reader import Picture

MAX_STAMP_LENGTH = 60  # of 100 in the index


class FileFailed(ServiceFailed):
    """
    One file or folder cannot be read; others may be readable.

    :param is_missing: whether it does not exist.
    """

    def __init__(self, reason: Message, *, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.is_missing = is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """
    :param path: relative to the root, decoded, such as "Album/photo.jpg".
    :param stamp: changes whenever the content changes: an etag, or size and modification time.
    :param id: a stable id; "" if the path is the id.
    :param size: in bytes; None if it is unknown.
    :param tags: from the server, in addition to those in the file.
    :param picture: the metadata, if the listing contains it; the file is then not read.
    """

    path: str
    stamp: str
    id: str = ""
    size: int | None = None
    tags: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFolder:
    """
    :param path: without a slash at its end; "" for the root.
    :param etag: changes whenever a file at any depth below it changes; "" if the server does not
        guarantee this.
    """

    path: str
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderListing:
    """
    The contents of a folder.

    :param etag: of the folder itself, as `RemoteFolder.etag`.
    :param unlisted: names of files or folders whose entries are incomplete.
    """

    files: tuple[RemoteFile, ...] = ()
    folders: tuple[RemoteFolder, ...] = ()
    etag: str = ""
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """
    Some files of an account. The files of one folder must be in the same part, because a picture
    and its RAW file, video and sidecar are one item.

    :param unlisted: prefixes of the ids of files that are not listed, but exist; see `Batch`.
    :param emptied: prefixes of the ids in folders that are empty; see `Batch`.
    :param seen: ids of files whose entries are incomplete; their items are kept.
    :param failures: folders and files that cannot be listed.
    """

    files: tuple[RemoteFile, ...] = ()
    unlisted: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    failures: tuple[ItemFailure, ...] = ()


def shorten_stamp(stamp: str) -> str:
    """
    Return a stamp, or a hash of a long one.
    """
    if len(stamp) <= MAX_STAMP_LENGTH and stamp.isprintable():
        return stamp
    return hashlib.blake2s(stamp.encode(errors="replace"), digest_size=16).hexdigest()
