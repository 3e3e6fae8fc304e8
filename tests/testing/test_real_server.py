"""
The fake Trove and the real one return equal results.
"""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from django_trove.client import Photo, Query, Token, TroveAPI, TroveError
from django_trove.client.content import Urls
from django_trove.server.local import LocalTrove
from django_trove.server.models import AccessToken, Application, Identity
from django_trove.testing import FakeTrove
from tests.server.conftest import put_photos
from tests.server.search.reference import photos, queries, utc

pytestmark = pytest.mark.django_db

KEYS = ("key", "secret")
URL = "https://trove.example"
SERVICES = ("flickr", "folder", "google")


class InProcess(HTTPAdapter):
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


class Both:
    """
    A user with the same photos at a fake Trove and at a real one.
    """

    def __init__(self, person, api):
        self.person, self.real, self.local = person, api, LocalTrove(person)
        self.identities = {}
        self.begin_anew()

    def begin_anew(self):
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

    def add(self, number, service, **facts):
        fake, real = self.identities[service]
        urls = Urls({"original": f"https://photos.example/{number}.jpg"})
        given = {"id": str(number), "urls": urls, "public": False} | facts
        place = (given.pop("latitude", None), given.pop("longitude", None))
        put_photos(real, Photo(**given, latitude=place[0], longitude=place[1]))
        whole = {"width": 0, "height": 0, "original_web_url": urls.original} | given
        self.fake.add_photo(
            self.person, identity=fake, location=None if None in place else place, **whole
        )

    def ask(self, query, by_identity=""):
        """
        Return the results of the fake Trove, the real one over HTTP, and the real one in process.
        """
        asked = []
        for which, ask in enumerate((self.faked, self.real, self.local)):
            mine = query
            if by_identity:
                identity = self.identities[by_identity][min(which, 1)]
                mine = replace(query, identities_by_id=[str(getattr(identity, "id", ""))])
            asked.append(_answer(ask, mine))
        return asked


def _answer(api, query):
    try:
        found = api.get_photos(query)
    except TroveError as error:
        return type(error), error.detail, getattr(error, "field", "")
    facts = (found.count, found.page, found.more, bool(found.after), found.has_next)
    return facts, found.total_number_of_results, [_facts(photo) for photo in found]


def _facts(photo):
    """
    Return the photo without its Trove id, which differs.
    """
    return replace(photo, trove_id="")


@pytest.fixture
def both(db, settings):
    unlimited = dict.fromkeys(("application", "token", "address"))
    settings.TROVE_SERVER = settings.TROVE_SERVER | {"RATE_LIMITS": unlimited}
    person = get_user_model().objects.create_user("ann")
    application = Application.objects.register("Site", callbacks=["https://site.example/"])
    token = AccessToken.objects.create(
        key="access", secret="secret", user=person, application=application,
        content_types=["photos"],
    )  # fmt: skip
    session = Session()
    session.mount("https://", InProcess())
    with closing(session):
        yield Both(
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
def furnished(both):
    both.add(1, "flickr", title="Snow", tags=("snow", "Sea"), date=utc("2007-03-04"), width=2)
    both.add(2, "flickr", title="Ice", tags=("ice",), latitude=40.7, longitude=-73.95)
    both.add(3, "google", title="Sea", tags=("sea",), date=utc("2009-01-01"), album_id="7")
    both.add(4, "folder", date=utc("2007-03-04"), public=True, height=3)
    return both


@pytest.mark.parametrize("query", SCENARIOS, ids=range(len(SCENARIOS)))
def test_results_are_equal(furnished, query):
    fake, real, local = furnished.ask(query)
    assert fake == real == local


@pytest.mark.parametrize("service", SERVICES)
def test_photos_of_identity_are_equal(furnished, service):
    fake, real, local = furnished.ask(Query(), by_identity=service)
    assert fake == real == local


def test_user_info_is_equal(furnished):
    said = [api.get_user_info() for api in (furnished.faked, furnished.real)]
    assert said[0].name == said[1].name
    services = [sorted(identity.service for identity in person.identities) for person in said]
    assert services[0] == services[1]


def test_blank_tags_are_ignored(both):
    both.add(1, "flickr", tags=("", " ", "snow"))
    fake, real, local = both.ask(Query())
    assert fake == real == local
    assert both.local.get_photo(both.local.get_photos(Query())[0].trove_id).tags == ("snow",)


def test_iteration_is_equal(furnished):
    walks = [
        [photo.id for photo in api.iter_photos(Query(count=1))]
        for api in (furnished.faked, furnished.real, furnished.local)
    ]
    assert walks == [["3", "4", "1", "2"]] * 3


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(library=st.lists(photos(), max_size=5), query=queries())
def test_results_of_any_query_on_any_library_are_equal(both, library, query):
    both.begin_anew()
    for number, photo in enumerate(library):
        both.add(number, **photo)
    fake, real, local = both.ask(query)
    assert fake == real == local
