"""
The client and the server over HTTP, from the request token to an image.
"""

from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.core.management import call_command

from django_trove.client import pooled_session
from django_trove.client.api import TroveAPI
from django_trove.client.errors import AccessDenied, TokenRejected
from django_trove.client.query import Query
from django_trove.server.models import AccessToken

from .conftest import CALLBACK
from .images import draw, exif, xmp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trove(live_server, settings):
    settings.TROVE_SERVER = {"URL": live_server.url}
    return live_server.url


@pytest.fixture
def api(trove, application):
    with closing(pooled_session(trust_env=False)) as session:
        yield TroveAPI(
            application.key, application.secret, url=trove, callback=CALLBACK, session=session
        )


@pytest.fixture
def folder(person, tmp_path):
    folder = tmp_path / "pictures"
    draw(
        folder / "winter" / "snow.jpg",
        (640, 480),
        exif=exif("2007:03:04 22:08:12", "+01:00", gps=(40.71, -73.96)),
        xmp=xmp("Snow", "It snowed", ["snow", "Williamsburg"]),
    )
    draw(folder / "sea.png", format="PNG")
    call_command("trove_add_folder", "ada", str(folder), verbosity=0)
    return folder


def connect(api, browser):
    """
    Obtain an access token.
    """
    request_token = api.get_request_token()
    url = urlsplit(api.get_authorization_url(request_token))
    page = browser.get(f"{url.path}?{url.query}", headers={"host": url.netloc})
    assert b"Example site" in page.content
    response = browser.post(
        url.path,
        {"oauth_token": request_token.key, "decision": "allow", "content_types": "photos"},
        headers={"host": url.netloc},
    )
    parameters = dict(parse_qsl(urlsplit(response.url).query))
    assert response.url.startswith(CALLBACK)
    assert parameters["oauth_token"] == request_token.key
    api.access_token = api.get_access_token(request_token, parameters["oauth_verifier"])


def test_photos_and_images_of_an_authorized_site(api, browser, folder):
    connect(api, browser)
    result = api.get_photos()
    assert (result.count, result.total_number_of_results) == (2, 2)
    snow, sea = result
    assert (snow.title, snow.description, snow.tags) == (
        "Snow",
        "It snowed",
        ("snow", "Williamsburg"),
    )
    assert snow.date == datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)
    assert snow.location == pytest.approx((40.71, -73.96))
    assert (snow.width, snow.height, snow.album_id) == (640, 480, "winter")
    assert (sea.title, sea.date) == ("sea", None)
    for size, url in snow.urls.items():
        response = requests.get(url, timeout=5)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg"), size
    result = api.get_photos(
        Query(tags_required=["SNOW "], date_from=datetime(2007, 3, 4, 21, 8, 12))
    )
    assert [photo.title for photo in result] == ["Snow"]
    assert api.get_photo(snow.trove_id).title == "Snow"


def test_user_info_and_queries_by_identity(api, browser, folder):
    connect(api, browser)
    person = api.get_user_info()
    assert (person.name, person.email) == ("ada", "")
    [identity] = person.identities
    assert (identity.service, identity.name) == ("folder", "pictures")
    assert len(api.get_photos(Query(identities_by_id=[identity.id]))) == 2
    assert len(api.get_photos(Query(identities_by_id=["7777"]))) == 0


def test_a_revoked_token_is_rejected(api, browser, folder):
    connect(api, browser)
    AccessToken.objects.all().revoke()
    with pytest.raises(TokenRejected):
        api.get_photos()


def test_content_that_is_not_granted_is_rejected(api, browser):
    connect(api, browser)
    with pytest.raises(AccessDenied):
        api.get_content("videos")
