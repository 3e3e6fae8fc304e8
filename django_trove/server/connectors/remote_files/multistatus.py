"""
Multistatus documents (RFC 4918): the files and folders of a WebDAV server.

Documents are parsed without a tree, because a tree takes about 1000 bytes per file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ..values import as_int
from .xml import has_too_many_tags

MAX_ENTRIES = 100_000
MAX_TEXT = 10_000
MAX_DEPTH = 100
MAX_VALUES = 100  # of the properties of a file

DAV, OWNCLOUD = "{DAV:}", "{http://owncloud.org/ns}"
ETAG, MODIFIED, LENGTH = f"{DAV}getetag", f"{DAV}getlastmodified", f"{DAV}getcontentlength"
FILE_ID = f"{OWNCLOUD}fileid"
TEXTS = frozenset({f"{DAV}href", f"{DAV}status"})
PROPERTY_DEPTH = 5  # multistatus, response, propstat, prop, property
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)
STATUS = re.compile(r"\s*HTTP/[\d.]+\s+2\d\d\b")
NOT_FOUND = re.compile(r"\s*HTTP/[\d.]+\s+404\b")
INVALID_NAME = re.compile("[\0-\x1f\x7f/]")


class InvalidMultistatus(ValueError):
    """
    The document is truncated, or not a multistatus document.
    """


@dataclass(slots=True)
class Resource:
    """
    A file or folder.

    :param href: as sent by the server.
    :param properties: texts by name, such as "{DAV:}getetag", and of the children of a property,
        such as "{http://nextcloud.org/ns}metadata-photos-size/width". Those without a value are
        missing; those of several children with the same name are separated by line breaks.
    :param is_ok: false if the server reports an error for the resource.
    """

    href: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    is_folder: bool = False
    is_ok: bool = True

    @property
    def etag(self) -> str:
        return self.properties.get(ETAG, "")

    @property
    def size(self) -> int | None:
        text = self.properties.get(LENGTH)
        return as_int(text) if text else None

    @property
    def stamp(self) -> str:
        """
        The etag; size and modification time if there is none.
        """
        values = (self.properties.get(name, "") for name in (LENGTH, MODIFIED))
        return self.etag or " ".join(values).strip()

    @property
    def covering_etag(self) -> str:
        """
        The etag of a folder on a server of the ownCloud family, such as Nextcloud: it changes
        whenever a file at any depth changes. Other servers do not guarantee this.
        """
        return self.etag if FILE_ID in self.properties else ""


def parse_multistatus(content: bytes, properties: Container[str]) -> list[Resource]:
    """
    :param properties: names of properties; others are ignored.
    :raises InvalidMultistatus: if the document is truncated or invalid, or too large.
    """
    if has_too_many_tags(content):
        raise InvalidMultistatus
    target = _Target(properties)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise InvalidMultistatus from None
    return target.resources


class _Target:
    """
    Receives the events of the parser.
    """

    def __init__(self, properties: Container[str]) -> None:
        self._properties = properties
        self.resources: list[Resource] = []
        self._tags: list[str] = []
        self._text: list[str] = []
        self._found: dict[str, list[str]] = {}
        self._count = 0
        self._is_found_folder = False
        self._is_found_ok = True
        self._has_type = self._is_missing = False

    def start(self, tag: str, attributes: Any) -> None:
        if not self._tags and tag != f"{DAV}multistatus":
            raise InvalidMultistatus
        if len(self._tags) > MAX_DEPTH or len(self.resources) > MAX_ENTRIES:
            raise InvalidMultistatus
        self._tags.append(tag)
        self._text = []
        if self._is_at("response"):
            self.resources.append(Resource())
        elif self._is_at("response", "propstat"):
            self._found, self._count = {}, 0
            self._is_found_folder, self._is_found_ok = False, True
            self._has_type = self._is_missing = False
        elif self._is_at("response", "propstat", "prop", "resourcetype"):
            self._has_type = True
        elif self._is_at("response", "propstat", "prop", "resourcetype", "collection"):
            self._is_found_folder = True

    def data(self, text: str) -> None:
        is_read = self._tags and (self._tags[-1] in TEXTS or self._get_property())
        if is_read and len(self._text) < MAX_TEXT:
            self._text.append(text)

    def end(self, tag: str) -> None:
        text = "".join(self._text)[:MAX_TEXT].strip()
        self._text = []
        if self._is_at("response", "href"):
            self.resources[-1].href = self.resources[-1].href or text
        elif self._is_at("response", "status"):
            self.resources[-1].is_ok = bool(STATUS.match(text))
        elif self._is_at("response", "propstat", "status"):
            self._is_found_ok = bool(STATUS.match(text))
            self._is_missing = bool(NOT_FOUND.match(text))
        elif self._is_at("response", "propstat"):
            self._add_properties()
        elif text and (name := self._get_property()) and self._count < MAX_VALUES:
            self._found.setdefault(name, []).append(" ".join(text.split()))
            self._count += 1
        self._tags.pop()

    def close(self) -> None:
        return None

    def _add_properties(self) -> None:
        if self._is_found_ok:
            values = {name: "\n".join(texts) for name, texts in self._found.items()}
            self.resources[-1].properties |= values
            self.resources[-1].is_folder |= self._is_found_folder
        elif self._has_type and not self._is_missing:  # it may be a folder
            self.resources[-1].is_ok = False

    def _get_property(self) -> str:
        """
        Return the name of the current element, or "" if it is not a requested property.
        """
        tags = self._tags[PROPERTY_DEPTH - 1 :]
        if not 1 <= len(tags) <= 2 or tags[0] not in self._properties:
            return ""
        return "/".join([tags[0], *(tag.rpartition("}")[2] for tag in tags[1:])])

    def _is_at(self, *names: str) -> bool:
        return self._tags[1:] == [f"{DAV}{name}" for name in names]


def split_href(href: str) -> list[str]:
    """
    Return the decoded parts of the path of an href, which is absolute or only a path. Names may
    contain characters that are not encoded.

    :raises ValueError: if a part is "..", or cannot be a name.
    """
    path = ORIGIN.sub("", href, count=1)
    parts = [unquote(part, errors="surrogateescape") for part in path.split("/") if part]
    if any(part in (".", "..") or INVALID_NAME.search(part) for part in parts):
        raise ValueError
    return parts


def find_path(folder: Sequence[str], href: str) -> str | None:
    """
    Return the path of a resource, relative to a folder: "" for the folder itself, None for a
    resource outside of it.

    :param folder: the decoded parts of its path. The server may use another Unicode normal form.
    """
    try:
        parts = split_href(href)
    except ValueError:
        return None
    count = len(folder)
    if list(map(_normalize, parts[:count])) != list(map(_normalize, folder)):
        return None
    return "/".join(parts[count:])


def _normalize(part: str) -> str:
    return unicodedata.normalize("NFC", part)
