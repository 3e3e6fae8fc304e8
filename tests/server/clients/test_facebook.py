from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pyfacebook import FacebookError, GraphAPI

from django_trove.server.connectors.facebook.connector import Facebook
from fake_services import facebook as fake_facebook
from fake_services.base import serve
from fake_services.photos import make_photos

from ..connectors.index import authorize

FIELDS = "id,name,created_time,images,place{name,location},album{id,name}"


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(90))) as fake:
        yield fake


@pytest.fixture
def make(facebook):
    facebook.options = {"CONTENT_TYPES": ("photos", "videos", "status", "friends")}
    token = authorize(Facebook, facebook).token["access_token"]

    def client(**options):
        known = {"app_id": facebook.CLIENT_ID, "app_secret": facebook.CLIENT_SECRET}
        where = {"base_url": f"{facebook.url}/", "version": "v24.0"}
        return GraphAPI(**{"access_token": token, **known, **where, **options})

    return client


@pytest.fixture
def api(make):
    return make()


def photos_of(facebook):
    newest = sorted(facebook.photos, key=lambda shot: shot.uploaded, reverse=True)
    return [fake_facebook.photo_id(shot) for shot in newest if not shot.is_video]


def test_token_owner_is_returned(api):
    assert api.get_object("me", fields="id,name") == fake_facebook.USER


def test_pagination_continues_after_an_empty_page(facebook, api):
    asked = {"type": "uploaded", "fields": FIELDS}
    found = api.get_full_connections("me", "photos", count=None, limit=10, **asked)
    assert [photo["id"] for photo in found["data"]] == photos_of(facebook)
    assert {"images", "name", "created_time"} <= found["data"][0].keys()


def test_pagination_works_with_the_user_id(facebook, api):
    asked = {"type": "uploaded", "fields": "id"}
    who = fake_facebook.USER["id"]
    for edge, count in (("photos", 81), ("videos", 9)):
        found = api.get_full_connections(who, edge, count=None, limit=10, **asked)
        assert len(found["data"]) == count


def test_photo_and_picture_are_returned(facebook, api):
    shot = facebook.photos[0]
    photo = api.get_object(fake_facebook.photo_id(shot), fields="id,name,images,height,width")
    assert (photo["width"], photo["height"]) == (shot.width, shot.height)
    picture = requests.get(photo["images"][0]["source"], timeout=10)
    assert picture.headers["content-type"] == "image/jpeg"


def test_default_fields_are_few(facebook, api):
    found = api.get_connection("me", "photos", type="uploaded")
    assert found["data"][0].keys() == {"id", "name", "created_time"}
    assert len(found["data"]) == 25


def test_permissions_and_token_are_returned(facebook, make, api):
    rows = api.get_connection("me", "permissions")["data"]
    assert {row["permission"] for row in rows} >= {"user_photos", "user_videos"}
    app = f"{facebook.CLIENT_ID}|{facebook.CLIENT_SECRET}"
    data = make(access_token=app).get("debug_token", {"input_token": api.access_token})
    assert data["data"]["is_valid"]
    assert "user_photos" in data["data"]["scopes"]


def test_appsecret_proof_is_accepted(make):
    with pytest.raises(FacebookError) as caught:
        make(app_secret=None).get_object("me")
    assert caught.value.code == 100
    with pytest.raises(FacebookError) as caught:
        make(app_secret="wrong").get_object("me")
    assert caught.value.code == 100


def test_usage_header_is_parsed(facebook, make):
    facebook.call_count = 28
    api = make(sleep_on_rate_limit=False)
    api.get_object("me")
    assert api.rate_limit.get_limit().call_count == 28


def test_errors_have_facebooks_format(facebook, api):
    facebook.failures = [facebook.rate_limit_response()]
    with pytest.raises(FacebookError) as caught:
        api.get_object("me")
    assert caught.value.code == 4
    facebook.revoke_all()
    with pytest.raises(FacebookError) as caught:
        api.get_object("me")
    assert (caught.value.code, caught.value.error_subcode) == (190, 458)


def test_permissions_are_revoked(facebook, api):
    assert facebook.provider.grants
    assert api.delete_object("me", "permissions") == {"success": True}
    assert not facebook.provider.grants


def test_posts_are_paged_by_time(facebook, api):
    asked = {"fields": "id,message,created_time,place"}
    found = api.get_full_connections("me", "posts", count=None, limit=7, **asked)
    newest = sorted(facebook.posts, key=lambda post: post.created, reverse=True)
    assert [post["id"] for post in found["data"]] == [post.id for post in newest]
    first = api.get_connection("me", "posts", limit=7, **asked)
    assert {"until", "__paging_token"} <= parse_qs(urlsplit(first["paging"]["next"]).query).keys()


def test_friends_are_returned(facebook, api):
    found = api.get_connection("me", "friends", fields="id,name,picture{url}")
    assert [friend["name"] for friend in found["data"]] == [f.name for f in facebook.friends]
    assert found["data"][0]["picture"]["data"]["url"].startswith(facebook.url)


def test_lists_are_empty_without_the_permission(facebook, make):
    api = make()
    for grant in facebook.provider.grants.values():
        grant.scopes = ["public_profile"]
    assert api.get_connection("me", "posts")["data"] == []
    assert api.get_connection("me", "friends")["data"] == []
