"""
WebDAV requests for the files of a Nextcloud account, and their responses.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from xml.sax.saxutils import escape

from django_trove.client.values import Camera

from ..errors import RetryLater
from ..folder.groups import SIDECAR
from ..messages import Message as _
from ..picture.formats import PICTURES, get_suffix
from ..picture.metadata import Metadata
from ..picture.reader import Picture
from ..picture.video import SIDEWAYS
from ..remote_files import RemoteFile
from ..remote_files.entries import shorten_stamp
from ..remote_files.multistatus import (
    ETAG,
    FILE_ID,
    InvalidMultistatus,
    Resource,
    parse_multistatus,
    split_href,
)
from ..values import as_int, as_location, as_quantity, as_size, as_text, as_timestamp

PAGE_SIZE = 500
DAV, OC, NC = "DAV:", "http://owncloud.org/ns", "http://nextcloud.org/ns"
FILES = ["remote.php", "dav", "files"]
METADATA = f"{{{NC}}}metadata-photos-"
SIZE, TAGS = f"{{{OC}}}size", f"{{{NC}}}system-tags"
PROPERTIES = frozenset(
    {
        ETAG,
        FILE_ID,
        SIZE,
        TAGS,
        *(f"{METADATA}{name}" for name in ("original_date_time", "size", "gps", "exif", "ifd0")),
    }
)
SELECTED = (
    "<d:resourcetype/><d:getetag/><d:getcontenttype/><oc:fileid/><oc:size/>"
    "<nc:metadata-photos-original_date_time/><nc:metadata-photos-size/>"
    "<nc:metadata-photos-gps/><nc:metadata-photos-exif/><nc:metadata-photos-ifd0/>"
    "<nc:system-tags/>"
)
NAMESPACES = (
    f'xmlns:d="{DAV}" xmlns:oc="{OC}" xmlns:nc="{NC}" '
    'xmlns:s="https://github.com/icewind1991/SearchDAV/ns"'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A file or folder of a response.

    :param path: relative to the root of the account.
    """

    path: str
    resource: Resource

    @property
    def file_id(self) -> str:
        """
        A number, or "".
        """
        value = self.resource.properties.get(FILE_ID, "")
        return value if value.isascii() and value.isdigit() else ""


def build_propfind() -> bytes:
    return f"<d:propfind {NAMESPACES}><d:prop>{SELECTED}</d:prop></d:propfind>".encode()


def build_search(user: str, position: int) -> bytes:
    """
    Return a search for a page of the pictures, videos and sidecar files. Nextcloud cannot sort by
    `oc:fileid`. Files with the same time are sorted by name, because the order must not change from
    page to page.
    """
    conditions = "".join(
        f"<d:like><d:prop><d:{name}/></d:prop><d:literal>{value}</d:literal></d:like>"
        for name, value in (
            ("getcontenttype", "image/%"),
            ("getcontenttype", "video/%"),
            ("displayname", f"%{SIDECAR}"),
        )
    )
    orders = "".join(
        f"<d:order><d:prop><d:{name}/></d:prop><d:ascending/></d:order>"
        for name in ("getlastmodified", "displayname")
    )
    return (
        f"<d:searchrequest {NAMESPACES}><d:basicsearch>"
        f"<d:select><d:prop>{SELECTED}</d:prop></d:select>"
        f"<d:from><d:scope><d:href>/files/{escape(user)}</d:href><d:depth>infinity</d:depth>"
        "</d:scope></d:from>"
        f"<d:where><d:or>{conditions}</d:or></d:where><d:orderby>{orders}</d:orderby>"
        f"<d:limit><d:nresults>{PAGE_SIZE}</d:nresults>"
        f"<s:firstresult>{position}</s:firstresult></d:limit>"
        "</d:basicsearch></d:searchrequest>"
    ).encode()


def parse_entries(content: bytes) -> list[Entry]:
    """
    :raises RetryLater: if it is not a multistatus document.
    """
    try:
        resources = parse_multistatus(content, PROPERTIES)
    except InvalidMultistatus:
        raise RetryLater(_("Nextcloud sent an invalid listing.")) from None
    paths = [(_find_path(resource.href), resource) for resource in resources]
    return [Entry(path, resource) for path, resource in paths if path is not None]


def build_files(entries: list[Entry], *, reads_files: bool = False) -> list[RemoteFile]:
    """
    Return the files with an id.

    :param reads_files: whether Nextcloud's metadata of pictures is ignored.
    """
    return [
        _build_file(entry, reads_files=reads_files)
        for entry in entries
        if not entry.resource.is_folder and entry.file_id
    ]


def _build_file(entry: Entry, *, reads_files: bool) -> RemoteFile:
    """
    The stamp contains a hash of the path and the tags, which are not part of the etag.
    """
    properties = entry.resource.properties
    tags = tuple(sorted(properties.get(f"{TAGS}/system-tag", "").splitlines()))
    parts = [entry.path, *tags, *(["/read"] if reads_files else [])]
    text = "\n".join(parts).encode(errors="replace")
    digest = hashlib.blake2s(text, digest_size=6).hexdigest()
    return RemoteFile(
        path=entry.path,
        stamp=f"{shorten_stamp(entry.resource.etag)}-{digest}",
        id=entry.file_id,
        size=as_int(properties.get(SIZE)) or None,
        tags=tags,
        picture=None if reads_files else _build_picture(entry),
    )


def _build_picture(entry: Entry) -> Picture | None:
    """
    Return the metadata that Nextcloud read from the file. None if its background job has not read
    it yet.
    """
    values, media_type = entry.resource.properties, PICTURES.get(get_suffix(entry.path))
    size = as_size(_get(values, "size/width"), _get(values, "size/height"))
    taken = as_timestamp(_get(values, "original_date_time"))
    if not media_type or not size or not taken:
        return None
    if as_int(_get(values, "ifd0/Orientation")) in SIDEWAYS:
        size = size[::-1]
    place = as_location(_get(values, "gps/latitude"), _get(values, "gps/longitude"))
    metadata = Metadata(taken=taken, place=place, camera=_build_camera(values))
    return Picture(type=media_type, width=size[0], height=size[1], metadata=metadata, renditions={})


def _build_camera(values: dict[str, str]) -> Camera:
    return Camera(
        make=as_text(_get(values, "ifd0/Make")),
        model=as_text(_get(values, "ifd0/Model")),
        exposure_time=as_quantity(_get(values, "exif/ExposureTime")),
        aperture=as_quantity(_get(values, "exif/FNumber")),
        iso=max(0, as_int(_get(values, "exif/ISOSpeedRatings"))),
        focal_length=as_quantity(_get(values, "exif/FocalLength")),
    )


def _get(values: dict[str, str], name: str) -> str:
    return values.get(METADATA + name, "")


def _find_path(href: str) -> str | None:
    """
    Return the path below the folder of a user; None for a resource that is not below it.
    """
    try:
        parts = split_href(href)
    except ValueError:
        return None
    for start in range(len(parts) - len(FILES)):
        end = start + len(FILES)
        if parts[start:end] == FILES:
            return "/".join(parts[end + 1 :])
    return None
