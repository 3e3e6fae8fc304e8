"""
The fake Trove and the real one return equal results.
"""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import HealthCheck, given, settings
from msgspec import structs
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from django_trove.client import (
    Album,
    CallError,
    Checkin,
    Friend,
    NotGranted,
    Photo,
    Query,
    QueryError,
    Status,
    Token,
    TroveAPI,
    TroveError,
    Video,
)
from django_trove.client.values import UNKNOWN_PLACE, Urls
from django_trove.server.local import LocalTrove
from django_trove.server.models import AccessToken, Application, Identity
from django_trove.server.places.gazetteer import find_place
from django_trove.testing import FakeTrove
from tests.server.conftest import put_photos
from tests.server.search.reference import build_photo, libraries_with_queries, utc

pytestmark = pytest.mark.django_db

KEYS = ("key", "secret")
URL = "https://trove.example"
SERVICES = ("flickr", "folder", "google", "facebook")
CONTENT_TYPES = ["photos", "videos", "status", "checkins", "friends"]


class InProcessAdapter(HTTPAdapter):
    """
    Sends the requests of a session to the views of this project.
    """

    def send(self, request, *args, **kwargs):
        response = Client().generic(
            request.method,
            request.path_url,
            request.body or b"",
            content_type=_text(request.headers.get("Content-Type", "")),
            secure=True,
            headers={"authorization": _text(request.headers["Authorization"])},
            HTTP_HOST="trove.example",
        )
        raw = HTTPResponse(
            io.BytesIO(response.content),
            response.headers,
            response.status_code,
            preload_content=False,
        )
        return self.build_response(request, raw)


def _text(header):
    return header.decode() if isinstance(header, bytes) else header


class TrovePair:
    """
    A user with the same photos at a fake Trove and at a real one.
    """

    def __init__(self, person, api):
        self.person, self.real, self.local = person, api, LocalTrove(person)
        self.identities = {}
        self.reset()

    def reset(self):
        Identity.objects.all().delete()
        self.fake = FakeTrove()
        token = self.fake.connect(self.person).token
        self.faked = TroveAPI(
            *KEYS, access_token=token, url=self.fake.url, session=self.fake.session
        )
        for name in SERVICES:
            real = Identity.objects.create(
                user=self.person, service=name, service_id="1", name=name
            )
            self.identities[name] = (self.fake.add_identity(self.person, name), real)

    def add(self, number, service, **fields):
        values = {"id": str(number), "urls": make_urls(number), "public": False} | fields
        self.add_item(build_photo(values | {"service": service}))

    def add_item(self, item):
        fake, real = self.identities[item.service]
        if isinstance(item, Photo):
            place = (item.location and find_place(item.location)) or UNKNOWN_PLACE
            item = structs.replace(item, original_web_url=item.urls.original, place=place)
        put_photos(real, item)
        self.fake.add(self.person, item, fake)

    def revoke_types(self, *remaining):
        """
        Limit the grants of both Troves to some content types.
        """
        AccessToken.objects.update(content_types=remaining)
        for token in self.fake._adapter.access_tokens.values():
            token.content_types = remaining

    def query_all(self, query, by_identity="", content_type="photos"):
        """
        Return the results of the fake Trove, the real one over HTTP, and the real one in process.
        """
        results = []
        for index, api in enumerate((self.faked, self.real, self.local)):
            own_query = query
            if by_identity:
                identity = self.identities[by_identity][min(index, 1)]
                own_query = replace(query, identities_by_id=[str(getattr(identity, "id", ""))])
            results.append(_call(api, own_query, content_type))
        return results


def make_urls(number):
    return Urls({"original": f"https://photos.example/{number}.jpg"})


def _call(api, query, content_type="photos"):
    try:
        result = api.get_content(content_type, query)
    except TroveError as error:
        return type(error), error.detail, getattr(error, "field", "")
    fields = (result.count, result.page, result.more, bool(result.after), result.has_next)
    return fields, result.total_number_of_results, [_without_trove_id(photo) for photo in result]


def _without_trove_id(photo):
    """
    Return the photo without its Trove id, which differs.
    """
    return structs.replace(photo, trove_id="")


