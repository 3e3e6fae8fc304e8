"""
XML of the fake Nextcloud's WebDAV: properties, and the conditions and order of a SEARCH.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from .file_tree import Node, guess_type

DAV, OC, NC = "{DAV:}", "{http://owncloud.org/ns}", "{http://nextcloud.org/ns}"
SEARCH_DAV = "{https://github.com/icewind1991/SearchDAV/ns}"
PREFIXES = {DAV: "d:", OC: "oc:", NC: "nc:"}
SORTABLE = {f"{DAV}displayname", f"{DAV}getcontenttype", f"{DAV}getlastmodified", f"{OC}size"}
SEARCHABLE = SORTABLE | {f"{OC}fileid", f"{OC}favorite"}
MAX_RESULTS = 1000
LEADING_DIGITS = re.compile(r"\d*")


class BadSearch(Exception):
    """
    The search is invalid, such as one that is sorted by a property that cannot be sorted.
    """


def parse_properties(body: str) -> list[str]:
    """
    Return the requested properties of a PROPFIND; those of WebDAV if it has no body.
    """
    if not body.strip():
        names = ("displayname", "getcontentlength", "getcontenttype", "getetag", "getlastmodified")
        return [f"{DAV}{name}" for name in (*names, "resourcetype")]
    return [element.tag for element in fromstring(body).iterfind(f"{DAV}prop/*")]


def build_multistatus(responses: Iterable[str]) -> str:
    namespaces = (
        'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns" '
        'xmlns:nc="http://nextcloud.org/ns"'
    )
    return (
        f'<?xml version="1.0"?>\n<d:multistatus {namespaces}>{"".join(responses)}</d:multistatus>'
    )


def build_response(href: str, path: str, node: Node, names: list[str], instance: str) -> str:
    """
    :param instance: suffix of `oc:id`.
    """
    known = _get_properties(path, node, instance)
    found = "".join(_build_element(name, known[name]) for name in names if name in known)
    missing = "".join(f"<{_prefix(name)}/>" for name in names if name not in known)
    return f"<d:response><d:href>{quote(href)}</d:href>" + (
        f"<d:propstat><d:prop>{found}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
        + (
            f"<d:propstat><d:prop>{missing}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status>"
            "</d:propstat>"
            if missing
            else ""
        )
        + "</d:response>"
    )


def _get_properties(path: str, node: Node, instance: str) -> dict[str, str]:
    size = str(len(node.content or b""))
    properties = {
        f"{DAV}displayname": escape(path.rpartition("/")[2]),
        f"{DAV}getetag": f"&quot;{node.etag}&quot;",
        f"{DAV}getlastmodified": format_datetime(node.modified, usegmt=True),
        f"{DAV}resourcetype": "<d:collection/>" if node.is_folder else "",
        f"{OC}fileid": str(node.id),
        f"{OC}id": f"{node.id:08d}{instance}",
        f"{OC}size": size,
        f"{OC}permissions": "RGDNVCK" if node.is_folder else "RGDNVW",
        f"{OC}favorite": "0",
        f"{NC}system-tags": "".join(map(_build_tag, node.tags)),
    }
    if node.is_folder:
        return properties
    return properties | {
        f"{DAV}getcontentlength": size,
        f"{DAV}getcontenttype": guess_type(path),
        **{f"{NC}metadata-photos-{name}": value for name, value in node.metadata.items()},
    }


def _build_tag(name: str) -> str:
    attributes = 'oc:can-assign="true" oc:id="1" oc:user-assignable="true" oc:user-visible="true"'
    return f"<nc:system-tag {attributes}>{escape(name)}</nc:system-tag>"


def _build_element(name: str, value: str) -> str:
    tag = _prefix(name)
    return f"<{tag}>{value}</{tag}>" if value else f"<{tag}/>"


def _prefix(name: str) -> str:
    namespace, _, local = name.rpartition("}")
    return PREFIXES.get(namespace + "}", "x:") + local


class Search:
    """
    A parsed SEARCH. `properties` are the selected ones, `scope` is the path of the folder.

    :raises BadSearch: if it is invalid.
    """

    def __init__(self, body: str) -> None:
        search = fromstring(body).find(f"{DAV}basicsearch")
        if search is None:
            raise BadSearch("basicsearch is missing")
        self.properties = [found.tag for found in search.iterfind(f"{DAV}select/{DAV}prop/*")]
        self.scope = search.findtext(f"{DAV}from/{DAV}scope/{DAV}href", "")
        self._conditions = list(search.iterfind(f"{DAV}where/*"))
        self._orders = list(search.iterfind(f"{DAV}orderby/{DAV}order"))
        limit = int(search.findtext(f"{DAV}limit/{DAV}nresults") or MAX_RESULTS)
        self._limit = min(limit, MAX_RESULTS)
        self._first = int(search.findtext(f"{DAV}limit/{SEARCH_DAV}firstresult") or 0)

    def select(self, nodes: dict[str, Node]) -> list[tuple[str, Node]]:
        conditions = self._conditions
        found = [pair for pair in nodes.items() if all(_matches(c, *pair) for c in conditions)]
        for order in reversed(self._orders):
            name = order.find(f"{DAV}prop")[0].tag
            if name not in SORTABLE:
                raise BadSearch(f"{name} is not sortable")
            descending = order.find(f"{DAV}descending") is not None
            found.sort(key=lambda pair: _get_value(name, *pair), reverse=descending)
        return found[self._first : self._first + self._limit]


def _matches(condition: Element, path: str, node: Node) -> bool:
    operator = condition.tag.removeprefix(DAV)
    if operator in ("and", "or"):
        results = [_matches(child, path, node) for child in condition]
        return all(results) if operator == "and" else any(results)
    if operator == "not":
        return not _matches(condition[0], path, node)
    name = condition.find(f"{DAV}prop")[0].tag
    if name not in SEARCHABLE:
        raise BadSearch(f"{name} is not searchable")
    value = _get_value(name, path, node)
    literal = _parse_literal(condition.findtext(f"{DAV}literal", ""), value)
    if operator == "like":
        return fnmatch.fnmatch(str(value).lower(), literal.lower().replace("%", "*"))
    compare: dict[str, bool] = {
        "eq": value == literal,
        "gt": value > literal,
        "gte": value >= literal,
        "lt": value < literal,
        "lte": value <= literal,
    }
    return compare[operator]


def _get_value(name: str, path: str, node: Node) -> Any:
    values: dict[str, Any] = {
        "displayname": path.rpartition("/")[2],
        "getcontenttype": "httpd/unix-directory" if node.is_folder else guess_type(path),
        "getlastmodified": node.modified,
        "size": len(node.content or b""),
        "fileid": node.id,
        "favorite": 0,
    }
    return values[name.rpartition("}")[2]]


def _parse_literal(text: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return datetime.fromisoformat(text).astimezone(UTC)
    return int(LEADING_DIGITS.match(text)[0] or 0) if isinstance(value, int) else text  # as in PHP
