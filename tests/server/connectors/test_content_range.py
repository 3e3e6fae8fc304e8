import re

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from django_trove.server.connectors.content_range import ContentRange, parse_content_range

HEADER = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)", re.ASCII)


def parse(text):
    response = requests.Response()
    response.headers["Content-Range"] = text
    return parse_content_range(response)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes 0-0/1", ContentRange(0, 1, 1)),
        ("bytes 5-9/10", ContentRange(5, 10, 10)),
        ("bytes 5-9/*", ContentRange(5, 10, None)),
        ("bytes */10", ContentRange(None, None, 10)),
        ("bytes */*", ContentRange(None, None, None)),
        ("bytes 9-5/10", None),
        ("bytes 5-10/10", None),
        ("bytes 5-/10", None),
        ("bytes -5/10", None),
        ("bytes ٣-٩/10", None),
        (f"bytes 0-{10**18}/*", None),
        ("items 0-0/1", None),
        ("bytes=0-0/1", None),
        ("", None),
    ],
)
def test_header_is_parsed(text, expected):
    assert parse(text) == expected


def test_response_without_the_header_has_no_range():
    assert parse_content_range(requests.Response()) is None


POSITIONS = st.integers(0, 10**17)


@given(start=POSITIONS, length=st.integers(1, 10**17), rest=POSITIONS)
def test_header_of_each_part_is_parsed(start, length, rest):
    end, size = start + length, start + length + rest
    assert parse(f"bytes {start}-{end - 1}/{size}") == ContentRange(start, end, size)
    assert parse(f"bytes {start}-{end - 1}/*") == ContentRange(start, end, None)


@given(st.one_of(st.text(max_size=40), st.from_regex(HEADER)))
@example("bytes 0-0/0")
def test_part_is_not_larger_than_the_file(text):
    content_range = parse(text) or ContentRange(None, None, None)
    end = content_range.end or 0
    assert end <= (end if content_range.size is None else content_range.size)