@pytest.fixture
def troves(db, settings):
    unlimited = dict.fromkeys(("application", "token", "address"))
    settings.TROVE = settings.TROVE | {"CONTENT_TYPES": CONTENT_TYPES}
    settings.TROVE_SERVER = settings.TROVE_SERVER | {
        "RATE_LIMITS": unlimited,
        "CONTENT_TYPES": CONTENT_TYPES,
    }
    person = get_user_model().objects.create_user("ann")
    application = Application.objects.register("Site", callbacks=["https://site.example/"])
    token = AccessToken.objects.create(
        key="access", secret="secret", user=person, application=application,
        content_types=CONTENT_TYPES,
    )  # fmt: skip
    session = Session()
    session.mount("https://", InProcessAdapter())
    with closing(session):
        yield TrovePair(
            person,
            TroveAPI(
                application.key,
                application.secret,
                access_token=Token(token.key, token.secret),
                url=URL,
                session=session,
                retries=0,
            ),
        )


WRONG = [
    Query(order_by=["colour"]),
    Query(attributes={"colour": "red"}),
    Query(attributes={"public": "yes"}),
    Query(attributes={"title": True}),
    Query(after="nonsense"),
    Query(after="1.1", order_by=["width"]),
]
SCENARIOS = [
    Query(),
    Query(count=2),
    Query(count=2, page=2),
    Query(count=2, page=7),
    Query(tags_required=["SNOW "]),
    Query(tags_required=["snow", "sea"]),
    Query(tags_optional=["sea", "ice"]),
    Query(services=["flickr"]),
    Query(services=[]),
    Query(services=["nowhere"]),
    Query(identities_by_id=["7777777"]),
    Query(identities_by_id=["no number"]),
    Query(date_from=utc("2007-03-04")),
    Query(date_to=utc("2007-03-04")),
    Query(day_from=date(2007, 3, 4)),
    Query(day_to=date(2007, 3, 3)),
    Query(on_this_day=date(2026, 3, 4)),
    Query(on_this_day=date(2026, 3, 2), days_around=2),
    Query(on_this_day=date(2007, 3, 4), days_around=31),
    Query().near((40.7, -73.95), 5),
    Query().within((40.0, 170.0), (41.0, -73.0)),
    Query(order_by=["width", "-service"]),
    Query(order_by=["date"], count=2),
    Query(attributes={"album_id": "7"}),
    Query(public=True),
    Query(public=False),
    Query(albums=["7", "8"]),
    Query(text="s"),
    Query(text="sea 1oo"),
    Query(text=" \t"),
    Query(text="!"),
    Query(place="Williamsburg, new york"),
    Query(place="UNITED STATES", public=False),
    Query(place="nowhere"),
    Query(place="!"),
    Query(videos=True),
    Query(videos=True, order_by=["width"], count=3),
    Query(videos=True, tags_required=["sea"], text="wave"),
    Query(trove_id="999999"),
    Query(trove_id="no number"),
    *WRONG,
]


@pytest.fixture
def filled_troves(troves):
    troves.add(
        1,
        "flickr",
        title="Snow",
        tags=("snow", "Sea"),
        date=utc("2007-03-04"),
        width=2,
        utc_offset=-60,
    )
    troves.add(2, "flickr", title="Ice", tags=("ice",), latitude=40.7, longitude=-73.95)
    troves.add(3, "google", title="Sea", tags=("sea",), date=utc("2009-01-01"), album_id="7")
    troves.add(4, "folder", date=utc("2007-03-04"), public=True, height=3)
    troves.add(5, "folder", title="Waves", tags=("sea",), is_video=True, duration=2.5, public=True)
    return troves


def test_results_are_equal(filled_troves):
    for query in SCENARIOS:
        fake, real, local = filled_troves.query_all(query)
        assert fake == real == local, query


@pytest.mark.parametrize("service", SERVICES)
def test_photos_of_identity_are_equal(filled_troves, service):
    fake, real, local = filled_troves.query_all(Query(), by_identity=service)
    assert fake == real == local


