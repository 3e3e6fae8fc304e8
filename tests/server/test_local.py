"""
The in-process backend has the same results and errors as the client over HTTP.
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from django_trove.client import (
    CallError,
    NotConnected,
    NotFound,
    NotGranted,
    Photo,
    Token,
    pooled_session,
)
from django_trove.client.api import TroveAPI
from django_trove.client.content import Checkin, Friend, Status
from django_trove.client.errors import QueryError
from django_trove.client.query import Query
from django_trove.client.values import Urls
from django_trove.server.local import LocalTrove
from django_trove.server.models import AccessToken, AddLink, GrantedFolder

from .images import draw

pytestmark = pytest.mark.django_db(transaction=True)

TAKEN = datetime(2007, 3, 4, 21, 8, 12, tzinfo=UTC)


@pytest.fixture
def photos(index, make_identity, make_person):
    """
    Twelve photos of the user at two services, and one of another user.
    """

    def photo(n, **fields):
        url = f"https://photos.example/{n}.jpg"
        return Photo(
            id=str(n),
            title=f"Photo {n}",
            date=TAKEN + timedelta(days=n) if n % 5 else None,
            tags=("Snow", "ice") if n % 2 else ("sea",),
            urls=Urls({"original": url}),
            original_web_url=url,
            public=bool(n % 3),
            **fields,
        )

    index(*[photo(n, latitude=40.0 + n / 100, longitude=-74.0) for n in range(8)])
    index(*[photo(n) for n in range(8, 12)], into=make_identity(service="picasa"))
    index(photo(99), into=make_identity(user=make_person("bob")))


@pytest.fixture
def remote(live_server, settings, tmp_path, make_token, application):
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
def local(person, photos):
    return LocalTrove(person)


@pytest.mark.parametrize(
    "fields",
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
def test_results_are_those_of_the_signed_way(local, remote, fields):
    query = Query(**fields)
    assert local.get_photos(query) == remote.get_photos(query)


def test_no_query_is_the_newest(local, remote):
    result = local.get_photos()
    assert result == remote.get_photos()
    assert result.count == 12


def test_every_page_and_each_photo(local, remote):
    query = Query(count=5)
    photos = list(local.iter_photos(query))
    assert photos == list(remote.iter_photos(query))
    assert len(photos) == 12
    assert [local.get_photo(photo.trove_id) for photo in photos] == photos


def test_media_urls_are_equal(remote, person, tmp_path):
    from django.core.management import call_command

    draw(tmp_path / "ada" / "sea.jpg")
    call_command("trove_add_folder", "ada", str(tmp_path / "ada"), verbosity=0)
    result = LocalTrove(person).get_photos()
    assert result == remote.get_photos()
    assert result[0].urls.original.startswith(remote.web_url)


def test_user_info_and_services(local, remote):
    assert local.get_user_info() == remote.get_user_info()
    assert local.get_services() == remote.get_services() != {}


def test_statuses_checkins_and_friends_are_the_same(local, remote, index, settings, person):
    index(Status(id="1", message="Hello"), Checkin(id="1", shout="Here"), Friend(id="1", name="G"))
    types = ["photos", "videos", "status", "checkins", "friends"]
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "CONTENT_TYPES": types}
    AccessToken.objects.update(content_types=types)
    for content_type in types[2:]:
        result = local.get_content(content_type)
        assert len(result) == 1
        assert result == remote.get_content(content_type)
    assert LocalTrove(person).content_types == tuple(types)


def test_a_type_that_is_not_offered_is_not_granted(local, remote):
    assert local.content_types == ("photos", "videos")
    for trove in (local, remote):
        with pytest.raises(NotGranted) as caught:
            trove.get_content("friends")
        assert caught.value.content_type == "friends"


def test_other_content_types_are_empty(local, remote, make_token, application):
    videos = local.get_content("videos")
    assert (len(videos), videos.has_next) == (0, False)
    with pytest.raises(CallError):
        local.get_content("letters")


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"order_by": ["colour"]}, "order_by"), ({"attributes": {"colour": "red"}}, "attributes")],
)
def test_an_invalid_query_has_the_same_error(local, remote, fields, field):
    for trove in (local, remote):
        with pytest.raises(QueryError) as caught:
            trove.get_photos(Query(**fields))
        assert caught.value.field == field


def test_another_users_photo_is_not_found(local, remote, make_person):
    from django.contrib.auth import get_user_model

    bob = get_user_model().objects.get(username="bob")
    [photo] = LocalTrove(bob).get_photos()
    for trove in (local, remote):
        for trove_id in (photo.trove_id, "0", "none such"):
            with pytest.raises(NotFound):
                trove.get_photo(trove_id)
        with pytest.raises(CallError):
            trove.get_photo("")


def test_a_user_without_a_trove_is_not_connected(local, person):
    person.is_active = False
    for trove in (LocalTrove(person), LocalTrove(AnonymousUser()), LocalTrove(None)):
        assert not trove.connected
        for call in (trove.get_photos, trove.get_user_info, trove.get_services):
            with pytest.raises(NotConnected):
                call()


def test_a_user_with_a_service_is_connected(local, make_person):
    assert local.connected
    assert not LocalTrove(make_person("eve")).connected


@pytest.fixture
def get_url(person, settings, tmp_path):
    settings.TROVE_SERVER = {"URL": "https://trove.example", "FOLDER_ROOT": tmp_path}
    GrantedFolder.objects.create(user=person, path="ada")
    return LocalTrove(person).get_url_for_service


def test_a_link_adds_a_service_once_and_redirects(get_url, browser, tmp_path):
    draw(tmp_path / "ada" / "sea" / "sea.jpg")
    url = get_url("folder", "/gallery/")
    assert url.startswith("https://trove.example/add/")
    assert browser.post(url, {"folder": "sea"}, secure=True).url == "/gallery/"
    assert browser.post(url, {"folder": "sea"}, secure=True).status_code == 400


def test_an_unavailable_service_cannot_be_added(get_url):
    with pytest.raises(CallError):
        get_url("flickr")
    assert not AddLink.objects.exists()


@pytest.mark.parametrize(
    "redirect_url", ["", "/a/", "https://site.example/a/", "http://testserver:8/"]
)
def test_the_redirect_url_may_be_on_a_host_of_the_project(get_url, redirect_url):
    get_url("folder", redirect_url)
    assert AddLink.objects.get().redirect_url == redirect_url


@pytest.mark.parametrize(
    "redirect_url",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://evil.example\\@site.example/",
        "javascript:alert(1)",
        "http://[",
        "///evil.example",
    ],
)
def test_other_redirect_urls_are_rejected(get_url, redirect_url):
    with pytest.raises(QueryError) as caught:
        get_url("folder", redirect_url)
    assert caught.value.field == "redirect_url"


def test_methods_without_a_meaning_in_process(local):
    for call in (local.get_request_token, lambda: local.push_photos("1", [])):
        with pytest.raises(CallError):
            call()
