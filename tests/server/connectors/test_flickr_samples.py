from datetime import UTC, datetime

import pytest

from django_trove.client.content import Photo, Video
from django_trove.server.connectors.errors import Misconfigured, RetryLater, Revoked
from django_trove.server.connectors.flickr.connector import Flickr
from django_trove.server.connectors.flickr.methods import (
    RequestRejected,
    _error_for,
    _oauth_problem,
)
from django_trove.server.connectors.flickr.records import EXTRAS, LICENSES, parse_photo
from fake_services import flickr as fake_flickr
from fake_services.base import Response, serve
from fake_services.photos import make_photos

from ..conftest import put_photos
from .index import Index, connector_factory
from .sample_files import SAMPLES, as_json, body, interactions, load

PAGE_URL = "https://www.flickr.com/photos/"
CC = "https://creativecommons.org/licenses"


@pytest.fixture
def flickr():
    with serve(fake_flickr.Flickr(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def make(flickr):
    return connector_factory(Flickr, flickr)


def responses(name):
    return Response(body=body(f"flickr/{name}"), type="application/json")


def read(record):
    return parse_photo(record, PAGE_URL)


def test_listing_is_parsed(flickr, make):
    flickr.failures = [responses("ditto_people_getphotos.json")]
    index = Index(make.identity)
    assert index.run_process(1) is None
    public, _, private = (index.photos[name] for name in index.wrote)
    assert (public.id, public.title, public.public) == ("26816348539", "Padeka fititoni", True)
    assert (private.id, private.title, private.public) == (
        "67200337123",
        "Muko papapa the sebi",
        False,
    )
    assert private.original_web_url == f"{PAGE_URL}25409429657@N01/67200337123/"
    assert (private.date, private.license, private.location, private.tags) == (None, "", None, ())
    assert not index.batches[0].failures


def test_listing_continues_on_the_next_page(flickr, make):
    flickr.failures = [responses("flickrex_fixture_photos.json")]
    page = next(make().batches({}, make.known))
    assert (page.total, page.seen) == (1270, ("666626140", "438384218"))
    assert (page.cursor["phase"], page.cursor["page"]) == ("photos", 2)


EXTRA = {
    "50549592640": {
        "title": "Lasunorap (érekig) • 7347",
        "description": "Lasunorap (Neton, Nobupu) -\n\nL'érekig Sutom-Vavaku.",
        "owner": "fobuvanelat",
        "date": datetime(2011, 11, 5, 15, 3, 30, tzinfo=UTC),
        "size": (3087, 3973),
        "tags": (),
    },
    "46311251417": {
        "title": "Gogepemen Finadif Moge @vubimubelefedu #vukosedo #vifomuriparugo",
        "description": "Po mup dukatukitum rumikavede rirenan nema kifos nofudanitu kimob gavunup "
        "the suk moso and vavol tu Rega Bufu Nerifu.",
        "owner": "Foredi Legudomo",
        "date": datetime(2020, 2, 10, 9, 38, 16, tzinfo=UTC),
        "size": (6000, 4000),
        "tags": ("nanis", "kevoli", "foredi", "rumikavede", "durerafim", "vifomuriparugo"),
    },
    "96575236530": {
        "title": "2012-MIK-150",
        "description": "2012 Bigomol Vopupudama",
        "owner": "Givipo Vopupudama",
        "date": None,  # Flickr doesn't know it, and tells the upload's instead
        "size": (2560, 1440),
        "tags": (),
    },
}


def test_extras_are_parsed():
    listing = load("flickr/openverse_photos_search_extras.json")["photos"]["photo"]
    found = {photo.id: photo for photo in map(read, listing)}
    assert list(found) == list(EXTRA)
    for name, photo in found.items():
        assert {
            "title": photo.title,
            "description": photo.description,
            "owner": photo.owner,
            "date": photo.date,
            "size": (photo.width, photo.height),
            "tags": photo.tags,
        } == EXTRA[name]
        assert photo.license == f"CC BY-NC-SA 2.0 {CC}/by-nc-sa/2.0/"
        assert photo.urls["thumbnail"].endswith("_t.jpg")
        assert photo.urls["large"].endswith("_b.jpg")
        assert photo.urls.original == photo.urls["large"]  # a free account's


def test_recorded_listing_is_parsed():
    *_, listing, licenses = interactions("test_get_public_photos_by_user")
    records = as_json(listing["body"])["photos"]["photo"]
    photos = [read(record) for record in records]
    assert len(photos) == len({photo.id for photo in photos}) == 10
    first = photos[0]
    assert (first.id, first.title, first.owner) == ("51888016810", "Guvaf loseb", "Sopatu")
    assert first.date == datetime(2024, 4, 7, 16, 9, 1, tzinfo=UTC)
    assert (first.width, first.height, first.location) == (4032, 3024, None)
    assert first.upload_date is not None
    assert first.sizes["original"] == (4032, 3024)
    assert first.license == "All rights reserved"
    assert first.original_web_url == f"{PAGE_URL}sopatu/51888016810/"  # by the alias
    assert first.urls["original"].endswith("_6065e6a8b7_o.jpg")
    assert all(isinstance(photo, Photo) and photo.public for photo in photos)
    assert "licenses" in as_json(licenses["body"])


def test_albums_and_their_members_are_parsed(flickr, make):
    flickr.failures = [
        responses("ditto_photosets_getlist.json"),
        responses("ditto_photosets_getphotos.json"),
    ]
    sets = load("flickr/ditto_photosets_getlist.json")["photosets"]["photoset"]
    first = min(item["id"] for item in sets)
    state = {"phase": "albums", "whole": True, "since": 0, "started": 1, "full": 1, "page": 1}
    inside = load("flickr/ditto_photosets_getphotos.json")["photoset"]["photo"]
    assert len(inside) == 5
    put_photos(make.identity, *(Photo(service="flickr", id=item["id"]) for item in inside))
    index = Index(make.identity)
    index.cursor = state | {"total": 5}
    index.run_sync()
    assert {name for name, album in index.albums.items() if album == first} == {
        item["id"] for item in inside
    }


def test_unchanged_album_is_not_requested(flickr, make):
    flickr.failures = [responses("ditto_photosets_getlist.json")]
    since = 1459180923  # when the one that changed last did
    state = {"phase": "albums", "whole": False, "since": since, "started": 1, "full": 1, "page": 1}
    asked = len(flickr.request_paths)
    list(make().batches(state | {"total": 5}, make.known))
    assert len(flickr.request_paths) - asked == 2


SIZES = {
    "ditto_photos_getsizes.json": ((12000, 9290), "n", "z", "b", "o"),
    "ditto_photos_getsizes_video.json": ((1280, 720), "n", "z", "b", "o"),
    "flickrex_fixture_sizes.json": ((5081, 3380), "n", "z", "b", "o"),
}


def with_sizes(listed):
    record = {"id": "1"}
    for size in listed:
        letter = size["url"].rstrip("/").rpartition("/")[2]
        if "/sizes/" in size["url"]:
            record |= {f"url_{letter}": size["source"], f"width_{letter}": size["width"]}
            record |= {f"height_{letter}": size["height"]}
    return record


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_mapped(name):
    dimensions, *endings = SIZES[name]
    photo = read(with_sizes(load(f"flickr/{name}")["sizes"]["size"]))
    assert (photo.width, photo.height) == dimensions
    for size, ending in zip(("thumbnail", "medium", "large", "original"), endings, strict=True):
        assert photo.urls[size].endswith(f"_{ending}.jpg")


RECORDED = {
    "TestGetSinglePhoto.test_gets_location_for_photo": (
        "Nefo Sokid, Loriladu",
        Photo,
        f"CC BY 2.0 {CC}/by/2.0/",
        (6000, 4000),
    ),
    "TestGetSinglePhoto.test_it_can_get_a_video": (
        "Lebedep Purov Filupo, 360°",
        Video,
        "All rights reserved",
        (640, 480),
    ),
    "TestGetSinglePhoto.test_sets_granularity_on_date_taken": (
        "Bidofenus sepepadebub",
        Photo,
        "No known copyright restrictions https://www.flickr.com/commons/usage/",
        (750, 599),
    ),
    "test_retries_error_code_201": (
        "Mufev Binoka",
        Photo,
        "United States Government Work https://www.usa.gov/government-copyright",
        (5172, 3145),
    ),
    "test_retries_invalid_xml_error": (
        "Mufev Binoka",
        Photo,
        "United States Government Work https://www.usa.gov/government-copyright",
        (5172, 3145),
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_photo_is_parsed(name):
    title, kind, license_, dimensions = RECORDED[name]
    found = {}
    for item in interactions(name):
        if item["body"].startswith("<?xml"):
            found |= as_json(item["body"])
    photo = read(found["photo"])
    assert (type(photo), photo.title, photo.license) == (kind, title, license_)
    assert "<" not in photo.description
    sized = read(with_sizes(found["sizes"]["size"]))
    assert (sized.width, sized.height) == dimensions
    assert set(sized.urls) >= {"thumbnail", "medium", "original"}


def test_all_licenses_are_known():
    (response,) = interactions("TestLicenseMethods.test_get_licenses")
    listed = as_json(response["body"])["licenses"]["license"]
    assert {int(item["id"]) for item in listed} == set(LICENSES)
    for item in listed[1:]:  # the first one's link is to a page of help
        assert LICENSES[int(item["id"])] == f"{item['name']} {item['url']}"


ERRORS = {
    "TestGetSinglePhotoSizes.test_non_existent_photo_is_error_1_": RequestRejected,
    "TestPrivatePhotos.test_get_private_photo_is_error": RequestRejected,
    "TestGetUser.test_get_deleted_user_id": Revoked,
    "test_an_unrecognised_error_is_generic_exception": Revoked,
    "TestPostComment.test_throws_if_not_allowed_to_post_comment": Revoked,
    "test_it_throws_if_bad_auth": Misconfigured,
    "test_retries_error_code_201": RetryLater,
}


@pytest.mark.parametrize("name", ERRORS)
def test_recorded_error_is_mapped(name):
    code = as_json(interactions(name)[0]["body"])["err"]["code"]
    assert type(_error_for(int(code))) is ERRORS[name]


def test_wrong_signature_is_a_misconfiguration_without_details():
    (response,) = interactions("TestPostComment.test_throws_if_invalid_oauth_signature")
    assert response["status"] == 401
    failure = _oauth_problem(response["body"])
    assert type(failure) is Misconfigured
    assert "oauth" not in failure.reason


FLAWED = {
    "flickrex_fixture_fail.json": RequestRejected,
    "flickrex_fixture_null.json": RetryLater,
    "flickrex_fixture_error.xml": RetryLater,  # no JSON at all
    "flickrex_fixture_fail.xml": RetryLater,
}


@pytest.mark.parametrize("name", FLAWED)
def test_response_without_a_listing_is_retried_later(flickr, make, name):
    flickr.failures = [responses(name)]
    with pytest.raises(FLAWED[name]) as caught:
        list(make().batches({}, make.known))
    assert type(caught.value) is FLAWED[name]


def test_invalid_json_is_retried_later(flickr, make):
    flickr.failures = [Response(body=interactions("test_retries_invalid_xml_error")[0]["body"])]
    with pytest.raises(RetryLater):
        list(make().batches({}, make.known))


def methods():
    return sorted((SAMPLES / "flickr").glob("methodinfo_*.json"))


def described(path):
    return load(f"flickr/{path.name}")


@pytest.mark.parametrize("path", methods(), ids=lambda path: path.stem)
def test_documented_errors_are_mapped(path):
    expected = {"98": Revoked, "99": Revoked, "100": Misconfigured, "105": RetryLater}
    errors = {str(item["code"]): item for item in described(path)["errors"]["error"]}
    assert expected.keys() & errors.keys() >= {"100", "105"}
    for code in expected.keys() & errors.keys():
        assert type(_error_for(int(code))) is expected[code]


def test_only_documented_parameters_are_sent(flickr, make):
    documented = {
        described(path)["method"]["name"]: {
            item["name"] for item in described(path)["arguments"]["argument"]
        }
        for path in methods()
    }
    asked = {}
    called = flickr._call_method

    def noted(request, data):
        mine = {name for name in data if not name.startswith("oauth_")}
        asked.setdefault(data["method"], set()).update(mine)
        return called(request, data)

    flickr._call_method = noted
    index = Index()
    index.run_sync(make)
    index.run_sync(make)
    assert set(asked) == {
        "flickr.people.getPhotos",
        "flickr.photos.getNotInSet",
        "flickr.photos.recentlyUpdated",
        "flickr.photosets.getList",
        "flickr.photosets.getPhotos",
    }
    for method, names in asked.items():
        assert names - {"method", "format", "nojsoncallback"} <= documented[method] | {"page"}


STOOD_IN = {
    "ditto_test_login.json": {"method": "flickr.test.login"},
    "flickrex_fixture_user.json": {"method": "flickr.test.login"},
    "ditto_people_getinfo.json": {"method": "flickr.people.getInfo", "user_id": fake_flickr.NSID},
    "ditto_people_getphotos.json": {"method": "flickr.people.getPhotos", "user_id": "me"},
    "ditto_photos_getinfo.json": {"method": "flickr.photos.getInfo", "photo_id": "50000000001"},
    "ditto_photosets_getlist.json": {"method": "flickr.photosets.getList"},
    "ditto_photosets_getphotos.json": {
        "method": "flickr.photosets.getPhotos",
        "photoset_id": fake_flickr.set_id("Summer"),
    },
    "openverse_photos_search_extras.json": {"method": "flickr.photos.search", "extras": EXTRAS},
}


EXTRA_NAMES = {
    *("lastupdate", "pathalias", "machine_tags", "media", "media_status", "total"),
    *("latitude", "longitude", "accuracy", "context", "stat"),
    *("url_o", "width_o", "height_o"),
    *(f"{what}_{size}" for size in fake_flickr.SIZES for what in ("url", "width", "height")),
}


def names(value):
    if isinstance(value, list):
        return set().union(*map(names, value))
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(names, value.values()))


@pytest.mark.parametrize("name", STOOD_IN)
def test_fake_service_sends_only_flickrs_fields(flickr, make, name):
    data = {"format": "json", "nojsoncallback": 1, **STOOD_IN[name]}
    response = make().session().get(flickr.settings["API_URL"], params=data, timeout=10).json()
    assert response["stat"] == "ok"
    options = EXTRA_NAMES if "extras" in data else set()
    assert names(response) <= names(load(f"flickr/{name}")) | options
