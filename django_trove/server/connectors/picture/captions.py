"""
Titles, descriptions and tags in XMP and IPTC.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from PIL import Image, IptcImagePlugin

DC = "{http://purl.org/dc/elements/1.1/}"
ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
TITLE, KEYWORDS, DESCRIPTION = (2, 5), (2, 25), (2, 120)
CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_LENGTH = 10_000
MAX_TAGS = 100


@dataclass(frozen=True, slots=True)
class Caption:
    """
    Texts of a picture.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


def merge_captions(*captions: Caption) -> Caption:
    """
    Return the first title and description, and the union of the tags.
    """
    tags = dict.fromkeys(tag for caption in captions for tag in caption.tags)
    return Caption(
        title=next((c.title for c in captions if c.title), ""),
        description=next((c.description for c in captions if c.description), ""),
        tags=tuple(tags)[:MAX_TAGS],
    )


def read_xmp(image: Image.Image) -> Caption:
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
        title=_default_language_text(_xmp_items(root, "title")),
        description=_default_language_text(_xmp_items(root, "description")),
        tags=tuple(text for _, text in _xmp_items(root, "subject")),
    )


def read_iptc(image: Any) -> Caption:
    """
    Return the object name (2:05), the caption (2:120) and the keywords (2:25).
    """
    records = IptcImagePlugin.getiptcinfo(image) or {}
    return Caption(
        title=_join_text(records.get(TITLE)),
        description=_join_text(records.get(DESCRIPTION)),
        tags=tuple(filter(None, map(clean_text, _as_list(records.get(KEYWORDS))))),
    )


def clean_text(value: Any) -> str:
    """
    Return a string without control characters. Bytes are decoded as UTF-8 or else Latin-1. Strings
    that Pillow decoded as Latin-1 are decoded again in the same way.
    """
    if isinstance(value, str):
        with suppress(UnicodeError):
            value = value.encode("latin-1").decode()
    elif isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = value.decode("latin-1")
    return CONTROL.sub("", value).strip()[:MAX_LENGTH] if isinstance(value, str) else ""


def _xmp_items(root: Element, name: str) -> list[tuple[str, str]]:
    """
    Return the language and the text of each item of a property.
    """
    items = (item for element in root.iter(DC + name) for item in element.iter(ITEM))
    pairs = [(item.get(LANGUAGE, ""), CONTROL.sub("", item.text or "").strip()) for item in items]
    return [(language, text[:MAX_LENGTH]) for language, text in pairs if text]


def _default_language_text(items: list[tuple[str, str]]) -> str:
    return dict(reversed(items)).get("x-default") or next((text for _, text in items), "")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _join_text(value: Any) -> str:
    return " ".join(filter(None, map(clean_text, _as_list(value))))
