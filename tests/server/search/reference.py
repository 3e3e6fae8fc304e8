"""
Hypothesis strategies for libraries and queries with edge cases: poles, antimeridian, dates within
one second, and spellings of tags.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from django_trove.client.query import Query


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SPELLINGS = {
    "snow": ["snow", "Snow ", "\u2003SNOW"],
    "sea": ["SEA", "sea"],
    "sean": ["sean"],
    "e": ["e", "E"],
    "é": ["\u00e9", "\u00c9", "e\u0301", " E\u0301"],
    "road": ["Stra\u00dfe", "STRASSE", "stra\u1e9ee"],
    "": ["", " "],
}
ALL_SPELLINGS = [spelling for spellings in SPELLINGS.values() for spelling in spellings]
tags = st.lists(st.sampled_from(ALL_SPELLINGS), max_size=3)
moments = st.sampled_from([utc("2007-03-04") + timedelta(seconds=n) for n in range(3)])
days = st.sampled_from([date(2007, 3, 3), date(2007, 3, 4), date(2007, 3, 5)])
degrees = st.sampled_from([-180.0, -179.99, -1.0, 0.0, 0.01, 90.0, 179.99, 180.0])
latitudes = st.sampled_from([-90.0, -89.99, -1.0, 0.0, 0.01, 89.99, 90.0])
places = st.tuples(latitudes, degrees)


@st.composite
def photos(draw):
    place = draw(st.none() | places)
    return {
        "service": draw(st.sampled_from(["flickr", "folder", "google"])),
        "tags": tuple(draw(tags)),
        "date": draw(st.none() | moments),
        "utc_offset": draw(st.sampled_from([None, 0, -480, 90, 840, -840])),
        "latitude": place and place[0],
        "longitude": place and place[1],
        "width": draw(st.integers(0, 2)),
        "height": draw(st.integers(0, 2)),
        "album_id": draw(st.sampled_from(["", "7"])),
        "public": draw(st.booleans()),
    }


names = st.sampled_from(["service_date", "service", "trove_id", "width", "height"])
boxes = st.tuples(latitudes, latitudes, degrees, degrees).map(
    lambda box: {"geo_sw": (min(box[:2]), box[2]), "geo_ne": (max(box[:2]), box[3])}
)
radii = st.sampled_from([1.0, 5.0, 300.0, 11_000.0, 20_100.0])
filters = st.one_of(
    st.lists(st.sampled_from(["flickr", "google", "?"])).map(lambda names: {"services": names}),
    tags.map(lambda names: {"tags_required": names[:2]}),
    tags.map(lambda names: {"tags_optional": names}),
    moments.map(lambda moment: {"date_from": moment}),
    moments.map(lambda moment: {"date_to": moment}),
    days.map(lambda day: {"day_from": day}),
    days.map(lambda day: {"day_to": day}),
    boxes,
    st.builds(lambda c, r: {"geo_near_center": c, "geo_near_radius": r}, places, radii),
    st.sampled_from([{"attributes": {"album_id": "7"}}, {"attributes": {"public": True}}]),
)


@st.composite
def queries(draw):
    query = {
        "order_by": draw(
            st.lists(st.builds(str.__add__, st.sampled_from(["", "-"]), names), max_size=2)
        ),
        "count": draw(st.integers(2, 5)),
        "page": draw(st.integers(1, 2)),
    }
    for fields in draw(st.lists(filters, max_size=3)):
        query |= fields
    for bounds in (("date_from", "date_to"), ("day_from", "day_to")):
        if query.keys() >= set(bounds):
            query |= dict(zip(bounds, sorted(query[name] for name in bounds), strict=True))
    return Query(**query)
