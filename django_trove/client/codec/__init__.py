"""
Objects to the wire and back, for both ends (protocol, "Query" and "Result and photo").

Answers are read defensively: a missing key gets the field's default, an unknown one is kept in
`extra`, and a record that can't be read is left out and counted. Queries are read strictly, since
a filter that is silently dropped would show more than was asked for.
"""

from .content import (
    READERS,
    content_from_wire,
    content_to_wire,
    person_from_wire,
    person_to_wire,
    photo_from_wire,
    photo_to_wire,
)
from .query import query_from_wire, query_to_wire
from .result import push_result_from_wire, result_from_wire, result_to_wire
from .values import date_from_wire, date_to_wire, parse_date

__all__ = [
    "READERS",
    "content_from_wire",
    "content_to_wire",
    "date_from_wire",
    "date_to_wire",
    "parse_date",
    "person_from_wire",
    "person_to_wire",
    "photo_from_wire",
    "photo_to_wire",
    "push_result_from_wire",
    "query_from_wire",
    "query_to_wire",
    "result_from_wire",
    "result_to_wire",
]
