"""
What people and programs wrote into a picture: XMP and IPTC.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from PIL import Image, IptcImagePlugin

__all__ = ["Caption", "from_iptc", "from_xmp", "merged", "plain"]

DC = "{http://purl.org/dc/elements/1.1/}"
ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

TITLE, KEYWORDS, DESCRIPTION = (2, 5), (2, 25), (2, 120)

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
LONGEST = 10_000
MOST_TAGS = 100


@dataclass(frozen=True, slots=True)
class Caption:
    """
    What is said about a picture; "" and () where nothing is.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


def merged(*captions: Caption) -> Caption:
    """
    Return the first title and description there is, and everybody's tags, each once.
    """
    tags = dict.fromkeys(tag for caption in captions for tag in caption.tags)
    return Caption(
        title=next((c.title for c in captions if c.title), ""),
        description=next((c.description for c in captions if c.description), ""),
        tags=tuple(tags)[:MOST_TAGS],
    )


def from_xmp(image: Image.Image) -> Caption:
    """
    Return dc:title, dc:description and dc:subject.
    """
    # <dc:subject><rdf:Bag><rdf:li>snow</rdf:li></rdf:Bag></dc:subject>
    packet = image.info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    if not isinstance(packet, bytes):
        return Caption()
    root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"))
    return Caption(
        title=_first(_items(root, "title")),
        description=_first(_items(root, "description")),
        tags=tuple(text for _, text in _items(root, "subject")),
    )


def from_iptc(image: Any) -> Caption:
    """
    Return the object name (2:05), the caption (2:120) and the keywords (2:25).
    """
    records = IptcImagePlugin.getiptcinfo(image) or {}
    return Caption(
        title=_joined(records.get(TITLE)),
        description=_joined(records.get(DESCRIPTION)),
        tags=tuple(filter(None, map(plain, _listed(records.get(KEYWORDS))))),
    )


def plain(written: Any) -> str:
    """
    Return a text fit for a database and a page. Bytes are UTF-8 or else Latin-1, which is also
    what Pillow takes for a text that may have been UTF-8.
    """
    if isinstance(written, str):
        with suppress(UnicodeError):
            written = written.encode("latin-1").decode()
    elif isinstance(written, bytes):
        try:
            written = written.decode()
        except UnicodeDecodeError:
            written = written.decode("latin-1")
    return CONTROL.sub("", written).strip()[:LONGEST] if isinstance(written, str) else ""


def _items(root: Element, name: str) -> list[tuple[str, str]]:
    """
    Return the language and the text of each item of a property.
    """
    items = (item for found in root.iter(DC + name) for item in found.iter(ITEM))
    pairs = [(item.get(LANGUAGE, ""), CONTROL.sub("", item.text or "").strip()) for item in items]
    return [(language, text[:LONGEST]) for language, text in pairs if text]


def _first(items: list[tuple[str, str]]) -> str:
    """
    Return the text in the default language, or else the first.
    """
    return dict(reversed(items)).get("x-default") or next((text for _, text in items), "")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _joined(value: Any) -> str:
    return " ".join(filter(None, map(plain, _listed(value))))
