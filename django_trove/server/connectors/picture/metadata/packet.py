"""
The XML of XMP packets, which may be damaged or between other bytes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser

from .fields import MAX_BLOCK_BYTES, read_or_default
from .text import decode_bytes

MAX_PACKETS = 10
MAX_ELEMENTS = 100_000

PACKET_START = re.compile(r"<(?:(?:\w+:)?x[am]pmeta|(?:\w+:)?RDF)\b")
INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
AMPERSAND = re.compile("&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-f]{1,6});)", re.IGNORECASE)
REFERENCE = re.compile("&#(?:([0-9]{1,7})|x([0-9a-f]{1,6}));", re.IGNORECASE)


class LimitedTreeBuilder(TreeBuilder):
    """
    :raises ValueError: if the tree has too many elements.
    """

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise ValueError
        return super().start(tag, attrs)


def parse_packets(content: bytes) -> Iterator[Element]:
    """
    Yield the trees of the packets. That of a damaged packet contains the part before the damage.
    """
    for packet in _find_packets(_decode_packet(content[:MAX_BLOCK_BYTES])):
        root = _parse(packet)
        if root is not None:
            yield root


def _decode_packet(content: bytes) -> str:
    """
    Decode UTF-16, or UTF-8 with errors.
    """
    if b"R\0D\0F\0" not in content:
        return decode_bytes(content)
    first = content.find(b"<\0")
    if first > 0 and content[first - 1] == 0:
        return content[(first - 1) % 2 :].decode("utf-16-be", "ignore")
    return content[first % 2 :].decode("utf-16-le", "ignore")


def _find_packets(text: str) -> Iterator[str]:
    """
    Yield the packets without the text around them. The last one may be incomplete.
    """
    position = 0
    for _ in range(MAX_PACKETS):
        start = PACKET_START.search(text, position)
        if not start:
            return
        end_tag = f"</{start[0][1:]}"
        end = text.find(end_tag, start.end())
        if end < 0:
            yield text[start.start() :]
            return
        position = end + len(end_tag)
        yield f"{text[start.start() : position]}>"


def _parse(packet: str) -> Element | None:
    text = AMPERSAND.sub("&amp;", INVALID.sub("", packet))
    builder = LimitedTreeBuilder()
    parser = DefusedXMLParser(target=builder)
    with suppress(ParseError, ValueError):  # defusedxml raises subclasses of ValueError
        parser.feed(REFERENCE.sub(_remove_invalid_reference, text))
        parser.close()
    return read_or_default(builder.close, None)


def _remove_invalid_reference(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    return "" if code > sys.maxunicode or INVALID.match(chr(code)) else match[0]
