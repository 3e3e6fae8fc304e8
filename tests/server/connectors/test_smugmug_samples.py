from datetime import UTC, datetime

import pytest
from msgspec import structs

from django_trove.client.content import Photo
from django_trove.client.values import Camera
from django_trove.server.connectors.authorization import Credentials
from django_trove.server.connectors.errors import RetryLater
from django_trove.server.connectors.smugmug.connector import SmugMug
from django_trove.server.connectors.smugmug.records import is_public_album, parse_photo
from fake_services import smugmug as fake_smugmug
from fake_services.base import Response, serve
from fake_services.photos import make_photos

from .index import connector_factory
from .sample_files import body, load

PHOTOS = "https://photos.smugmug.com/photos"


@pytest.fixture
def smugmug():
    with serve(fake_smugmug.SmugMug(make_photos(10))) as fake:
        yield fake


@pytest.fixture
def make(smugmug):
    return connector_factory(SmugMug, smugmug)


def responses(name):
    return Response(body=body(f"smugmug/{name}"), type="application/json")


def test_all_pages_of_an_album_are_parsed(smugmug, make):
    smugmug.failures = [
        responses("bzimmer_album_search_marmot_page_1.json"),
        Response(body='{"Code": 200, "Response": {}}'),  # the list of albums ends here
        responses("bzimmer_album_images_DULiVa_page_1.json"),
    ]
    page = next(iter(make().batches({}, make.known)))
    listed = load("smugmug/bzimmer_album_images_DULiVa_page_1.json")["Response"]["AlbumImage"]
    assert page.seen == tuple(item["ImageKey"] for item in listed)
    assert len(page.items) == 30
    assert not page.failures
    assert page.total == sum(
        album["ImageCount"]
        for album in load("smugmug/bzimmer_album_search_marmot_page_1.json")["Response"]["Album"]
    )
    first = page.items[0].content
    assert first == Photo(
        service="smugmug",
        id="hH92x9W",
        title="6X5P8101.JPG",
        owner="Ada Lovelace",
        urls=first.urls,
        width=3474,
        height=2779,
        upload_date=datetime(2019, 7, 9, 16, 34, 35, tzinfo=UTC),
        media_type="image/jpeg",
        original_web_url="https://www.gemorada.example/Vasutar/Dasugo/i-hH92x9W",
    )
    assert dict(first.urls) == {"thumbnail": f"{PHOTOS}/i-hH92x9W/0/Th/i-hH92x9W-Th.jpg"}
    assert first.location is None  # the texts "0.00000000000000" are no place


def test_last_page_has_no_next_page(smugmug, make):
    smugmug.failures = [
        responses("bzimmer_album_TB4JP5.json"),  # one album is no list of them
        Response(body='{"Code": 200, "Response": {}}'),
    ]
    assert [page.seen for page in make().batches({}, make.known)] == [()]
    images = load("smugmug/bzimmer_album_images_DULiVa_page_2.json")["Response"]
    photos = [parse_photo(image, None, "Ada", public=False) for image in images["AlbumImage"]]
    assert [photo.id for photo in photos] == ["yZqS4Uf", "KTGJZ7j", "BUfoLeN", "EfHCF18"]
    assert [(photo.width, photo.height) for photo in photos][:2] == [(3356, 2593), (2188, 1691)]
    assert not any(photo.public for photo in photos)
    assert "NextPage" not in images["Pages"]


