"""
Metadata in XMP packets.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from PIL import Image

from .fields import Metadata
from .text import CONTROL, MAX_LENGTH

DC = "{http://purl.org/dc/elements/1.1/}"
ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_xmp(image: Image.Image) -> Metadata:
    packet = image.info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    return read_xmp_packet(packet) if isinstance(packet, bytes) else Metadata()


def read_xmp_packet(packet: bytes) -> Metadata:
    """
    Read the packet of a file or a sidecar. A damaged packet contains no metadata.
    """
    # <dc:subject><rdf:Bag><rdf:li>snow</rdf:li></rdf:Bag></dc:subject>
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"))
    except Exception:  # defusedxml and expat raise several types
        return Metadata()
    return Metadata(
        title=_default_language_text(_xmp_items(root, "title")),
        description=_default_language_text(_xmp_items(root, "description")),
        tags=tuple(text for _, text in _xmp_items(root, "subject")),
    )


def _xmp_items(root: Element, name: str) -> list[tuple[str, str]]:
    """
    Return the language and the text of each item of a property.
    """
    items = (item for element in root.iter(DC + name) for item in element.iter(ITEM))
    pairs = [(item.get(LANGUAGE, ""), CONTROL.sub("", item.text or "").strip()) for item in items]
    return [(language, text[:MAX_LENGTH]) for language, text in pairs if text]


def _default_language_text(items: list[tuple[str, str]]) -> str:
    return dict(reversed(items)).get("x-default") or next((text for _, text in items), "")
