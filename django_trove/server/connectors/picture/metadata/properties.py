"""
The properties in XMP packets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from .text import clean_text

MAX_ITEMS = 1_000  # of one property

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
ITEM = f"{RDF}li"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# Namespaces without "/" and "#" at the end: some programs omit them.
PREFIXES = {
    "http://cipa.jp/exif/1.0": "exifEX",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29": "Iptc4xmpExt",
    "http://ns.acdsee.com/iptc/1.0": "acdsee",
    "http://ns.adobe.com/exif/1.0": "exif",
    "http://ns.adobe.com/exif/1.0/aux": "aux",
    "http://ns.adobe.com/lightroom/1.0": "lr",
    "http://ns.adobe.com/photoshop/1.0": "photoshop",
    "http://ns.adobe.com/tiff/1.0": "tiff",
    "http://ns.adobe.com/xap/1.0": "xmp",
    "http://ns.iview-multimedia.com/mediapro/1.0": "mediapro",
    "http://ns.microsoft.com/expressionmedia/1.0": "mediapro",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.2": "MP",
    "http://ns.microsoft.com/photo/1.2/t/Region": "MPReg",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://www.digikam.org/ns/1.0": "digiKam",
    "http://www.metadataworkinggroup.com/schemas/keywords": "mwg-kw",
    "http://www.metadataworkinggroup.com/schemas/regions": "mwg-rs",
}


class Properties:
    """
    The properties of packets, by names such as "dc:title". Only those of the file itself are
    included, not those of its ingredients.
    """

    def __init__(self, packets: Iterable[Element]) -> None:
        self._elements: dict[str, list[Element]] = defaultdict(list)
        for packet in packets:
            for rdf in packet.iter(f"{RDF}RDF"):
                for description in rdf:
                    self._add_description(description)

    def items(self, name: str) -> list[Element]:
        """
        Return the items of the first property with items. A simple property is its only item.
        """
        for element in self._elements.get(name, ()):
            items = element.findall(f"*/{ITEM}")[:MAX_ITEMS] or [element]
            if any(map(text_of, items)):
                return items
        return []

    def all_items(self, name: str) -> Iterator[Element]:
        """
        Yield the items at all levels of a property.
        """
        for element in self._elements.get(name, ()):
            yield from element.iter(ITEM)

    def texts(self, *names: str) -> list[str]:
        return [text_of(item) for name in names for item in self.items(name)]

    def text(self, *names: str) -> str:
        """
        Return the first text.
        """
        return next((text for name in names for text in filter(None, self.texts(name))), "")

    def default_language_text(self, name: str) -> str:
        texts = [(item.get(LANGUAGE, "").casefold(), text_of(item)) for item in self.items(name)]
        known = [(language, text) for language, text in texts if text]
        return dict(reversed(known)).get("x-default") or next((text for _, text in known), "")

    def _add_description(self, description: Element) -> None:
        """
        Add the attributes and elements of a description: simple properties may be either.
        """
        for key, value in description.attrib.items():
            element = Element(key)
            element.text = value
            self._elements[short_name(key)].append(element)
        for element in description:
            self._elements[short_name(element.tag)].append(element)


def short_name(name: str) -> str:
    """
    Return "dc:title" for "{http://purl.org/dc/elements/1.1/}title".
    """
    namespace, _, local = name.removeprefix("{").rpartition("}")
    return f"{PREFIXES.get(namespace.rstrip('/#'), '')}:{local}"


def text_of(element: Element) -> str:
    return clean_text("".join(element.itertext()) or element.get(f"{RDF}resource", ""))


def read_structure(item: Element) -> dict[str, str]:
    """
    Return the values of a structure: attributes or elements, also those of a description in it.
    """
    values: dict[str, str] = {}
    for element in (item, *item.findall(f"{RDF}Description")):
        values |= {short_name(key): clean_text(value) for key, value in element.attrib.items()}
        values |= {short_name(child.tag): text_of(child) for child in element if not len(child)}
    return values
