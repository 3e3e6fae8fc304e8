import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from fake_services import flickr as fake_flickr
from fake_services.base import serve
from fake_services.photos import make_photos

if sys.version_info < (3, 12):
    pytest.skip(
        "flickr-photos-api is not run: it wants Python 3.12. The leg on a newer Python runs it.",
        allow_module_level=True,
    )

import httpx
from authlib.integrations.httpx_client import OAuth1Client
from flickr_api import FlickrApi
from flickr_api.exceptions import (
    InvalidApiKey,
    ResourceNotFound,
    UnrecognisedFlickrApiException,
)

from django_trove.server.connectors.flickr.records import LICENSES


@pytest.fixture
def flickr():
    with serve(fake_flickr.Flickr(make_photos(30))) as fake:
        yield fake


@pytest.fixture
def use_fake(flickr):
    with ExitStack() as stack:

        def led(api):
            stack.enter_context(closing(api.client))
            api.client.base_url = httpx.URL(flickr.settings["API_URL"])
            return api

        yield led


@pytest.fixture
def with_key(use_fake):
    def make(key):
        return use_fake(FlickrApi.with_api_key(api_key=key, user_agent="tests"))

    return make


@pytest.fixture
def anybody(flickr, with_key):
    return with_key(flickr.KEY)


@pytest.fixture
def owner(flickr, use_fake):
    data = flickr.settings
    client = OAuth1Client(data["KEY"], data["SECRET"], redirect_uri="https://site.example/back/")
    client.fetch_request_token(data["REQUEST_TOKEN_URL"])
    url = client.create_authorization_url(data["AUTHORIZE_URL"], perms="read")
    fields = {**dict(parse_qsl(urlsplit(url).query)), "decision": "allow"}
    client.parse_authorization_response(httpx.post(url, data=fields).headers["location"])
    client.fetch_access_token(data["ACCESS_TOKEN_URL"])
    return use_fake(FlickrApi(client))


def test_flow_returns_a_valid_token(owner):
    user = owner.call(method="flickr.test.login").find("user")
    assert (user.attrib["id"], user.findtext("username")) == (
        fake_flickr.NSID,
        fake_flickr.USERNAME,
    )


def test_user_is_returned(anybody):
    person = anybody.get_user(user_id=fake_flickr.NSID)
    assert (person["username"], person["realname"]) == (fake_flickr.USERNAME, fake_flickr.FULL_NAME)
    assert (person["count_photos"], person["has_pro_account"]) == (30, False)
    assert person["photos_url"] == f"https://www.flickr.com/photos/{fake_flickr.NSID}/"
    with pytest.raises(ResourceNotFound):
        anybody.get_user(user_id="12345678901@N01")


def test_public_photos_are_returned(flickr, anybody):
    assert {photo.is_public for photo in flickr.photos} == {True, False}
    for shot in flickr.photos:
        name = fake_flickr.photo_id(shot)
        if not shot.is_public:
            with pytest.raises(ResourceNotFound):
                anybody.get_single_photo(photo_id=name)
            continue
        photo = anybody.get_single_photo(photo_id=name)
        assert (photo["title"], photo["tags"]) == (shot.title, shot.tags)
        assert photo["media"] == ("video" if shot.is_video else "photo")
        assert photo["date_taken"]["value"] == shot.taken.replace(tzinfo=None)
        assert photo["date_posted"] == shot.uploaded
        assert bool(photo["location"]) == bool(shot.place)
        assert photo["visibility"]["is_public"]
        assert photo["sizes"][-1]["label"] == "Original"


def test_license_is_known(flickr, anybody):
    shot = flickr.photos[3]
    photo = anybody.get_single_photo(photo_id=fake_flickr.photo_id(shot))
    data = photo["license"]
    assert LICENSES[shot.license] == f"{data['label']} {data['url']}"


def test_owner_gets_private_photos(flickr, owner):
    shot = next(shot for shot in flickr.photos if not shot.is_public)
    photo = owner.get_single_photo(photo_id=fake_flickr.photo_id(shot))
    assert (photo["title"], photo["visibility"]["is_public"]) == (shot.title, False)


def test_xml_listing_is_paginated(flickr, owner):
    asked = {"user_id": "me", "per_page": 20, "extras": "date_upload,media,url_o"}
    found = []
    for page in (1, 2):
        listing = owner.call(method="flickr.people.getPhotos", params={**asked, "page": page})
        assert listing.find("photos").attrib["pages"] == "2"
        found += listing.findall(".//photo")
    newest = reversed(flickr.photos)
    assert [photo.attrib["id"] for photo in found] == [
        fake_flickr.photo_id(shot) for shot in newest
    ]
    last = datetime.fromtimestamp(int(found[0].attrib["dateupload"]), UTC)
    assert last == flickr.photos[-1].uploaded


def test_errors_have_flickrs_format(flickr, anybody, with_key, owner):
    with pytest.raises(UnrecognisedFlickrApiException, match="99"):
        anybody.call(method="flickr.people.getPhotos", params={"user_id": "me"})
    with pytest.raises(UnrecognisedFlickrApiException, match="112"):
        owner.call(method="flickr.fakeMethod")
    with pytest.raises(InvalidApiKey, match="invalid format"):
        with_key("doesnotexist").get_user(user_id=fake_flickr.NSID)
    flickr.revoke_all()
    with pytest.raises(UnrecognisedFlickrApiException, match="98"):
        owner.call(method="flickr.test.login")


def test_unavailable_service_is_retried(flickr, anybody):
    words = "Sorry, the Flickr API service is not currently available."
    down = f'<rsp stat="fail"><err code="201" msg="{words}" /></rsp>'
    flickr.failures = [fake_flickr.Response(body=down, type="text/xml; charset=utf-8")]
    assert anybody.get_user(user_id=fake_flickr.NSID)["username"] == fake_flickr.USERNAME