IMAGES = {
    "bzimmer_image_BWjU609_metadata.json": Photo(
        service="smugmug",
        id="BWjU609",
        title="IMG_7058_vese.JPG",
        owner="Ada",
        tags=("7058", "vese"),
        date=datetime(2019, 8, 4, 11, 28, 12, tzinfo=UTC),  # the camera's clock, and not 18:28
        width=4032,
        height=3024,
        public=True,
        original_web_url="https://photos.roton.example/Kevovenube/2019/"
        "2019-08-04-Vidu-the-Fakepaveg/n-dX9jgC/i-BWjU609",
        latitude=47.973777777778,
        longitude=-123.48731944444,
        upload_date=datetime(2020, 9, 22, 15, 32, 36, tzinfo=UTC),
        media_type="image/jpeg",
        camera=Camera(
            make="Apple",
            model="iPhone X",
            lens="iPhone X back dual camera 4mm f/1.8",
            exposure_time=1 / 3040,
            aperture=1.8,
            iso=20,
            focal_length=4,
        ),
    ),
    "bzimmer_image_F9zTTx0-0.json": Photo(
        service="smugmug",
        id="F9zTTx0",
        title="P72X5245-L248-4998-4Y4S-4666J58S408H_vese.JPG",
        owner="Ada",
        width=4032,
        height=3024,
        public=True,
        original_web_url="https://photos.roton.example/Kevovenube/2020/"
        "2020-08-25-Fodisute-Vabu/n-w2wMh9/i-F9zTTx0",
        latitude=46.442708333333,
        longitude=-121.77849444444,
        upload_date=datetime(2020, 9, 6, 1, 34, 49, tzinfo=UTC),
        media_type="image/jpeg",
    ),
    "bzimmer_image_vNXtC8C-0_expansions.json": Photo(
        service="smugmug",
        id="vNXtC8C",
        title="dakeram--7.jpg",
        owner="Ada",
        tags=("dakeram",),
        width=4000,
        height=2667,
        public=True,
        upload_date=datetime(2020, 6, 1, 3, 11, 34, tzinfo=UTC),
        media_type="image/jpeg",
        sizes={"thumbnail": (400, 267), "medium": (600, 400), "large": (1024, 683)},
    ),
    "tommyblue_mock_albumimages_1.json": Photo(
        service="smugmug",
        id="iTsf4K3",
        title="somePhoto.jpg",
        owner="Ada",
        public=True,
        upload_date=datetime(2024, 1, 5, 20, 4, 39, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("name", IMAGES)
def test_image_is_parsed(name):
    data = load(f"smugmug/{name}")
    image = data["Response"].get("Image") or data["Response"]["AlbumImage"][0]
    photo = parse_photo(image, data.get("Expansions"), "Ada", public=True)
    assert structs.replace(photo, urls=IMAGES[name].urls) == IMAGES[name]


def test_size_expansion_is_parsed():
    data = load("smugmug/bzimmer_image_vNXtC8C-0_expansions.json")
    photo = parse_photo(data["Response"]["Image"], data["Expansions"], "Ada", public=True)
    assert dict(photo.urls) == {
        "thumbnail": f"{PHOTOS}/i-vNXtC8C/0/S/i-vNXtC8C-S.jpg",
        "medium": f"{PHOTOS}/i-vNXtC8C/0/M/i-vNXtC8C-M.jpg",
        "large": f"{PHOTOS}/i-vNXtC8C/0/XL/i-vNXtC8C-XL.jpg",
        "original": f"{PHOTOS}/i-vNXtC8C/0/4K/i-vNXtC8C-4K.jpg",
    }


def test_archived_file_is_the_original():
    data = load("smugmug/bzimmer_image_BWjU609_metadata.json")
    image = data["Response"]["Image"]
    photo = parse_photo(image, data["Expansions"], "Ada", public=True)
    assert photo.urls["original"] == image["ArchivedUri"]


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("bzimmer_user_fema.json", ("fema", "Temus TokElasus (Tekog)", "https://fema.smugmug.com")),
        (
            "bzimmer_user_fema_no_expansion.json",
            ("fema", "Temus TokElasus (Tekog)", "https://fema.smugmug.com"),
        ),
        ("tommyblue_mock_authuser.json", ("myUser", "myUser", "")),
    ],
)
def test_account_is_parsed(smugmug, name, who):
    smugmug.failures = [responses(name)]
    service = SmugMug({}, Credentials(smugmug.settings))
    authorization = service.get_authorization({"oauth_token": "x", "oauth_token_secret": "y"})
    assert (authorization.service_id, authorization.name, authorization.url) == who


def test_account_without_a_name_is_retried_later(smugmug):
    smugmug.failures = [responses("tommyblue_mock_user.json")]
    with pytest.raises(RetryLater):
        SmugMug({}, Credentials(smugmug.settings)).get_authorization(
            {"oauth_token": "x", "oauth_token_secret": ""}
        )


@pytest.mark.parametrize(
    "name",
    [
        "bzimmer_image_995AnN3_delete.json",  # an answer without anything in it
        "tommyblue_mock_useralbums_1.json",  # an album that has no key
        "bzimmer_node_ym5Yb.json",
    ],
)
def test_response_without_albums_is_an_empty_account(smugmug, make, name):
    smugmug.failures = [responses(name)]
    (page,) = make().batches({}, make.known)
    assert (page.seen, page.total, page.full) == ((), 0, True)


@pytest.mark.parametrize(
    "name",
    [
        "bzimmer_node_children_ym5Yb_page_1.json",
        "bzimmer_node_children_ym5Yb_page_2.json",
        "bzimmer_node_children_ym5Yb_albums_page_2.json",
        "bzimmer_node_ym5Yb.json",
    ],
)
def test_node_contains_effective_privacy(name):
    nodes = load(f"smugmug/{name}")["Response"]["Node"]
    assert nodes
    for node in nodes if isinstance(nodes, list) else [nodes]:
        album = {"Privacy": "Public", "SecurityType": "None", "Node": node}
        assert is_public_album(album)
        assert not is_public_album({**album, "Node": {**node, "EffectivePrivacy": "Unlisted"}})
        assert not is_public_album({**album, "Node": {**node, "EffectiveSecurityType": "Password"}})


def test_album_is_private_by_default():
    for name in ("bzimmer_album_8DrJkd_expansions.json", "bzimmer_album_TB4JP5.json"):
        assert not is_public_album(load(f"smugmug/{name}")["Response"]["Album"])


def test_node_expansion_is_found(smugmug, make):
    data = load("smugmug/bzimmer_album_8DrJkd_expansions.json")
    listing = {**data, "Response": {"Album": [data["Response"]["Album"]]}}
    smugmug.failures = [lambda request: fake_smugmug.json_response(listing)]
    (album,) = make()._albums()
    assert album["Node"]["NodeID"] == "pM792z"
