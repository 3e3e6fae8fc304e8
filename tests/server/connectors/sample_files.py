"""
Answers of the services (samples/SOURCES.md), as they were recorded.
"""

import json
from pathlib import Path
from xml.etree import ElementTree

SAMPLES = Path(__file__).parent / "samples"


def body(name):
    """
    Return an answer as it came over the wire.
    """
    return (SAMPLES / name).read_text()


def load(name):
    return json.loads(body(name))


def interactions(name):
    """
    Return the answers of a recording: of each its status, media type and body.
    """
    return [one["response"] for one in load(f"flickr/foundation_{name}.json")["interactions"]]


def as_json(xml):
    """
    Return what Flickr's XML would be, had JSON been asked for.
    """
    return _node(ElementTree.fromstring(xml))


def _node(element):
    node = dict(element.attrib)
    if element.text and element.text.strip():
        node["_content"] = element.text
    for child in element:
        there = node.get(child.tag)
        inside = _node(child)
        repeated = [*there, inside] if isinstance(there, list) else [there, inside]
        node[child.tag] = inside if there is None else repeated
    return node