OTHERS = [
    Status(id="1", service="facebook", owner="ann", message="Snow again", public=True,
           service_date=utc("2007-03-04"), type="link", original_web_url="https://f.example/1",
           subfields={"name": "Sea", "caption": "c", "description": "Ice"},
           place={"name": "Kyoto"}, geolocation={"coordinates": [40.7, -73.95]}),
    Status(id="2", service="google", owner="bob", message="Sea", service_date=utc("2009-01-01")),
    Status(id="3", service="facebook", owner="ann", message="Undated"),
    Checkin(id="1", service="facebook", owner="ann", shout="Snow!", venue={"name": "Sea Café"},
            service_date=utc("2007-03-04"), latitude=40.7, longitude=-73.95),
    Checkin(id="2", service="google", owner="ann", description="ice", public=True,
            service_date=utc("2009-01-01"), venue={"name": "Hall", "city": "Kyoto"}),
    Friend(id="1", service="flickr", name="Bob Snow", url="https://flickr.example/bob"),
    Friend(id="2", service="facebook", name="Sea", avatar_url="https://f.example/sea.jpg"),
]  # fmt: skip
QUERIES_OF_OTHERS = [
    *SCENARIOS,
    Query(order_by=["-service", "trove_id"]),
    Query(attributes={"owner": "ann"}),
    Query(attributes={"title": "Sea Café"}),
    Query(attributes={"title": "Sea"}),
    Query(attributes={"title": ""}),
    Query(attributes={"id": "1"}),
    Query(attributes={"public": False}),
    Query(attributes={"album_id": ""}),
    Query(services=["facebook"], text="sea"),
    Query(text="ice"),
    Query(text="snow cafe"),
]


@pytest.mark.parametrize("content_type", ["status", "checkins", "friends"])
def test_results_of_other_types_are_equal(filled_troves, content_type):
    for item in OTHERS:
        filled_troves.add_item(item)
    for query in QUERIES_OF_OTHERS:
        fake, real, local = filled_troves.query_all(query, content_type=content_type)
        assert fake == real == local, query


@pytest.mark.parametrize("name", ["albums", "timeline", "places"])
@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(public=True),
        Query(public=False),
        Query(services=["google"]),
        Query(count=1),
        Query(count=1, page=2),
        Query(albums=["7"]),
        Query(text="snow"),
        Query(order_by=["date"]),
    ],
    ids=range(9),
)
def test_collections_are_equal(filled_troves, name, query):
    for number, album in enumerate(("7", "8", "8"), 10):
        filled_troves.add(
            number,
            "flickr",
            album_id=album,
            album_title=f"Album {album}",
            date=utc(f"2007-0{number - 6}-01"),
            utc_offset=-60,
            is_video=number == 10,
            public=number == 11,
            latitude=40.7 if number < 12 else 43.733,
            longitude=-73.95 if number < 12 else 7.417,
        )
    fake, real, local = filled_troves.query_all(query, content_type=name)
    assert _without_identities(fake) == _without_identities(real) == _without_identities(local)


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(zoom=0),
        Query(zoom=12),
        Query(zoom=24, videos=True),
        Query(zoom=3, public=True, videos=True),
        Query(zoom=3, services=["google"]),
        Query(zoom=3, text="ice"),
        Query(zoom=3, place="New York"),
        Query(zoom=12).within((40.0, -75.0), (41.0, -73.0)),
        Query(zoom=3).within((40.0, 170.0), (41.0, -73.0)),
        Query(count=3),
        Query(order_by=["width"]),
        Query(trove_id="3"),
    ],
    ids=range(13),
)
def test_clusters_are_equal(filled_troves, query):
    locations = ((40.7, -73.95), (40.71, -73.96), (0.0, 180.0), (49.61, 6.13))
    for number, (latitude, longitude) in enumerate(locations, 10):
        filled_troves.add(
            number,
            "flickr" if number % 2 else "google",
            latitude=latitude,
            longitude=longitude,
            is_video=number == 11,
            public=number == 13,
        )
    fake, real, local = filled_troves.query_all(query, content_type="clusters")
    assert _round_clusters(fake) == _round_clusters(real) == _round_clusters(local)


