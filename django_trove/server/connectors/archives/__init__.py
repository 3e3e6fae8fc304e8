"""
Parts of an export: folders, zip files and tar files.
"""

from __future__ import annotations

import re
import tarfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from ..base import ItemFailure
from ..errors import ServiceFailed
from ..messages import Message
from ..messages import Message as _
from .part import Directory, ExportPart
from .tar_archive import INCOMPLETE, OPENERS, TAR_ERRORS, TarArchive
from .zip_archive import ZIP_ERRORS, ZipArchive

__all__ = ["ARCHIVE_NAME", "ExportPart", "open_parts"]

ARCHIVE_NAME = re.compile(r"takeout.*\.(zip|tgz|tar|tar\.gz)", re.I)
ZIP_SIGNATURE = b"PK"
TAR_SIGNATURE, TAR_OFFSET = b"ustar", 257

NOT_TAR = _("The file is compressed, but is not a .tgz file. Unpack it and specify the folder.")
UNKNOWN_FORMAT = _(
    "The file is neither a zip file nor a .tgz file. Specify the files that Google Takeout "
    "created, or the folder that contains them or into which they were unpacked."
)
MAX_UNPACK_SECONDS = 480  # less than the duration of a lease, which is renewed with each batch
NO_PERMISSION = _("The server has no permission to read the file.")


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
    deadline = time.monotonic() + MAX_UNPACK_SECONDS
    for path in dict.fromkeys(part for root in paths for part in _expand(root)):
        try:
            part = _open_part(path, deadline)
        except _UnreadablePart as error:
            failures.append(ItemFailure(name=str(path), reason=error.reason))
        else:
            stack.callback(part.close)
            parts.append(part)
    if not parts and failures:
        raise ServiceFailed(
            _("%(name)s: %(reason)s", name=failures[0].name, reason=failures[0].reason)
        )
    return parts, failures


class _UnreadablePart(Exception):
    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def _expand(path: Path) -> Iterator[Path]:
    """
    Yield a part, and the archives in it if it is a folder.

    :raises ServiceFailed: if it does not exist.
    """
    try:
        path.stat()
    except PermissionError:
        raise ServiceFailed(
            _("The server has no permission to read %(path)s.", path=path)
        ) from None
    except OSError:
        raise ServiceFailed(
            _("%(path)s does not exist. Indexed photos were kept.", path=path)
        ) from None
    yield path
    if path.is_dir():
        try:
            names = sorted(path.iterdir())
        except OSError:  # reported by `Directory`
            return
        yield from (inner for inner in names if _is_archive(inner))


def _is_archive(path: Path) -> bool:
    return bool(ARCHIVE_NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink()


def _open_part(path: Path, deadline: float) -> ExportPart:
    if path.is_dir():
        return Directory(path)
    try:
        return ZipArchive(path) if _is_zip(path) else TarArchive(path, deadline)
    except PermissionError:
        raise _UnreadablePart(NO_PERMISSION) from None
    except tarfile.ReadError:
        raise _UnreadablePart(NOT_TAR) from None
    except (*ZIP_ERRORS, *TAR_ERRORS):
        raise _UnreadablePart(INCOMPLETE) from None


def _is_zip(path: Path) -> bool:
    """
    Return whether an archive is a zip file, otherwise it is a tar file. The content decides,
    because the suffix may be wrong.
    """
    try:
        with path.open("rb") as file:
            header = file.read(TAR_OFFSET + len(TAR_SIGNATURE))
        is_zip = header.startswith(ZIP_SIGNATURE) or zipfile.is_zipfile(path)
    except OSError:
        raise _UnreadablePart(NO_PERMISSION) from None
    is_tar = header.startswith(tuple(OPENERS)) or header[TAR_OFFSET:] == TAR_SIGNATURE
    if is_zip or is_tar:
        return is_zip
    raise _UnreadablePart(INCOMPLETE if path.suffix.lower() == ".zip" else UNKNOWN_FORMAT)
