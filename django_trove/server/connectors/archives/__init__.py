"""
Parts of an export: folders, zip files and tar files.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from ..base import ItemFailure, ServiceFailed
from .part import Directory, ExportPart
from .tar_archive import INCOMPLETE, OPENERS, TAR_ERRORS, TarArchive
from .zip_archive import ZIP_ERRORS, ZipArchive

__all__ = ["ARCHIVE_NAME", "ExportPart", "open_parts"]

ARCHIVE_NAME = re.compile(r"takeout.*\.(zip|tgz|tar|tar\.gz)", re.I)
ZIP_SIGNATURE = b"PK"
TAR_SIGNATURE, TAR_OFFSET = b"ustar", 257

INCOMPLETE_ZIP = "The zip file is incomplete or damaged. Download this part of the export again."
NOT_TAR = "The file is compressed, but is not a .tgz file. Unpack it and specify the folder."
UNKNOWN_FORMAT = (
    "The file is neither a zip file nor a .tgz file. Specify the files that Google Takeout "
    "created, or the folder that contains them or into which they were unpacked."
)
NO_PERMISSION = "The server has no permission to read the file."


def open_parts(
    paths: Sequence[Path], stack: ExitStack
) -> tuple[list[ExportPart], list[ItemFailure]]:
    """
    Open the parts of an export. In a folder, the archives of Google Takeout are also parts.

    :param stack: closes them.
    :returns: the parts, and the archives that cannot be read.
    :raises ServiceFailed: if a part is missing, or none can be read.
    """
    parts: list[ExportPart] = []
    failures: list[ItemFailure] = []
    for path in dict.fromkeys(part for root in paths for part in _expand(root)):
        try:
            part = _open_part(path)
        except _UnreadablePart as error:
            failures.append(ItemFailure(name=str(path), reason=error.reason))
        else:
            stack.callback(part.close)
            parts.append(part)
    if not parts and failures:
        raise ServiceFailed(f"{failures[0].name}: {failures[0].reason}")
    return parts, failures


class _UnreadablePart(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _expand(path: Path) -> Iterator[Path]:
    """
    Yield a part, and the archives in it if it is a folder.

    :raises ServiceFailed: if it does not exist.
    """
    if not path.exists():
        raise ServiceFailed(f"{path} does not exist. Indexed photos were kept.")
    yield path
    if path.is_dir():
        try:
            names = sorted(path.iterdir())
        except OSError:  # reported by `Directory`
            return
        yield from (inner for inner in names if _is_archive(inner))


def _is_archive(path: Path) -> bool:
    return bool(ARCHIVE_NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink()


def _open_part(path: Path) -> ExportPart:
    if path.is_dir():
        return Directory(path)
    opener, errors, reason = _detect_format(path)
    try:
        return opener(path)
    except PermissionError:
        raise _UnreadablePart(NO_PERMISSION) from None
    except EOFError:  # before `errors`, which contain it
        raise _UnreadablePart(INCOMPLETE) from None
    except errors:
        raise _UnreadablePart(reason) from None


def _detect_format(
    path: Path,
) -> tuple[Callable[[Path], ExportPart], tuple[type[Exception], ...], str]:
    """
    Return the class that reads an archive, the exceptions of damaged ones, and the reason for the
    user. The content decides, because the suffix may be wrong.
    """
    try:
        with path.open("rb") as file:
            header = file.read(TAR_OFFSET + len(TAR_SIGNATURE))
        is_zip = header.startswith(ZIP_SIGNATURE) or zipfile.is_zipfile(path)
    except OSError:
        raise _UnreadablePart(NO_PERMISSION) from None
    if is_zip:
        return ZipArchive, ZIP_ERRORS, INCOMPLETE_ZIP
    if header.startswith(tuple(OPENERS)) or header[TAR_OFFSET:] == TAR_SIGNATURE:
        return TarArchive, TAR_ERRORS, NOT_TAR
    raise _UnreadablePart(INCOMPLETE_ZIP if path.suffix.lower() == ".zip" else UNKNOWN_FORMAT)
