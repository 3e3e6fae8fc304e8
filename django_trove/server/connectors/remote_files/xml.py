"""
XML documents of servers.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_TAGS = 2_000_000


def has_too_many_tags(content: bytes) -> bool:
    """
    Return whether a document of small elements would take too much time and memory.
    """
    return content.count(b"<") > MAX_TAGS


def parse_xml(content: bytes) -> Element | None:
    """
    Return the root of a document, or None if it is invalid or too large.
    """
    if has_too_many_tags(content):
        return None
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return None
    return root
