"""
Multistatus documents: those of the real servers, and invalid ones.
"""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.remote_files import multistatus
from django_trove.server.connectors.remote_files.multistatus import (
    InvalidMultistatus,
    find_path,
    parse_multistatus,
)
from django_trove.server.connectors.webdav.listings import PROPERTIES

SAMPLES = Path(__file__).parent / "samples" / "webdav"
CONTENTS = [path.read_bytes() for path in sorted(SAMPLES.glob("*.xml"))]
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/"), min_size=1)
PATH_NAMES = NAMES.filter(lambda name: name not in (".", ".."))

RESPONSE = (
    "<x:response><x:href>{href}</x:href><x:propstat><x:prop>{properties}</x:prop>"
    "<x:status>{status}</x:status></x:propstat></x:response>"
)


def build(*responses):
    return f'<x:multistatus xmlns:x="DAV:">{"".join(responses)}</x:multistatus>'.encode()


def parse(*responses):
    return parse_multistatus(build(*responses), PROPERTIES)


def respond(href="/a.jpg", properties="", status="HTTP/1.1 200 OK"):
    return RESPONSE.format(href=href, properties=properties, status=status)


def test_stamp_is_the_etag_or_size_and_time():
    size = "<x:getcontentlength>7</x:getcontentlength>"
    time = "<x:getlastmodified>Thu</x:getlastmodified>"
    with_etag = respond(properties=f'<x:getetag>W/"1"</x:getetag>{size}{time}')
    found = parse(with_etag, respond(properties=f"{size}{time}"))
    assert [each.stamp for each in found] == ['W/"1"', "7 Thu"]


def test_other_properties_are_ignored():
    [found] = parse(respond(properties="<x:getcontenttype>image/png</x:getcontenttype>"))
    assert found.properties == {}


def test_children_of_a_property_are_values():
    size = '<nc:size xmlns:nc="nc:"><width>4</width><height>3</height></nc:size>'
    [found] = parse_multistatus(build(respond(properties=size)), {"{nc:}size"})
    assert found.properties == {"{nc:}size/width": "4", "{nc:}size/height": "3"}


def test_values_of_children_with_the_same_name_are_kept():
    tags = '<tags xmlns="nc:"><tag>a\nb</tag><tag> </tag><tag>c</tag></tags>'
    [found] = parse_multistatus(build(respond(properties=tags)), {"{nc:}tags"})
    assert found.properties == {"{nc:}tags/tag": "a b\nc"}


def test_number_of_values_is_limited(monkeypatch):
    monkeypatch.setattr(multistatus, "MAX_VALUES", 3)
    children = "".join(f"<a{number}>x</a{number}>" for number in range(9))
    properties = f"<x:getetag>{children}</x:getetag>"
    [found] = parse(respond(properties=properties))
    assert len(found.properties) == 3


def test_properties_with_an_error_status_are_missing():
    etag = "<x:getetag>1</x:getetag>"
    [found] = parse_multistatus(
        build(respond(properties=etag, status="HTTP/1.1 404 Not Found")), PROPERTIES
    )
    assert (found.etag, found.is_ok) == ("", True)


def test_resource_with_an_error_status_is_not_ok():
    status = "<x:status>HTTP/1.1 403 Forbidden</x:status>"
    [found] = parse_multistatus(
        build(f"<x:response><x:href>/a</x:href>{status}</x:response>"), PROPERTIES
    )
    assert not found.is_ok


def test_only_servers_with_file_ids_cover_the_subtree_with_an_etag():
    folder = "<x:resourcetype><x:collection/></x:resourcetype><x:getetag>1</x:getetag>"
    file_id = '<oc:fileid xmlns:oc="http://owncloud.org/ns">7</oc:fileid>'
    found = parse(respond(properties=folder), respond(properties=folder + file_id))
    assert [each.covering_etag for each in found] == ["", "1"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b'<multistatus xmlns="other:"/>',
        build(respond())[:-20],
        b'<!DOCTYPE x [<!ENTITY a "b">]><x:multistatus xmlns:x="DAV:">&a;</x:multistatus>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x:multistatus xmlns:x="DAV:"/>',
        b'<?xml version="1.0" encoding="nonsense"?><x:multistatus xmlns:x="DAV:"/>',
        build("<x:a>" * 200 + "</x:a>" * 200),
    ],
    ids=["empty", "page", "namespace", "truncated", "entity", "external", "encoding", "deep"],
)
def test_invalid_document_is_rejected(content):
    with pytest.raises(InvalidMultistatus):
        parse_multistatus(content, PROPERTIES)


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("/dav/Fotos/a.jpg", "a.jpg"),
        ("http://nas.example:8080/dav/Fotos/a.jpg", "a.jpg"),
        ("https://other.example/dav/Fotos/a.jpg", "a.jpg"),
        ("/dav//Fotos/sub/", "sub"),
        ("/dav/Fotos", ""),
        ("/dav/%46otos/%C3%BC%20%2B%23%25.jpg", "ü +#%.jpg"),
        ("/dav/Fotos/ü +#%.jpg", "ü +#%.jpg"),
        ("/dav/Fotos/100%.jpg?x=1", "100%.jpg?x=1"),
        ("/dav/Fotos/sub/a.jpg", "sub/a.jpg"),
        ("/dav/Other/a.jpg", None),
        ("/dav/Fotos/../../etc/passwd", None),
        ("/dav/Fotos/%2e%2e", None),
        ("/dav/Fotos/%2Fetc%2Fpasswd", None),
        ("/dav/Fotos/a%00.jpg", None),
        ("/", None),
        ("", None),
    ],
)
def test_name_in_a_folder(href, name):
    assert find_path(["dav", "Fotos"], href) == name


def test_unicode_normal_form_of_the_folder_is_ignored():
    assert find_path(["dav", "Ü"], f"/dav/{quote('Ü')}/a.jpg") == "a.jpg"


@given(st.lists(PATH_NAMES, max_size=4), PATH_NAMES)
def test_encoded_names_are_found(folder, name):
    href = "/".join(["", *map(quote, folder), quote(name, safe="")])
    assert find_path(folder, href) == name


@given(st.binary(), st.sampled_from(CONTENTS), st.data())
def test_changed_documents_are_parsed_or_rejected(noise, content, data):
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 40, len(content))))
    try:
        found = parse_multistatus(content[:start] + noise + content[end:], PROPERTIES)
    except InvalidMultistatus:
        found = []
    assert all(isinstance(each.href, str) for each in found)


@given(st.text())
def test_any_href_is_a_name_or_ignored(href):
    name = find_path([], href)
    assert {".", ".."}.isdisjoint({name})
    assert "//" not in (name or "")


@pytest.mark.parametrize(("status", "is_ok"), [("500 Error", False), ("404 Not Found", True)])
def test_resource_of_unknown_type(status, is_ok):
    """
    A folder whose type could not be read must not be taken for a file: its items would be deleted.
    """
    content = (
        '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/dav/Trips</d:href><d:propstat>'
        f"<d:prop><d:resourcetype/></d:prop><d:status>HTTP/1.1 {status}</d:status>"
        "</d:propstat></d:response></d:multistatus>"
    )
    [resource] = parse_multistatus(content.encode(), PROPERTIES)
    assert resource.is_ok == is_ok
