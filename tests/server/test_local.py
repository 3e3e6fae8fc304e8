from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from django_trove.client import CallError, NotConnected, NotFound, Photo, Token, pooled_session
from django_trove.client.api import TroveAPI
from django_trove.client.content import Urls
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.server.local import LocalTrove
from django_trove.server.models import AddLink

from .images import draw

pytestmark = pytest.mark.django_db(transaction=True)

TAKEN = datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)


@pytest.fixture
def photos(index, make_identity, make_person):
    def photo(n, **fields):
        address = f"https://photos.example/{n}.jpg"
        return Photo(
            id=str(n),
            title=f"Photo {n}",
            date=TAKEN + timedelta(days=n) if n % 5 else None,
            tags=("Snow", "ice") if n % 2 else ("sea",),
            urls=Urls({"original": address}),
            original_web_url=address,
            public=bool(n % 3),
            **fields,
        )

    index(*[photo(n, latitude=40.0 + n / 100, longitude=-74.0) for n in range(8)])
    index(*[photo(n) for n in range(8, 12)], into=make_identity(service="picasa"))
    index(photo(99), into=make_identity(user=make_person("bob")))


@pytest.fixture
def over_http(live_server, settings, tmp_path, make_token, application):
    settings.TROVE_SERVER = {"URL": live_server.url, "FOLDER_ROOT": tmp_path}
    token = make_token(share_email=True)
    with closing(pooled_session(trust_env=False)) as session:
        yield TroveAPI(
            application.key,
            application.secret,
            access_token=Token(token.key, token.secret),
            url=live_server.url,
            session=session,
        )


@pytest.fixture
def here(person, photos):
    return LocalTrove(person)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"count": 5},
        {"count": 5, "page": 3},
        {"count": 5, "page": 9},
        {"tags_required": ["SNOW"], "tags_optional": ["ice", "unheard of"]},
        {"tags_required": ["unheard of"]},
        {"services": ["picasa"], "order_by": ["service_date"]},
        {"services": []},
        {"date_from": TAKEN, "date_to": TAKEN + timedelta(days=6)},
        {"geo_near_center": (40.0, -74.0), "geo_near_radius": 3},
        {"attributes": {"public": True}, "order_by": ["-trove_id"]},
        {"force_update": True},
    ],
)
def test_results_equal_those_over_http(here, over_http, asked):
    query = Query(**asked)
    assert here.get_photos(query) == over_http.get_photos(query)


def test_default_query_returns_newest_photos(here, over_http):
    response = here.get_photos()
    assert response == over_http.get_photos()
    assert response.count == 12


def test_pages_and_single_photos_are_returned(here, over_http):
    query = Query(count=5)
    photos = list(here.iter_photos(query))
    assert photos == list(over_http.iter_photos(query))
    assert len(photos) == 12
    assert [here.get_photo(photo.trove_id) for photo in photos] == photos


def test_media_urls_equal_those_over_http(over_http, person, tmp_path):
    from django.core.management import call_command

    draw(tmp_path / "ada" / "sea.jpg")
    call_command("trove_add_folder", "ada", str(tmp_path / "ada"), verbosity=0)
    response = LocalTrove(person).get_photos()
    assert response == over_http.get_photos()
    assert response[0].urls.original.startswith(over_http.web_url)


def test_profile_and_services_are_returned(here, over_http):
    assert here.get_user_info() == over_http.get_user_info()
    assert here.get_services() == over_http.get_services() != {}


def test_unsupported_content_types_are_empty(here, over_http, make_token, application):
    videos = here.get_content("videos")
    assert (len(videos), videos.has_next) == (0, False)
    with pytest.raises(CallError):
        here.get_content("letters")


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"order_by": ["colour"]}, "order_by"), ({"attributes": {"colour": "red"}}, "attributes")],
)
def test_invalid_query_raises_the_same_error(here, over_http, asked, field):
    for way in (here, over_http):
        with pytest.raises(QueryError) as caught:
            way.get_photos(Query(**asked))
        assert caught.value.field == field


def test_photo_of_another_user_is_not_found(here, over_http, make_person):
    from django.contrib.auth import get_user_model

    bob = get_user_model().objects.get(username="bob")
    [theirs] = LocalTrove(bob).get_photos()
    for way in (here, over_http):
        for trove_id in (theirs.trove_id, "0", "none such"):
            with pytest.raises(NotFound):
                way.get_photo(trove_id)
        with pytest.raises(CallError):
            way.get_photo("")


def test_inactive_user_is_rejected(here, person):
    person.is_active = False
    for nobody in (LocalTrove(person), LocalTrove(AnonymousUser()), LocalTrove(None)):
        assert not nobody.connected
        for call in (nobody.get_photos, nobody.get_user_info, nobody.get_services):
            with pytest.raises(NotConnected):
                call()


def test_user_with_an_identity_is_connected(here, make_person):
    assert here.connected
    assert not LocalTrove(make_person("eve")).connected


@pytest.fixture
def adding(person, settings, tmp_path):
    settings.TROVE_SERVER = {"URL": "https://trove.example", "FOLDER_ROOT": tmp_path}
    return LocalTrove(person).get_url_for_service


def test_link_adds_a_service_once_and_redirects(adding, browser, tmp_path):
    draw(tmp_path / "ada" / "sea" / "sea.jpg")
    url = adding("folder", "/gallery/")
    assert url.startswith("https://trove.example/add/")
    assert browser.post(url, {"folder": "sea"}, secure=True).url == "/gallery/"
    assert browser.post(url, {"folder": "sea"}, secure=True).status_code == 400


def test_unavailable_service_cannot_be_added(adding):
    with pytest.raises(CallError):
        adding("flickr")
    assert not AddLink.objects.exists()


@pytest.mark.parametrize("back", ["", "/a/", "https://site.example/a/", "http://testserver:8/"])
def test_redirect_url_may_be_on_own_hosts(adding, back):
    adding("folder", back)
    assert AddLink.objects.get().redirect_url == back


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://evil.example\\@site.example/",
        "javascript:alert(1)",
        "http://[",
        "///evil.example",
    ],
)
def test_redirect_url_on_other_hosts_is_rejected(adding, back):
    with pytest.raises(QueryError) as caught:
        adding("folder", back)
    assert caught.value.field == "redirect_url"


def test_connecting_and_pushing_are_not_supported(here):
    for call in (here.get_request_token, lambda: here.push_photos("1", [])):
        with pytest.raises(CallError):
            call()
