from datetime import UTC, date, datetime

import pytest

from django_trove.client.content import Photo, Video
from django_trove.server.connectors.errors import Revoked, ServiceFailed
from django_trove.server.connectors.facebook.connector import Facebook
from django_trove.server.connectors.facebook.errors import RequestRejected, error_for
from django_trove.server.connectors.facebook.records import parse_expiry, parse_photo, parse_video
from fake_services import facebook as fake_facebook
from fake_services.base import Response, serve
from fake_services.photos import make_photos

from .index import Index, authorize, connector_factory
from .sample_files import body, load

FILES = "https://www.facebook.com/GadufulabipIdoremorur"


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(3))) as fake:
        yield fake


@pytest.fixture
def make(facebook):
    return connector_factory(Facebook, facebook)


def responses(name):
    return Response(body=body(f"facebook/{name}"), type="application/json")


def sample(name):
    return load(f"facebook/{name}.json")


def test_photo_is_parsed():
    photo = parse_photo(sample("pyfb_model_photo"))
    assert photo == Photo(
        service="facebook",
        id="52505640548111771",
        owner="Facebook fob Nukofegutu",
        urls=photo.urls,
        album_id="529521835083",
        album_title="Mivivis Digolito",
        upload_date=datetime(2021, 5, 20, 19, 17, 41, tzinfo=UTC),
        sizes={
            "thumbnail": (225, 225),
            "medium": (600, 600),
            "large": (1369, 1369),
            "original": (1369, 1369),
        },
        width=1369,
        height=1369,
        original_web_url=f"{FILES}/photos/a.529521835083/52505640548111771/?type=3",
    )
    by_url = {item["source"]: item["width"] for item in sample("pyfb_model_photo")["images"]}
    widths = {size: by_url[url] for size, url in photo.urls.items()}
    assert widths == {"thumbnail": 225, "medium": 600, "large": 1369, "original": 1369}
    ends = {datetime.fromtimestamp(parse_expiry(url), UTC).date() for url in photo.urls.values()}
    assert ends == {date(2021, 7, 23), date(2021, 7, 24)}  # days after it was asked for


def test_generated_description_is_the_default():
    record = {"id": "1", "alt_text": "May be an image of 2 people and outdoors"}
    assert parse_photo(record).description == record["alt_text"]
    assert parse_photo({**record, "name": "Us"}).description == "Us"
    assert sample("pyfb_model_photo")["alt_text"] == "No photo description available."


def test_old_photo_is_parsed():
    photo = parse_photo(sample("granary_photo"))
    assert (photo.id, photo.owner, photo.date) == ("222", "Kemu Pedopod", None)
    assert photo.description.startswith("Tufanok ti ro mane")
    assert set(photo.urls.values()) == {sample("granary_photo")["images"][0]["source"]}


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("pyfb_photo_info_default", ""),
        ("pyfb_photo_info_fields", f"{FILES}/photos/a.529521835083/52505640548111771/?type=3"),
    ],
)
def test_sparse_photo_is_parsed(name, page):
    photo = parse_photo(sample(name))
    assert (photo.id, photo.original_web_url) == ("52505640548111771", page)
    assert (photo.public, photo.date, dict(photo.urls)) == (False, None, {})


def test_video_is_parsed():
    data = sample("pyfb_model_video")
    video = parse_video(data)
    assert video == Video(
        service="facebook",
        id="3454562877413129",
        title="fOrag Pebedid Dekob",
        description=data["description"],
        owner="Facebook fob Nukofegutu",
        urls=video.urls,
        width=1280,
        height=1280,
        public=True,
        original_web_url=f"{FILES}/videos/3454562877413129/",
        duration=12.891,
        upload_date=datetime(2021, 6, 30, 21, 19, 7, tzinfo=UTC),
        sizes={
            "thumbnail": (480, 480),
            "medium": (720, 720),
            "large": (1280, 1280),
            "original": (1280, 1280),
        },
    )
    sides = {item["picture"]: item["height"] for item in data["format"]}
    assert {size: sides[url] for size, url in video.urls.items()} == {
        "thumbnail": 480,
        "medium": 720,
        "large": 1280,
        "original": 1280,
    }


def test_video_without_a_web_page_is_parsed():
    video = parse_video(sample("pyfb_video_info_fields"))
    assert (video.id, video.original_web_url) == ("3454562877413129", "")
    assert video.description.startswith("After goraku")


