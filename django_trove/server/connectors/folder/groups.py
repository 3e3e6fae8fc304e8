"""
Groups of files that are one item: a picture with its RAW file, the moving part of a live photo, and
XMP sidecars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..picture.formats import PICTURES, get_suffix, is_raw_name, is_video_name

SIDECAR = ".xmp"
JPEG, HEIF = ("image/jpeg",), ("image/heic", "image/heif")
MOTION_SUFFIXES = (".mov", ".mp4", ".mp")


@dataclass(frozen=True, slots=True)
class FileGroup:
    """
    The files of an item.

    :param name: the file that represents the item.
    :param raw: the RAW file of a picture, or "".
    :param motion: a video that may be the moving part of a picture, or "".
    :param sidecars: XMP files, by priority.
    """

    name: str
    raw: str = ""
    motion: str = ""
    sidecars: tuple[str, ...] = ()

    @property
    def companions(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.raw, self.motion, *self.sidecars)))

    @property
    def is_live_photo(self) -> bool:
        """
        Whether the names are sufficient: only iPhones write a HEIC and a MOV of one name.
        """
        return media_type(self.name) in HEIF and self.motion.lower().endswith(".mov")


def media_type(name: str) -> str:
    return PICTURES.get(get_suffix(name), "")


def group_files(names: Iterable[str]) -> list[FileGroup]:
    """
    Group files of one name in one directory. Case is ignored.

    :returns: the groups, sorted by name.
    """
    names = sorted(names)
    sidecars = {name.lower(): name for name in names if name.lower().endswith(SIDECAR)}
    files = [name for name in names if name.lower() not in sidecars]
    pictures: defaultdict[str, list[str]] = defaultdict(list)
    for name in files:
        if media_type(name):
            pictures[_stem(name)].append(name)
    raws = _assign(pictures, filter(is_raw_name, files), _stem, JPEG + HEIF)
    motions = _assign(pictures, filter(_is_motion_name, files), _motion_stem, HEIF + JPEG)
    assigned = {*raws.values(), *motions.values()}
    return [
        FileGroup(
            name,
            raw=raws.get(name, ""),
            motion=motions.get(name, ""),
            sidecars=_find_sidecars(filter(None, (name, raws.get(name))), sidecars),
        )
        for name in files
        if name not in assigned
    ]


def _assign(
    pictures: Mapping[str, list[str]],
    files: Iterable[str],
    stem: Callable[[str], str],
    types: tuple[str, ...],
) -> dict[str, str]:
    """
    Return a file for each picture with the same stem.

    :param types: types of pictures that can have such a file, by priority.
    """
    assigned: dict[str, str] = {}
    for file in files:
        candidates = [name for name in pictures.get(stem(file), ()) if media_type(name) in types]
        if candidates:
            best = min(candidates, key=lambda name: types.index(media_type(name)))
            assigned.setdefault(best, file)
    return assigned


def _find_sidecars(names: Iterable[str], sidecars: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return NAME.jpg.xmp and NAME.xmp, in this order.
    """
    keys = [key for name in names for key in (name.lower(), _stem(name))]
    found = (sidecars.get(key + SIDECAR) for key in dict.fromkeys(sorted(keys, key=len)[::-1]))
    return tuple(filter(None, found))


def _is_motion_name(name: str) -> bool:
    return is_video_name(name) and name.lower().endswith(MOTION_SUFFIXES)


def _motion_stem(name: str) -> str:
    """
    Return the stem of the picture: Pixel phones write NAME.MP next to NAME.MP.jpg.
    """
    return name.lower() if name.lower().endswith(".mp") else _stem(name)


def _stem(name: str) -> str:
    return name.lower().removesuffix(get_suffix(name))
