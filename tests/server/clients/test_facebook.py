"""
`python-facebook-api` against the fake Facebook: its calls for data, its paging and its own
`appsecret_proof`. Its flow is requests-oauthlib's, which is ours as well, so that ours is taken.
"""

import pytest
import requests
from pyfacebook import FacebookError, GraphAPI

from django_trove.server.connectors.facebook.connector import Facebook
from fake_services import facebook as fake_facebook
from fake_services.base import serve
from fake_services.photos import make_photos

from ..connectors.batches import leave

FIELDS = "id,name,created_time,images,place{name,location},album{id,name}"


@pytest.fixture
def facebook():
    with serve(fake_facebook.Facebook(make_photos(90))) as fake:
        yield fake


@pytest.fixture
def make(facebook):
    """
    Return what makes it a client, with the person's token.
    """
    token = leave(Facebook, facebook).token["access_token"]

    def client(**more):
        known = {"app_id": facebook.CLIENT_ID, "app_secret": facebook.CLIENT_SECRET}
        where = {"base_url": f"{facebook.url}/", "version": "v24.0"}
        return GraphAPI(**{"access_token": token, **known, **where, **more})

    return client


@pytest.fixture
def api(make):
    return make()


def photos_of(facebook):
    newest = sorted(facebook.photos, key=lambda shot: shot.uploaded, reverse=True)
    return [fake_facebook.photo_id(shot) for shot in newest if not shot.is_video]


def test_it_knows_whose_token_it_is(api):
    assert api.get_object("me", fields="id,name") == fake_facebook.USER


def test_it_walks_through_everything_though_a_page_is_empty(facebook, api):
    asked = {"type": "uploaded", "fields": FIELDS}
    found = api.get_full_connections("me", "photos", count=None, limit=10, **asked)
    assert [photo["id"] for photo in found["data"]] == photos_of(facebook)
    assert {"images", "name", "created_time"} <= found["data"][0].keys()


def test_it_walks_by_the_persons_own_id_too(facebook, api):
    asked = {"type": "uploaded", "fields": "id"}
    who = fake_facebook.USER["id"]
    for edge, count in (("photos", 81), ("videos", 9)):
        found = api.get_full_connections(who, edge, count=None, limit=10, **asked)
        assert len(found["data"]) == count


def test_it_reads_one_photo_and_its_picture(facebook, api):
    shot = facebook.photos[0]
    photo = api.get_object(fake_facebook.photo_id(shot), fields="id,name,images,height,width")
    assert (photo["width"], photo["height"]) == (shot.width, shot.height)
    picture = requests.get(photo["images"][0]["source"], timeout=10)
    assert picture.headers["content-type"] == "image/jpeg"


def test_without_fields_little_is_told(facebook, api):
    found = api.get_connection("me", "photos", type="uploaded")
    assert found["data"][0].keys() == {"id", "name", "created_time"}
    assert len(found["data"]) == 25


def test_it_lists_what_was_allowed_and_looks_into_the_token(facebook, make, api):
    rows = api.get_connection("me", "permissions")["data"]
    assert {row["permission"] for row in rows} >= {"user_photos", "user_videos"}
    app = f"{facebook.CLIENT_ID}|{facebook.CLIENT_SECRET}"
    said = make(access_token=app).get("debug_token", {"input_token": api.access_token})
    assert said["data"]["is_valid"]
    assert "user_photos" in said["data"]["scopes"]


def test_its_proof_is_what_the_fake_service_wants(make):
    with pytest.raises(FacebookError) as caught:
        make(app_secret=None).get_object("me")
    assert caught.value.code == 100
    with pytest.raises(FacebookError) as caught:
        make(app_secret="wrong").get_object("me")
    assert caught.value.code == 100


def test_it_reads_how_much_is_used(facebook, make):
    facebook.call_count = 28
    api = make(sleep_on_rate_limit=False)
    api.get_object("me")
    assert api.rate_limit.get_limit().call_count == 28


def test_its_errors_are_the_services(facebook, api):
    facebook.failures = [facebook.rate_limit_response()]
    with pytest.raises(FacebookError) as caught:
        api.get_object("me")
    assert caught.value.code == 4
    facebook.revoke_all()
    with pytest.raises(FacebookError) as caught:
        api.get_object("me")
    assert (caught.value.code, caught.value.error_subcode) == (190, 458)


def test_it_takes_the_leave_back(facebook, api):
    assert facebook.provider.grants
    assert api.delete_object("me", "permissions") == {"success": True}
    assert not facebook.provider.grants
