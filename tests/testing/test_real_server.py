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

from django_trove.client import Photo, Query, Token, TroveAPI, TroveError
from django_trove.client.content import Urls
from django_trove.server.local import LocalTrove
from django_trove.server.models import AccessToken, Application, Identity
from django_trove.testing import FakeTrove
from tests.server.conftest import put_photos
from tests.server.search.reference import libraries_with_queries, utc

pytestmark = pytest.mark.django_db

KEYS = ("key", "secret")
URL = "https://trove.example"
SERVICES = ("flickr", "folder", "google")


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
        fake, real = self.identities[service]
        urls = Urls({"original": f"https://photos.example/{number}.jpg"})
        values = {"id": str(number), "urls": urls, "public": False} | fields
        location = (values.pop("latitude", None), values.pop("longitude", None))
        put_photos(real, Photo(**values, latitude=location[0], longitude=location[1]))
        all_fields = {"width": 0, "height": 0, "original_web_url": urls.original} | values
        if None in location:
            location = None
        self.fake.add_photo(self.person, identity=fake, location=location, **all_fields)

    def query_all(self, query, by_identity=""):
        """
        Return the results of the fake Trove, the real one over HTTP, and the real one in process.
        """
        results = []
        for index, api in enumerate((self.faked, self.real, self.local)):
            own_query = query
            if by_identity:
                identity = self.identities[by_identity][min(index, 1)]
                own_query = replace(query, identities_by_id=[str(getattr(identity, "id", ""))])
            results.append(_call(api, own_query))
        return results


def _call(api, query):
    try:
        result = api.get_photos(query)
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
    settings.TROVE_SERVER = settings.TROVE_SERVER | {"RATE_LIMITS": unlimited}
    person = get_user_model().objects.create_user("ann")
    application = Application.objects.register("Site", callbacks=["https://site.example/"])
    token = AccessToken.objects.create(
        key="access", secret="secret", user=person, application=application,
        content_types=["photos"],
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
    Query().near((40.7, -73.95), 5),
    Query().within((40.0, 170.0), (41.0, -73.0)),
    Query(order_by=["width", "-service"]),
    Query(order_by=["date"], count=2),
    Query(attributes={"album_id": "7"}),
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
    return troves


@pytest.mark.parametrize("query", SCENARIOS, ids=range(len(SCENARIOS)))
def test_results_are_equal(filled_troves, query):
    fake, real, local = filled_troves.query_all(query)
    assert fake == real == local


@pytest.mark.parametrize("service", SERVICES)
def test_photos_of_identity_are_equal(filled_troves, service):
    fake, real, local = filled_troves.query_all(Query(), by_identity=service)
    assert fake == real == local


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


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(libraries_with_queries(5))
def test_results_of_any_query_on_any_library_are_equal(troves, library_and_query):
    library, query = library_and_query
    query.identities_by_id = []  # the ids of the Troves differ
    troves.reset()
    for number, photo in enumerate(library):
        troves.add(number, **photo)
    fake, real, local = troves.query_all(query)
    assert fake == real == local
