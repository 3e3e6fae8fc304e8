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

PACKET_START = re.compile(r"<(?:(?:\w+:)?x[am]pmeta|(?:\w+:)?RDF)\b")
INVALID = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
REFERENCE = re.compile(
    r"&(?:#(?P<decimal>\d{1,7});|#x(?P<hexadecimal>[0-9a-f]{1,6});)?", re.IGNORECASE
)
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos);")


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
    text = REFERENCE.sub(_repair_reference, INVALID.sub("", packet))
    builder = TreeBuilder()
    parser = DefusedXMLParser(target=builder)
    with suppress(ParseError, ValueError):  # defusedxml raises subclasses of ValueError
        parser.feed(text)
        parser.close()
    return read_or_default(builder.close, None)


def _repair_reference(match: re.Match[str]) -> str:
    """
    Escape an ampersand that is no reference, and remove references to invalid characters.
    """
    if match["decimal"] or match["hexadecimal"]:
        code = int(match["decimal"] or match["hexadecimal"], 10 if match["decimal"] else 16)
        is_valid = code <= sys.maxunicode and not INVALID.match(chr(code))
        return match[0] if is_valid else ""
    return "&" if ENTITY.match(match.string, match.start()) else "&amp;"
