"""
The files below a folder.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from ..base import Batch, ItemFailure
from ..exclusions import is_excluded
from ..messages import NO_MESSAGE, Message
from ..messages import Message as _

MAX_PATH_LENGTH = 500  # length of the column


ETAG_VERSION = 1  # increment it to read all files again


@dataclass(slots=True)
class Listing:
    """
    The relative paths below a folder. Those of folders end with a slash.

    :param files: the files and their stamps.
    :param denied: files and folders without permission.
    :param emptied: folders that contain nothing; "" for the folder itself.
    """

    files: dict[str, str] = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)


def list_files(root: Path) -> Listing:
    """
    List the files, except those that devices and programs maintain, and symbolic links to targets
    outside of the folder.
    """
    listing = Listing()
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        try:
            folders = _list_folder(listing, root, prefix)
        except OSError:
            listing.denied.append(prefix or "./")
        else:
            prefixes += sorted(folders, reverse=True)
    return listing


def _list_folder(listing: Listing, root: Path, prefix: str) -> list[str]:
    """
    Add the files of a folder to the listing, and return the prefixes of its folders.
    """
    folders, is_empty = [], True
    with os.scandir(root / prefix) as entries:
        for entry in entries:
            is_empty = False
            name = prefix + entry.name
            if is_excluded(name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(f"{name}/")
            else:
                _add_file(listing, root, name, entry)
    if is_empty:
        listing.emptied.append(prefix)
    return folders


def _add_file(listing: Listing, root: Path, name: str, entry: os.DirEntry[str]) -> None:
    """
    Add an entry if it is a file, and not a symbolic link to a target outside of `root`.
    """
    if entry.is_symlink() and not is_inside(root, root / name):
        return
    try:
        status = entry.stat()
    except FileNotFoundError:
        return
    except OSError:
        listing.denied.append(name)
        return
    if stat.S_ISREG(status.st_mode):
        listing.files[name] = compute_stamp(status)


def compute_stamp(status: os.stat_result) -> str:
    return f"{ETAG_VERSION}:{status.st_mtime_ns}:{status.st_size}"


def build_unreadable_batch(listing: Listing) -> Batch:
    """
    Report files that cannot be read. Indexed items without permission are kept.
    """
    denied = _("The server has no permission to read the file.")
    reasons = dict.fromkeys(listing.denied, denied) | {
        name: find_name_problem(name) for name in listing.files if not is_valid_name(name)
    }
    return Batch(
        seen=tuple(name for name in listing.denied if not name.endswith("/")),
        unlisted=tuple(name for name in listing.denied if name.endswith("/")),
        emptied=tuple(listing.emptied),
        failures=tuple(
            ItemFailure(name=printable_name(name), reason=reason)
            for name, reason in reasons.items()
        ),
    )


def is_valid_name(name: str) -> bool:
    return not find_name_problem(name)


def find_name_problem(name: str) -> Message:
    if printable_name(name) != name:
        return _("The file name is not UTF-8.")
    if len(name) > MAX_PATH_LENGTH:
        return _("The path has more than %(limit)s characters.", limit=MAX_PATH_LENGTH)
    return NO_MESSAGE


def is_inside(root: Path, path: Path) -> bool:
    """
    Return whether the resolved path is below `root`.
    """
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of symbolic links
        return False


def printable_name(name: str) -> str:
    """
    Return a file name with undecodable bytes escaped.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
