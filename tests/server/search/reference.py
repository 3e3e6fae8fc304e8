"""
Hypothesis strategies for libraries and queries with edge cases: poles, antimeridian, dates within
one second, and spellings of tags.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from django_trove.client.content import Photo, Video
from django_trove.client.query import Query
from django_trove.client.values import UNKNOWN_PLACE
from django_trove.server.places.gazetteer import find_place


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SERVICES = ("flickr", "folder", "google")
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
TEXTS = [
    "",
    "Snow in Williamsburg",
    "snowman",
    "in the Caf\u00e9",
    "cafe\u0301 100%",
    "\u4eac\u90fd snow_fall",
    "!",
]
tags = st.lists(st.sampled_from(ALL_SPELLINGS), max_size=3)
moments = st.sampled_from([utc("2007-03-04") + timedelta(seconds=n) for n in range(3)])
days = st.sampled_from([date(2007, 3, 3), date(2007, 3, 4), date(2007, 3, 5)])
degrees = st.sampled_from([-180.0, -179.99, -1.0, 0.0, 0.01, 90.0, 179.99, 180.0])
latitudes = st.sampled_from([-90.0, -89.99, -1.0, 0.0, 0.01, 89.99, 90.0])
TOWNS = [(40.7, -73.95), (37.27, -76.7), (40.724, -73.951), (49.61, 6.13), (43.733, 7.417)]
"""Williamsburg in New York and in Virginia, Greenpoint, Luxembourg, La Condamine."""
places = st.tuples(latitudes, degrees) | st.sampled_from(TOWNS)


@st.composite
def photos(draw):
    place = draw(st.none() | places)
    return {
        "service": draw(st.sampled_from(SERVICES)),
        "is_video": draw(st.booleans()),
        "tags": tuple(draw(tags)),
        "date": draw(st.none() | moments),
        "utc_offset": draw(st.sampled_from([None, 0, -480, 90, 840, -840])),
        "latitude": place and place[0],
        "longitude": place and place[1],
        "width": draw(st.integers(0, 2)),
        "height": draw(st.integers(0, 2)),
        "album_id": draw(st.sampled_from(["", "7"])),
        "public": draw(st.booleans()),
        "title": draw(st.sampled_from(TEXTS)),
        "description": draw(st.sampled_from(TEXTS)),
    }


def build_photo(fields, **others):
    """
    Return the photo or video of generated fields.
    """
    fields = {**fields, **others}
    if fields.get("latitude") is not None:
        place = find_place((fields["latitude"], fields["longitude"]))
        fields["place"] = place or UNKNOWN_PLACE
    return (Video if fields.pop("is_video", False) else Photo)(**fields)


names = st.sampled_from(["service_date", "service", "trove_id", "width", "height"])
boxes = st.tuples(latitudes, latitudes, degrees, degrees).map(
    lambda box: {"geo_sw": (min(box[:2]), box[2]), "geo_ne": (max(box[:2]), box[3])}
)
radii = st.sampled_from([1.0, 5.0, 300.0, 11_000.0, 20_100.0])
FILTERS = (
    st.lists(st.sampled_from(SERVICES), max_size=2).map(lambda names: {"services": names}),
    st.lists(st.sampled_from(SERVICES), max_size=2).map(lambda names: {"identities_by_id": names}),
    tags.map(lambda names: {"tags_required": names[:2]}),
    tags.map(lambda names: {"tags_optional": names}),
    moments.map(lambda moment: {"date_from": moment}),
    moments.map(lambda moment: {"date_to": moment}),
    days.map(lambda day: {"day_from": day}),
    days.map(lambda day: {"day_to": day}),
    st.builds(
        lambda day, around: {"on_this_day": day.replace(year=2008), "days_around": around},
        days,
        st.integers(0, 2),
    ),
    boxes,
    st.builds(lambda c, r: {"geo_near_center": c, "geo_near_radius": r}, places, radii),
    st.sampled_from([{"attributes": {"album_id": "7"}}, {"attributes": {"public": True}}]),
    st.sampled_from([{"public": True}, {"public": False}]),
    st.sampled_from([{"albums": ["7"]}, {"albums": ["8", "7"]}, {"albums": ["8"]}]),
    st.sampled_from([*TEXTS, "SNO", "cafe will", "100%", "now", "_", "kyo", "\u90fd"]).map(
        lambda text: {"text": text}
    ),
    st.sampled_from(
        ["williamsburg", "New York", "Williamsburg, Virginia", "Luxembourg", "UNITED STATES", "!"]
    ).map(lambda text: {"place": text}),
)


def matching_filters(photo):
    """
    Return the same filters with values that match a photo, as far as it has such values.
    """
    date, day = photo["date"], photo["date"] and build_photo(photo).local_date.date()
    point = photo["latitude"] is not None and (photo["latitude"], photo["longitude"])
    searchable = [tag for tag in photo["tags"] if tag.strip()]
    second = timedelta(seconds=1)
    candidates = (
        {"services": [photo["service"], "?"]},
        {"identities_by_id": [photo["service"]]},
        {"tags_required": searchable[:2]},
        {"tags_optional": [*searchable[-1:], "never"]} if searchable else {},
        {"date_from": date - second} if date else {},
        {"date_to": date} if date else {},
        {"day_from": day} if date else {},
        {"day_to": day} if date else {},
        {"on_this_day": day.replace(year=2020)} if date else {},
        {"geo_sw": point, "geo_ne": point} if point else {},
        {"geo_near_center": point, "geo_near_radius": 1.0} if point else {},
        {"attributes": {"album_id": photo["album_id"], "public": photo["public"]}},
        {"public": photo["public"]},
        {"albums": [photo["album_id"], "8"]} if photo["album_id"] else {},
        {"text": f"{photo['title'][:5]} {photo['description'][:4]}"},
        {"place": str((point and find_place(point)) or "")},
    )
    return [st.just(fields) for fields in candidates]


@st.composite
def libraries_with_queries(draw, size):
    """
    Generate a library and a query. Any combination of filters is possible, and most of them match
    one of the photos: filters with independent values rarely match anything.
    """
    library = draw(st.lists(photos(), max_size=size))
    matching = matching_filters(draw(st.sampled_from(library))) if library else FILTERS
    query = {
        "order_by": draw(
            st.lists(st.builds(str.__add__, st.sampled_from(["", "-"]), names), max_size=2)
        ),
        "videos": draw(st.booleans()),
        "count": draw(st.integers(2, 5)),
        "page": draw(st.integers(1, 2)),
    }
    for any_value, match in zip(FILTERS, matching, strict=True):
        query |= draw(st.one_of(st.just({}), match, match, any_value))
    for bounds in (("date_from", "date_to"), ("day_from", "day_to")):
        if query.keys() >= set(bounds):
            query |= dict(zip(bounds, sorted(query[name] for name in bounds), strict=True))
    return library, Query(**query)