def _round_clusters(answer):
    """
    Return the answer without the photos of clusters with several, which may be any of these, and
    without the boxes, which may be larger than necessary.
    """
    *others, clusters = answer
    if not isinstance(clusters, list):
        return answer
    return *others, [
        structs.replace(
            cluster,
            latitude=round(cluster.latitude, 5),
            longitude=round(cluster.longitude, 5),
            box=(0, 0, 0, 0),
            photo=_without_trove_id(cluster.photo) if cluster.count == 1 else None,
        )
        for cluster in clusters
    ]


def _without_identities(answer):
    """
    Return the answer without the ids of accounts, which differ.
    """
    *others, items = answer
    if not isinstance(items, list):
        return answer
    return *others, [
        structs.replace(item, identity="", cover=_without_trove_id(item.cover))
        if isinstance(item, Album)
        else item
        for item in items
    ]


def test_videos_are_equal(filled_troves):
    fake, real, local = filled_troves.query_all(Query(), content_type="videos")
    assert fake == real == local
    assert [type(video) for video in fake[2]] == [Video]


def test_types_that_are_not_granted_are_equal(filled_troves):
    filled_troves.revoke_types("photos")
    for content_type in CONTENT_TYPES:
        fake, real = filled_troves.query_all(Query(), content_type=content_type)[:2]
        assert fake == real
        assert (fake[0] is NotGranted) == (content_type != "photos")
    fake, real = filled_troves.query_all(Query(videos=True))[:2]
    assert fake == real
    assert {type(photo) for photo in fake[2]} == {Photo}


PUSHED = {
    "photos": [Photo(id="1", urls=make_urls(1)), Photo(id="1", title="2", urls=make_urls(1)),
               Photo(id="2"), Photo(id="", urls=make_urls(1)), Friend(id="1", name="Bob")],
    "videos": [Video(id="1", urls=make_urls(1), duration=3), Photo(id="2", urls=make_urls(1))],
    "status": [Status(id="1", message="Snow"), Status(id="1", message="Sea"), Checkin(id="2")],
    "checkins": [Checkin(id="1", venue={"name": "Hall"}), Friend(id="2", name="Bob")],
    "friends": [Friend(id="1", name="Bob"), Friend(id="2", name=" "), Status(id="3")],
}  # fmt: skip


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_pushes_are_equal(troves, content_type):
    for _ in range(2):
        items = PUSHED[content_type]
        pushed = [api.push(content_type, "7", items) for api in (troves.faked, troves.real)]
        assert pushed[0] == pushed[1]
        results = troves.query_all(Query(), content_type=content_type)
        fake, real, local = ([(type(item), item.id) for item in result[2]] for result in results)
        assert fake == real == local


@pytest.mark.parametrize(
    ("content_type", "user_id", "error"),
    [("recipes", "7", CallError), ("photos", "", QueryError), ("friends", "7", NotGranted)],
)
def test_errors_of_pushes_are_equal(troves, content_type, user_id, error):
    troves.revoke_types("photos")
    for api in (troves.faked, troves.real):
        with pytest.raises(error):
            api.push(content_type, user_id, [])


def test_user_info_is_equal(filled_troves):
    people = [api.get_user_info() for api in (filled_troves.faked, filled_troves.real)]
    assert people[0].name == people[1].name
    services = [sorted(identity.service for identity in person.identities) for person in people]
    assert services[0] == services[1]


def test_blank_tags_are_ignored(troves):
    troves.add(1, "flickr", tags=("", " ", "snow"))
    fake, real, local = troves.query_all(Query())
    assert fake == real == local
    assert troves.local.get_photo(troves.local.get_photos(Query())[0].trove_id).tags == ("snow",)


def test_iteration_is_equal(filled_troves):
    walks = [
        [photo.id for photo in api.iter_photos(Query(count=1))]
        for api in (filled_troves.faked, filled_troves.real, filled_troves.local)
    ]
    assert walks == [["3", "4", "1", "2"]] * 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(libraries_with_queries(5))
def test_results_of_any_query_on_any_library_are_equal(troves, library_and_query):
    library, query = library_and_query
    query.identities_by_id = []  # the ids of the Troves differ
    troves.reset()
    for number, photo in enumerate(library):
        troves.add(number, **photo)
    fake, real, local = troves.query_all(query)
    assert fake == real == local
