"""
Both apps with a cache that raises an error for every operation, and with a Redis that was stopped.
"""

import json
import shutil
import subprocess
from contextlib import suppress

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from django_trove.client.content import Photo
from django_trove.client.query import Query
from django_trove.core.cache import last_warnings
from django_trove.server.conf import conf
from django_trove.server.models import GrantedFolder, Library
from django_trove.server.search.engine import search
from tests.processes import free_port

from .images import draw
from .signed_requests import Caller, form_of

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"
BASE = "https://trove.example"
RECORD = {"id": "1", "urls": {"large": "https://site.example/1.jpg"}}
QUERIES = (
    {"tags_optional": ["snow", "ice"], "total": True},
    {"date_from": "2007-01-01 T 00:00:00", "total": True},
    {"geo_near": {"center": [40.7, -73.9], "radius": 10}, "total": True},
    {"tags_required": ["snow", "ice"]},
    {"force-update": True},
)


@pytest.fixture
def stopped_redis(tmp_path):
    """
    The URL of a Redis that was used and then stopped.
    """
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: a stopped Redis was NOT tested")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL) as process:

        def stop():
            process.terminate()
            process.wait(timeout=10)

        yield f"redis://127.0.0.1:{port}/0", stop
        with suppress(ProcessLookupError):
            process.kill()


@pytest.fixture(params=["error", "stopped"])
def unavailable_cache(request, settings):
    last_warnings.clear()
    if request.param == "error":
        settings.CACHES = {"default": {"BACKEND": "tests.core.test_cache.BrokenCache"}}
        return
    url, stop = request.getfixturevalue("stopped_redis")
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": url}}
    wait_for_cache()
    stop()


def wait_for_cache():
    for _ in range(1000):
        with suppress(Exception):
            cache.set("a", 1)
            return
    pytest.fail("Redis did not start.")


@pytest.mark.parametrize("query", QUERIES, ids=[next(iter(query)) for query in QUERIES])
def test_queries_return_results(unavailable_cache, index, caller, query):
    index(Photo(id="1", tags=("snow", "ice")))
    response = caller.post(PHOTOS, {"query": json.dumps(query)})
    assert response.status_code == 200, response.content


def test_connecting_and_pushing(unavailable_cache, dance, browser, application):
    token = form_of(dance.exchange(dance.allowed(browser)))
    caller = Caller(application, None)
    caller.keys = (
        application.key,
        application.secret,
        token["oauth_token"],
        token["oauth_token_secret"],
    )
    form = {"content_type": "photos", "user_id": "1", "number_of_items": "1"}
    pushed = caller.post("/v1/oauth/push/", {**form, "object_list": json.dumps([RECORD])})
    assert (pushed.status_code, pushed.json()["created"]) == (200, 1)
    assert caller.post("/v1/oauth/user/").status_code == 200


@pytest.mark.usefixtures("unavailable_cache")
def test_pages(browser, person, make_person, settings, tmp_path):
    make_person("grace")
    draw(tmp_path / "ada" / "trip" / "snow.jpg")
    GrantedFolder.objects.create(user=person, path="ada")
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
    sign_in = {"username": "grace", "password": "pass-word"}
    assert Client().post("/identity/login", sign_in, secure=True).status_code == 302
    for path in ("/", "/photos/", "/applications/", "/applications/own/"):
        assert browser.get(path, secure=True).status_code == 200, path
    link = browser.post("/add/", {"service": "folder"}, secure=True)
    assert browser.post(link.url, {"folder": "trip"}, secure=True).status_code == 302


def test_pages_of_the_site(unavailable_cache, browser, fake_trove, person):
    fake_trove.connect(person)
    page = browser.get(reverse("django_trove:account"), secure=True)
    assert page.status_code == 200
    assert browser.post(reverse("django_trove:connect"), secure=True).status_code == 302
    assert browser.post(reverse("django_trove:disconnect"), secure=True).status_code == 302


def test_rejected_requests_are_not_limited(unavailable_cache, application, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {"address": "1/d"}}
    bad = Caller(application, secret="x", http=Client(REMOTE_ADDR="203.0.114.7"))
    assert {bad.get(PHOTOS).status_code for _ in range(3)} == {401}


def test_nonces_in_the_cache_fail_closed(unavailable_cache, caller, settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "cache"}
    response = caller.get(PHOTOS)
    assert (response.status_code, response.json()["error"]) == (503, "unavailable")
    assert "Try again later" in response.json()["detail"]
    assert int(response["Retry-After"]) > 0


def test_the_unavailable_cache_is_logged_once(unavailable_cache, index, caller, caplog):
    index(Photo(id="1", tags=("snow", "ice")))
    for query in QUERIES * 2:
        caller.post(PHOTOS, {"query": json.dumps(query)})
    warnings = [record for record in caplog.records if record.name == "django_trove.core.cache"]
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "other", [{"URL": "https://other.example"}, {"INSTALLATION": "other"}], ids=str
)
def test_two_troves_on_one_cache_do_not_share_totals(person, index, settings, other):
    """
    Their users and versions have the same numbers.
    """
    index(Photo(id="1", tags=("snow", "ice")))
    query = Query(tags_required=["snow", "ice"])
    assert search(person, query, BASE).total_number_of_results == 1
    scope = conf.installation_id
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, **other}
    assert conf.installation_id != scope
    version = Library.objects.get(user=person).version
    person.trove_identities.get().items.all().delete()
    Library.objects.filter(user=person).update(version=version)
    assert search(person, query, BASE).total_number_of_results == 0
