"""
Files and directories that NAS devices, operating systems and photo programs maintain. They contain
copies, deleted files and thumbnails, and are never imported.
"""

from __future__ import annotations

import re
from fnmatch import translate
from pathlib import PurePosixPath

# In lower case.
NAMES = frozenset(
    (
        # Synology
        "@eadir",
        "@tmp",
        "@sharebin",
        "#recycle",
        "#snapshot",
        # QNAP, Buffalo and others; a name that starts with a period is hidden anyway
        "@recycle",
        "@recently-snapshot",
        "@transcode",
        "trashbox",
        # Netatalk encodes the period of a hidden name
        "network trash folder",
        "temporary items",
        "thevolumesettingsfolder",
        # macOS
        "__macosx",
        "ipod photo cache",
        # Windows
        "$recycle.bin",
        "recycler",
        "recycled",
        "system volume information",
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        # Linux
        "lost+found",
        # Nextcloud and ownCloud
        "files_trashbin",
        "files_versions",
        # Capture One
        "captureone",
    )
)


def _compile(*patterns: str) -> re.Pattern[str]:
    """
    Combine patterns of `fnmatch`. Matching one pattern is faster than matching several.
    """
    return re.compile("|".join(map(translate, patterns)))


PATTERNS = _compile(
    ".*",  # hidden: .snapshot, .thumbnails, .Trash-1000, .@__thumb, .stversions, AppleDouble files
    ":2e*",  # hidden, on Netatalk
    "*.lrdata",  # previews of Lightroom
    "appdata_oc*",  # previews of Nextcloud
    "synophoto_thumb_*",
)

LIBRARIES = _compile("*.photoslibrary", "*.migratedphotolibrary", "*.photolibrary", "*.aplibrary")
ORIGINALS = frozenset(("originals", "masters"))
"""The directories of a library of Apple's Photos that contain the user's files."""


def is_excluded(path: str) -> bool:
    """
    Return whether a file or directory is excluded. Case is ignored.

    :param path: with slashes. Directories above it are not checked (`is_excluded_path`).
    """
    parent, _, name = path.lower().rpartition("/")
    return _is_excluded_name(name, parent.rpartition("/")[2])


def is_excluded_path(path: str) -> bool:
    """
    Return whether a path or a directory above it is excluded. Case is ignored.
    """
    parts = PurePosixPath(path.lower()).parts
    return any(map(_is_excluded_name, parts, ("", *parts)))


def _is_excluded_name(name: str, parent: str) -> bool:
    if name in NAMES or PATTERNS.match(name):
        return True
    return bool(parent and LIBRARIES.match(parent)) and name not in ORIGINALS
