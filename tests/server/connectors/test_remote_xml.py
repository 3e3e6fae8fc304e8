from functools import partial

import pytest

from django_trove.server.connectors.errors import RetryLater
from django_trove.server.connectors.nextcloud import search
from django_trove.server.connectors.remote_files import xml
from django_trove.server.connectors.remote_files.multistatus import (
    InvalidMultistatus,
    parse_multistatus,
)
from django_trove.server.connectors.s3.objects import parse_page


def build_document(root: str, count: int) -> bytes:
    return f'<{root} xmlns="DAV:">{"<a/>" * count}</{root}>'.encode()


@pytest.mark.parametrize(
    ("parse", "root", "error"),
    [
        (partial(parse_multistatus, properties=()), "multistatus", InvalidMultistatus),
        (search.parse_entries, "multistatus", RetryLater),
        (parse_page, "ListBucketResult", RetryLater),
    ],
)
def test_documents_with_too_many_tags_are_refused(monkeypatch, parse, root, error):
    monkeypatch.setattr(xml, "MAX_TAGS", 100)
    parse(build_document(root, 90))
    with pytest.raises(error):
        parse(build_document(root, 200))


def test_unknown_encodings_are_refused():
    assert xml.parse_xml(b'<?xml version="1.0" encoding="unknown-1"?><a/>') is None
