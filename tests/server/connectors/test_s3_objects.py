import string
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.connectors.errors import RetryLater, ServiceFailed
from django_trove.server.connectors.remote_files import RemoteFile
from django_trove.server.connectors.remote_files.entries import MAX_STAMP_LENGTH
from django_trove.server.connectors.s3.objects import (
    group_by_folder,
    parse_error,
    parse_page,
    precedes,
)

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
names = st.text(alphabet=string.ascii_letters + " -.é写\U0001f600", min_size=1, max_size=4)
keys = st.lists(names.filter(lambda name: name.strip(".")), min_size=1, max_size=4).map("/".join)


def build_page(files, token="", quote=quote_plus):
    """
    Build a page of a listing. Amazon and MinIO encode a space as a plus sign, others as %20.
    """
    contents = "".join(
        f"<Contents><Key>{escape(quote(key))}</Key><ETag>&quot;{etag}&quot;</ETag>"
        f"<Size>{size}</Size></Contents>"
        for key, etag, size in files
    )
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    return (
        f'<ListBucketResult xmlns="{NAMESPACE}"><EncodingType>url</EncodingType>{contents}'
        f"{more if token else ''}</ListBucketResult>"
    ).encode()


def group(paths):
    files = [RemoteFile(path=path, stamp="1") for path in paths]
    return [
        (folder, [file.path for file in listing.files])
        for folder, listing in group_by_folder(files)
    ]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=9), st.integers(0, 99)), max_size=5))
def test_page_has_all_objects(found):
    page = parse_page(build_page([(key, f"e{size}", size) for key, size in found], "more"))
    assert [(file.path, file.stamp, file.size) for file in page.files] == [
        (key, f"e{size}", size) for key, size in found
    ]
    assert page.token == "more"


@pytest.mark.parametrize("quote", [quote, quote_plus])
def test_names_with_spaces_and_plus_signs(quote):
    names = ["a b.jpg", "a+b.jpg", "a%20b.jpg", "My photos/ü.jpg"]
    page = parse_page(build_page([(name, "e", 1) for name in names], quote=quote))
    assert [file.path for file in page.files] == names


def test_names_that_are_not_encoded():
    page = parse_page(
        b"<ListBucketResult><Contents><Key>a+b%20c.jpg</Key></Contents></ListBucketResult>"
    )
    assert [file.path for file in page.files] == ["a+b%20c.jpg"]


@given(st.integers(1, 300).map("a".__mul__))
def test_stamps_are_short_and_distinct(etag):
    page = parse_page(build_page([("a", f"{etag}1", 1), ("b", f"{etag}2", 1)]))
    first, second = (file.stamp for file in page.files)
    assert first != second
    assert max(len(first), len(second)) <= MAX_STAMP_LENGTH


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_invalid_pages_are_retried(content):
    with pytest.raises(RetryLater):
        parse_page(content)
    assert parse_error(content) == ""


def test_truncated_page_without_token_is_retried():
    content = build_page([("a", "1", 1)]).replace(b"</Contents>", b"</Contents><IsTruncated>true")
    with pytest.raises(RetryLater):
        parse_page(content.replace(b"true<", b"true</IsTruncated><"))


def test_entities_are_refused():
    content = b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>'
    with pytest.raises(RetryLater):
        parse_page(content)


@given(st.sets(keys, max_size=20))
def test_each_folder_is_yielded_once_with_its_files(paths):
    groups = group(sorted(paths))
    folders = [folder for folder, _ in groups]
    expected = {path.rpartition("/")[0] for path in paths} | {""}
    assert sorted(folders) == sorted(expected)
    assert sorted(path for _, found in groups for path in found) == sorted(paths)
    assert all(path.rpartition("/")[0] == folder for folder, found in groups for path in found)


@given(st.sets(keys, max_size=20))
def test_order_of_the_folders_is_that_of_precedes(paths):
    folders = [folder for folder, _ in group(sorted(paths))]
    found = [[precedes(other, folder) for other in folders] for folder in folders]
    numbers = range(len(folders))
    assert found == [[other <= number for other in numbers] for number in numbers]


@pytest.mark.parametrize("paths", [["b", "a"], ["a", "a"]])
def test_unsorted_objects_are_rejected(paths):
    with pytest.raises(ServiceFailed, match="order"):
        group(paths)


@pytest.mark.parametrize("key", ["a//b.jpg", "/b.jpg", "a/../b.jpg", "./b.jpg"])
def test_keys_that_are_not_paths_are_reported(key):
    listings = [found for _, found in group_by_folder([RemoteFile(path=key, stamp="1")])]
    assert [found.files for found in listings if found.files] == []
    assert [failure.name for found in listings for failure in found.failures] == [key]
