"""
Recorded responses of the services (samples/SOURCES.md).
"""

import json
from pathlib import Path
from xml.etree import ElementTree

SAMPLES = Path(__file__).parent / "samples"


def body(name):
    return (SAMPLES / name).read_text()


def load(name):
    return json.loads(body(name))


def interactions(name):
    return [item["response"] for item in load(f"flickr/foundation_{name}.json")["interactions"]]


def as_json(xml):
    """
    Convert Flickr's XML to its JSON format.
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