def test_all_pages_of_a_listing_are_parsed(facebook, make):
    facebook.failures = [
        responses("pyfb_token_info.json"),  # no list of permissions
    ]
    with pytest.raises(Revoked):
        list(make().batches({}, make.known))
    permissions = None
    facebook.failures = [
        permissions,
        responses("pyfb_photos_p1.json"),
        responses("pyfb_photos_p2.json"),
        responses("pyfb_videos_p1.json"),
        responses("pyfb_videos_p2.json"),
    ]
    index = Index()
    index.run_sync(make)
    records = [item for page in ("p1", "p2") for item in sample(f"pyfb_photos_{page}")["data"]]
    videos = [item for page in ("p1", "p2") for item in sample(f"pyfb_videos_{page}")["data"]]
    assert index.wrote == [item["id"] for item in [*records, *videos]]
    assert facebook.failures == []
    for item in records:
        assert index.photos[item["id"]].original_web_url == item["link"]
    for item in videos:
        video = index.photos[item["id"]]
        assert (video.title, video.duration) == (item["title"], item["length"])
        assert video.description == item["description"].strip()


@pytest.mark.parametrize(
    "name",
    ["pyfb_albums_list_p1", "pyfb_albums_list_p2", "pyfb_feed_fields_p1"],
)
def test_page_of_another_edge_is_parsed(facebook, make, name):
    facebook.failures = [None, responses(f"{name}.json"), Response(body='{"data": []}')]
    page = next(iter(make().batches({}, make.known)))
    assert page.seen == tuple(item["id"] for item in sample(name)["data"])
    assert not page.failures
    paging = sample(name)["paging"]
    assert bool(page.cursor["page"]) == ("next" in paging)  # a feed is paged by time


PLACED = {
    "granary_post_with_place": (37.7281937175, -122.4933642359),
    "granary_page": None,  # a page's own place isn't a photo's
    "granary_share": None,
    "granary_fb_link": None,
    "granary_fb_note": None,
}


@pytest.mark.parametrize("name", PLACED)
def test_location_is_parsed(name):
    record = sample(name)
    photo = parse_photo(record)
    assert (photo.id, photo.location) == (record["id"], PLACED[name])
    assert photo.owner == record.get("from", {}).get("name", "")


ALBUMS = {
    "granary_album": True,
    "pyfb_model_album": False,
    "pyfb_album_info_fields": False,
}


@pytest.mark.parametrize("name", ALBUMS)
def test_album_privacy_applies_to_photos(name):
    album = sample(name)
    photo = parse_photo({"id": "1", "album": album})
    assert (photo.album_id, photo.public) == (album["id"], ALBUMS[name])


def test_privacy_object_is_parsed():
    for record in sample("granary_comments"):
        assert not parse_video(record).public
        assert parse_video({**record, "privacy": {"value": "EVERYONE"}}).public


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("pyfb_user", ("4", "Laba Filakafigo", "https://www.facebook.com/4")),
        ("granary_user", ("352086", "Kemu Pedopod", "http://www.facebook.com/makatop.org")),
    ],
)
def test_account_is_parsed(facebook, name, who):
    facebook.failures = [None, responses(f"{name}.json")]
    authorization = authorize(Facebook, facebook)
    assert (authorization.service_id, authorization.name, authorization.url) == who


def test_long_lived_token_is_parsed(facebook, make):
    service = make()
    called = []
    service.call = lambda *args, **options: called.append(args) or service.answer
    service.answer = _Answered(body("facebook/pyfb_long_term_token.json"))
    token = service.exchange_token({"access_token": "old", "scope": ["x"]})
    assert (token["access_token"], token["scope"]) == ("token", ["x"])
    assert token["expires_at"] - token["got"] == 5_184_000


class _Answered:
    status_code, ok, headers = 200, True, {}

    def __init__(self, text):
        self.content = text.encode()


@pytest.mark.parametrize("name", ["pyfb_error", "pyfb_error_data"])
def test_rejected_request_is_mapped(facebook, make, name):
    assert type(error_for(sample(name)["error"], 400)) is RequestRejected
    facebook.failures = [Response(status=400, body=body(f"facebook/{name}.json"))]
    with pytest.raises(ServiceFailed) as caught:
        list(make().batches({}, make.known))
    assert "Page Public" not in caught.value.reason
