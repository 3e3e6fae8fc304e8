"""
The fields of a query (protocol, section 4).
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from django_trove.client.content import Photo, Video
from django_trove.client.errors import QueryError
from django_trove.client.query import ATTRIBUTE_NAMES, SORTABLE_FIELDS, Query
from django_trove.server.search.engine import ORDER_COLUMNS, search
from django_trove.server.search.filters import ATTRIBUTE_COLUMNS

from ..signed_requests import Caller

pytestmark = pytest.mark.django_db

BASE = "https://trove.example"
EARTH = 6371.0088


def ids(person, **query):
    return [photo.id for photo in search(person, Query(**query), BASE)]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def library(index):
    return index(
        Photo(id="snow", tags=("Snow ", "Williamsburg"), date=utc("2007-03-04 21:08:12")),
        Photo(id="sea", tags=("SEA",), date=utc("2009-01-01"), latitude=0.0, longitude=179.9),
        Photo(id="none", title="No date", width=20),
    )


def test_the_default_order_is_newest_first_and_undated_last(person, library):
    assert ids(person) == ["sea", "snow", "none"]
    assert ids(person, order_by=["date"]) == ["none", "snow", "sea"]


def test_tags_are_normalized(person, library, index):
    """
    Protocol, section 4.4.
    """
    index(Photo(id="cafe", tags=("Cafe\u0301", "Straße")))
    assert ids(person, tags_required=[" sNOW", "williamsburg"]) == ["snow"]
    assert ids(person, tags_required=["snow", "sea"]) == []
    assert ids(person, tags_optional=["sea", "SNOW", "never"]) == ["sea", "snow"]
    assert ids(person, tags_optional=["never"]) == []
    assert ids(person, tags_required=["CAFÉ", "STRASSE"]) == ["cafe"]
    assert ids(person, tags_required=[""]) == []


def test_date_ranges_are_inclusive(person, library):
    """
    An item without a date is in no range (protocol, section 4.5).
    """
    moment = utc("2007-03-04 21:08:12")
    second = timedelta(seconds=1)
    assert ids(person, date_from=moment, date_to=moment) == ["snow"]
    assert ids(person, date_to=moment - second) == []
    assert ids(person, date_from=moment + second) == ["sea"]
    assert ids(person, date_to=utc("9999-12-31")) == ["sea", "snow"]
    assert ids(person, date_from=datetime(1, 1, 1)) == ["sea", "snow"]


def test_a_day_is_the_local_day_of_the_photo(person, index):
    """
    Photos of the same moment may have different days (protocol, section 4.5).
    """
    moment = utc("2024-01-01 07:30:00")
    index(
        Photo(id="california", date=moment, utc_offset=-480, tags=("x",)),
        Photo(id="unknown", date=moment, tags=("x",)),
        Photo(id="kiribati", date=utc("2024-01-01 10:30:00"), utc_offset=840, tags=("x",)),
        Photo(id="undated", tags=("x",)),
    )
    for tags in ({}, {"tags_required": ["x"]}, {"tags_optional": ["x", "y"]}):
        assert ids(person, day_to=date(2023, 12, 31), **tags) == ["california"]
        new_year = date(2024, 1, 1)
        assert ids(person, day_from=new_year, day_to=new_year, **tags) == ["unknown"]
        assert ids(person, day_from=date(2024, 1, 2), **tags) == ["kiribati"]
        assert len(ids(person, day_from=date(1, 1, 1), day_to=date(9999, 12, 31), **tags)) == 3


def test_a_box_may_cross_the_antimeridian(person, library, index):
    index(Photo(id="line", latitude=0.0, longitude=-180.0, date=utc("2001-01-01")))
    assert ids(person, geo_sw=(-1, 170), geo_ne=(1, -170)) == ["sea", "line"]
    assert ids(person, geo_sw=(-1, 170), geo_ne=(1, 180)) == ["sea", "line"]
    assert ids(person, geo_sw=(-1, -170), geo_ne=(1, 170)) == []


@pytest.mark.parametrize(
    ("order", "expected"), [([], "210"), (["date"], "012"), (["-width"], "210")]
)
def test_ties_are_broken_by_id_in_the_direction_of_the_first_field(person, index, order, expected):
    index(*(Photo(id=str(number), date=utc("2007-03-04")) for number in range(3)))
    assert "".join(ids(person, order_by=order)) == expected
    pages = [ids(person, order_by=order, count=1, page=page)[0] for page in (1, 2, 3)]
    assert "".join(pages) == expected


def test_longitudes_180_and_minus_180_are_equal(person, index):
    index(
        Photo(id="east", latitude=0.0, longitude=180.0),
        Photo(id="pole", latitude=90.0, longitude=0.0),
    )
    index(Photo(id="west", latitude=0.0, longitude=-180.0))
    for west, east in ((179, 180), (-180, -179), (179, -179)):
        assert sorted(ids(person, geo_sw=(-1, west), geo_ne=(1, east))) == ["east", "west"]
    for longitude in (180, -180, 179.999, -179.999):
        near = ids(person, geo_near_center=(0, longitude), geo_near_radius=1)
        assert sorted(near) == ["east", "west"]


def test_a_circle_may_contain_the_antimeridian_or_a_pole(person, index):
    index(
        Photo(id="date line", latitude=0.0, longitude=-179.99),
        Photo(id="pole", latitude=89.99, longitude=10.0),
    )
    assert ids(person, geo_near_center=(0, 179.99), geo_near_radius=3) == ["date line"]
    assert ids(person, geo_near_center=(0, 179.99), geo_near_radius=2) == []
    assert ids(person, geo_near_center=(89.99, -170), geo_near_radius=3) == ["pole"]
    assert len(ids(person, geo_near_center=(0, 0), geo_near_radius=20_100)) == 2


def test_the_antipode(person, index):
    """
    Rounding must not result in a haversine above 1.
    """
    index(Photo(id="far", latitude=-41.5, longitude=-5.5))
    assert ids(person, geo_near_center=(41.5, 174.5), geo_near_radius=20_100) == ["far"]
    assert ids(person, geo_near_center=(41.5, 174.5), geo_near_radius=20_000) == []


def test_attributes_are_exact(person, index):
    index(Photo(id="a", album_id="7", public=True), Photo(id="b", album_id="77", title="B"))
    assert ids(person, attributes={"album_id": "7"}) == ["a"]
    assert ids(person, attributes={"public": False, "title": "B"}) == ["b"]
    assert ids(person, attributes={"id": "a"}) == ["a"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"album": "7"},
        {"album_id": 7},
        {"public": "yes"},
        {"title": "a\0b"},
        {"id": ["a"]},
        {"title__gt": ""},
    ],
)
def test_invalid_attributes_are_rejected(person, attributes):
    """
    An ignored filter would return more than requested.
    """
    with pytest.raises(QueryError) as error:
        ids(person, attributes=attributes)
    assert error.value.field == "attributes"


def test_an_unknown_order_is_rejected(person):
    with pytest.raises(QueryError) as error:
        ids(person, order_by=["-service_date", "owner__password"])
    assert error.value.field == "order_by"


def test_a_query_for_one_item_ignores_the_other_fields(person, library):
    [item] = search(person, Query(trove_id=str(library[0].pk), tags_required=["sea"]), BASE)
    assert item.id == "snow"


@pytest.mark.parametrize("trove_id", ["0", "x", "-1", "9" * 19, "9" * 200, "٣", "1.0", "1e3"])
def test_an_invalid_id_matches_nothing(person, library, trove_id):
    assert ids(person, trove_id=trove_id) == []
    assert ids(person, identities_by_id=[trove_id]) == []


def test_a_page_after_the_last_is_empty(person, library):
    result = search(person, Query(page=10_000_000, count=500), BASE)
    assert (result.count, result.total_number_of_results) == (0, 3)


def test_services_and_identities(person, make_identity, library, index):
    """
    Unknown names match nothing; no names match everything (protocol, section 4.3).
    """
    smug = make_identity(service="smugmug")
    index(Photo(id="smug"), into=smug)
    assert ids(person, services=["smugmug"]) == ["smug"]
    assert ids(person, services=["nowhere"]) == []
    assert len(ids(person, services=["flickr", "smugmug"])) == 4
    assert ids(person, identities_by_id=[str(smug.pk), "x"]) == ["smug"]
    assert ids(person, identities_by_id=[str(smug.pk)], services=["flickr"]) == []
    assert ids(person, identities_by_id=[str(smug.pk)], services=["smugmug"]) == ["smug"]


def test_the_number_of_queries_is_constant(person, index, django_assert_num_queries):
    """
    Tags, page, version, total (unless it is cached).
    """
    index(*(Photo(id=str(number), tags=("a", "b")) for number in range(60)))
    for queries in (4, 3):
        with django_assert_num_queries(queries):
            assert len(ids(person, tags_required=["a", "b"], tags_optional=["a"], count=50)) == 50


def test_engine_has_a_column_for_each_field_of_the_protocol():
    assert set(ORDER_COLUMNS) == set(SORTABLE_FIELDS)
    assert set(ATTRIBUTE_COLUMNS) == set(ATTRIBUTE_NAMES)


def test_an_item_has_all_tags_of_a_long_list(ask, index):
    """
    The first tags are tested by joins, the others by one count.
    """
    names = [f"tag{number}" for number in range(30)]
    index(Photo(id="all", tags=(*names, "more")), *(
        Photo(id=name, tags=tuple(other for other in names if other != name)) for name in names
    ))  # fmt: skip
    for tags in (names, names[:4], ["more", *names[1:]], [name.upper() for name in names]):
        found = [photo["id"] for photo in ask(**{"tags-required": tags})["results"]]
        missing = {name for name in names if name.lower() not in {tag.lower() for tag in tags}}
        expected = {"all"} | (set() if "more" in tags else missing)
        assert set(found) == expected, tags
    for optional, expected in ((["none", "more"], ["all"]), (names, ["all"]), (["none"], [])):
        result = ask(**{"tags-required": names, "tags-optional": optional})
        assert [photo["id"] for photo in result["results"]] == expected
        assert result["total_number_of_results"] == len(expected)


@pytest.mark.parametrize("content_type", ["photos", "videos", "status", "checkins", "friends"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"order_by": ["nonsense"]}, "order_by"),
        ({"attributes": {"nonsense": 1}}, "attributes"),
        ({"count": 0}, "count"),
    ],
)
def test_queries_are_validated_for_each_type(make_token, application, content_type, query, field):
    caller = Caller(application, make_token(content_types=[content_type]))
    response = caller.post(f"/v1/oauth/{content_type}/", {"query": json.dumps(query)})
    assert (response.status_code, response.json()["field"]) == (400, field)


URL = "https://photos.example/1.jpg"


@pytest.mark.parametrize(
    ("fields", "original", "web_url"),
    [
        ({"urls": {"original": URL}}, URL, URL),
        ({"urls": {"original": URL}, "original_web_url": f"{URL}?page"}, URL, f"{URL}?page"),
        ({"urls": {"large": URL}}, URL, ""),
        ({"urls": {"large": URL}, "original_web_url": f"{URL}?page"}, URL, f"{URL}?page"),
        ({}, "", ""),
    ],
)
def test_original_urls_have_defaults(ask, index, fields, original, web_url):
    index(Photo(id="1", **fields))
    [record] = ask()["results"]
    assert (record["urls"]["original"], record["original_web_url"]) == (original, web_url)


def test_public_and_private_photos(person, index):
    index(Photo(id="public", public=True, tags=("x",)), Photo(id="private", tags=("x",)))
    for tags in ({}, {"tags_required": ["x"]}, {"tags_optional": ["x", "y"]}):
        assert ids(person, public=True, **tags) == ["public"]
        assert ids(person, public=False, **tags) == ["private"]
        assert len(ids(person, public=None, **tags)) == 2


def test_photos_of_albums(person, index):
    index(*(Photo(id=f"in {album}", album_id=album) for album in ("7", "8", "")))
    assert ids(person, albums=["7"]) == ["in 7"]
    assert sorted(ids(person, albums=["7", "8", "9"])) == ["in 7", "in 8"]
    assert ids(person, albums=["9"]) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("snow", True),
        ("SNOW will", True),
        ("will snow", True),
        ("snow summer", False),
        ("burg", False),
        ("cafe", True),
        ("cafÉ", True),
        ("都", True),
        ("100%", True),
        ("10_", True),
        ("%", False),
        ("'", False),
        (" ", True),
    ],
)
def test_words_in_title_and_description(person, index, text, found):
    index(Photo(id="snow", title="Snow in Williamsburg", description="100 Cafés in 京都, it's"))
    assert bool(ids(person, text=text)) is found


def test_words_of_a_changed_photo(person, index):
    index(Photo(id="1", title="snow"))
    index(Photo(id="1", title="sea"))
    assert (ids(person, text="snow"), ids(person, text="sea")) == ([], ["1"])


def test_only_the_first_words_of_a_long_description_are_indexed(person, index):
    index(Photo(id="1", description=" ".join(map(str, range(1_000_000, 1_200_000)))))
    assert ids(person, text="1000999") == ["1"]
    assert ids(person, text="1001000") == []


def test_photos_with_videos(person, index):
    index(
        Photo(id="old", date=utc("2001-01-01"), tags=("x",)),
        Video(id="video", date=utc("2002-01-01"), tags=("x",)),
        Photo(id="new", date=utc("2003-01-01")),
    )
    assert ids(person, videos=True) == ["new", "video", "old"]
    assert ids(person, videos=True, tags_required=["x"]) == ["video", "old"]
    assert ids(person, videos=True, count=1, page=2) == ["video"]
    result = search(person, Query(videos=True, count=1), BASE)
    assert result.total_number_of_results == 3
    assert isinstance(result.next_query and search(person, result.next_query, BASE)[0], Video)


def test_videos_that_are_not_granted_are_not_returned(make_token, application, index):
    index(Photo(id="photo"), Video(id="video"))
    for granted, types in ((["photos"], {"photo"}), (["photos", "videos"], {"photo", "video"})):
        caller = Caller(application, make_token(content_types=granted))
        form = {"query": json.dumps({"videos": True})}
        results = caller.post("/v1/oauth/photos/", form).json()["results"]
        assert {record["object_type"] for record in results} == types


def test_average_color_is_returned(person, index):
    index(Photo(id="1", average_color="#3f6e8c"), Photo(id="2"))
    assert {photo.id: photo.average_color for photo in search(person, Query(), "")} == {
        "1": "#3f6e8c",
        "2": "",
    }
