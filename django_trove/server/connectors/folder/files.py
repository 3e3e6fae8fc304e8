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

MAX_PATH_LENGTH = 500  # length of the column


@dataclass(slots=True)
class Listing:
    """
    The relative paths below a folder. Those of folders end with a slash.

    :param denied: files and folders without permission.
    :param emptied: folders that contain nothing; "" for the folder itself.
    """

    files: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)


def list_files(root: Path) -> Listing:
    """
    List the files, except those that devices and programs maintain, and symbolic links to targets
    outside of the folder.
    """
    listing = Listing()

    def record_error(error: OSError) -> None:
        listing.denied.append(os.path.relpath(error.filename, root) + "/")

    for folder, folders, names in os.walk(root, onerror=record_error):
        prefix = "" if folder == str(root) else f"{os.path.relpath(folder, root)}/"
        if not folders and not names:
            listing.emptied.append(prefix)
        folders[:] = [name for name in folders if not is_excluded(prefix + name)]
        for name in names:
            if not is_excluded(prefix + name):
                _add_file(listing, root, prefix + name)
    return listing


def _add_file(listing: Listing, root: Path, name: str) -> None:
    try:
        if _is_readable_file(root, root / name):
            listing.files.append(name)
    except OSError:
        listing.denied.append(name)


def _is_readable_file(root: Path, path: Path) -> bool:
    """
    Return whether a path is a file, and not a symbolic link to a target outside of `root`.

    :raises OSError: if permission is denied.
    """
    if path.is_symlink() and not is_inside(root, path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def build_unreadable_batch(listing: Listing) -> Batch:
    """
    Report files that cannot be read. Indexed items without permission are kept.
    """
    denied = "The server has no permission to read the file."
    reasons = dict.fromkeys(listing.denied, denied) | {
        name: _invalid_name_reason(name) for name in listing.files if not is_valid_name(name)
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
    return not _invalid_name_reason(name)


def _invalid_name_reason(name: str) -> str:
    if printable_name(name) != name:
        return "The file name is not UTF-8."
    if len(name) > MAX_PATH_LENGTH:
        return f"The path has more than {MAX_PATH_LENGTH} characters."
    return ""


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
