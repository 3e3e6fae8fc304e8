import json
import threading
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client

from django_trove.server.connectors.base import FoundItem
from django_trove.server.index.items import build_item
from django_trove.server.index.write import write_items
from django_trove.server.models import AccessToken, Application, Identity

from .fake_connector import Service, running
from .signed_requests import Caller, form_of

CALLBACK = "https://site.example/trove/callback/"


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    """
    Fake services use http, which oauthlib only accepts with this setting.
    """
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def offer(settings):
    """
    Offer further content types, which applications push.
    """

    def offer(*content_types):
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "CONTENT_TYPES": list(content_types)}

    return offer


@pytest.fixture
def make_person(db):
    def make(name="ada", **fields):
        return get_user_model().objects.create_user(name, password="pass-word", **fields)

    return make


@pytest.fixture
def person(make_person):
    return make_person()


@pytest.fixture
def make_application(db):
    def make(name="Example site", **fields):
        return Application.objects.register(name, **{"callbacks": [CALLBACK], **fields})

    return make


@pytest.fixture
def application(make_application):
    return make_application()


@pytest.fixture
def make_token(person, application):
    def make(user=person, to=application, content_types=("photos",), **fields):
        from django_trove.core.encryption import random_key

        return AccessToken.objects.create(
            key=random_key(),
            secret=random_key(),
            user=user,
            application=to,
            content_types=list(content_types),
            **fields,
        )

    return make


@pytest.fixture
def token(make_token):
    return make_token()


@pytest.fixture
def caller(application, token):
    return Caller(application, token)


@pytest.fixture
def ask(caller):
    def ask(**query):
        response = caller.post("/v1/oauth/photos/", {"query": json.dumps(query)})
        assert response.status_code == 200, response.content
        return response.json()

    return ask


@pytest.fixture
def browser(person):
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def dance(application):
    def request_token(**options):
        options = {"callback_uri": CALLBACK, **options}
        path = options.pop("path", "/v1/oauth/request_token/?scope=photos")
        return Caller(application).get(path, **options)

    def asked(**options):
        answer = form_of(request_token(**options))
        return SimpleNamespace(key=answer["oauth_token"], secret=answer["oauth_token_secret"])

    def decide(browser, request, decision="allow", **form):
        form = {"oauth_token": request.key, "decision": decision, **form}
        form.setdefault("content_types", ["photos", "videos", "status", "checkins", "friends"])
        return browser.post("/v1/oauth/authorize/", form, secure=True)

    def allowed(browser, **form):
        request = asked()
        back = decide(browser, request, **form)
        request.verifier = dict(parse_qsl(urlsplit(back.url).query))["oauth_verifier"]
        return request

    def exchange(request, verifier=None, by=application, **options):
        verifier = verifier or request.verifier
        return Caller(by, request, verifier=verifier, **options).get("/v1/oauth/access_token/")

    return SimpleNamespace(
        request_token=request_token,
        asked=asked,
        decide=decide,
        allowed=allowed,
        exchange=exchange,
    )


@pytest.fixture
def make_identity(person):
    def make(user=person, service="flickr", service_id="1"):
        return Identity.objects.create(
            user=user, service=service, service_id=service_id, name=f"{service} {service_id}"
        )

    return make


@pytest.fixture
def identity(make_identity):
    return make_identity()


def put_photos(identity, *photos):
    rows = [build_item(identity, FoundItem(content=photo, etag="1"), {}, "") for photo in photos]
    return write_items(identity, rows)


@pytest.fixture
def index(identity):
    def put(*photos, into=identity):
        return put_photos(into, *photos)

    return put


@pytest.fixture
def race():
    def run(call, times=2):
        barrier, responses = threading.Barrier(times), []

        def item():
            try:
                barrier.wait(timeout=10)
                responses.append(call())
            finally:
                connection.close()

        threads = [threading.Thread(target=item) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        return responses

    return run


@pytest.fixture
def service(settings):
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "CONNECTORS": ["tests.server.fake_connector.Web"],
    }
    service = Service()
    with running(service) as url:
        service.url = url
        yield service


@pytest.fixture
def account(service, person):
    return Identity.objects.create(
        user=person, service="web", service_id="1", settings={"url": service.url}
    )
