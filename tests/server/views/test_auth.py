"""
Sign-up, and links for users without a Trove (protocol, section 3.7).
"""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from django_trove.server.models import AddLink, GrantedFolder

pytestmark = pytest.mark.django_db

PATH = "/identity/signup/"


@pytest.fixture
def sign_up_open(settings):
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "SIGN_UP": "open"}


def form_data(name="grace", **data):
    """
    Return form data for any user model.
    """
    fields = [get_user_model().USERNAME_FIELD, *get_user_model().REQUIRED_FIELDS]
    texts = {field: f"{name}@site.example" if "mail" in field else name for field in fields}
    return {**texts, "password1": "a long pass-word", "password2": "a long pass-word", **data}


def test_without_sign_up_the_page_is_not_found(client):
    assert client.get(PATH, secure=True).status_code == 404
    assert PATH.encode() not in client.get("/identity/login", secure=True).content


def test_sign_up_redirects_to_next(client, sign_up_open):
    assert PATH.encode() in client.get("/identity/login", secure=True).content
    response = client.post(PATH, form_data(next="/applications/"), secure=True)
    assert response.url == "/applications/"
    assert client.get("/", secure=True).status_code == 200


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_sign_up_rejects_external_redirects(client, sign_up_open, url):
    assert url.encode() not in client.get(PATH, {"next": url}, secure=True).content
    assert client.post(PATH, form_data(next=url), secure=True).url == "/"


@pytest.mark.parametrize("name", ["ada", "Ada", "ADA", "\uff21da"])
def test_a_name_may_not_differ_by_case_only(client, sign_up_open, person, name):
    page = client.post(PATH, form_data(name), secure=True)
    assert page.status_code == 200
    assert b"already exists" in page.content
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("url", ["?page=2", "#top", "home", "trove_server:home"])
def test_relative_next_is_ignored(client, sign_up_open, person, url):
    assert client.post(PATH, form_data(next=url), secure=True).url == "/"
    form = {"username": person.get_username(), "password": "pass-word", "next": url}
    assert Client().post("/identity/login", form, secure=True).url == "/"


def test_errors_are_shown(client, sign_up_open):
    page = client.post(PATH, form_data(password2="another"), secure=True)
    assert page.status_code == 200
    assert b"match" in page.content
    assert not get_user_model().objects.exists()


@pytest.fixture
def link(settings, tmp_path, application):
    """
    A link that is not bound to a user.
    """
    (tmp_path / "ada" / "trip").mkdir(parents=True)
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "FOLDER_ROOT": tmp_path}
    redirect_url = "https://site.example/welcome/"
    return (
        "/add/"
        + AddLink.objects.issue(
            application=application, service="folder", redirect_url=redirect_url
        )
        + "/"
    )


def test_a_link_for_a_new_trove_belongs_to_the_first_user(browser, person, link, make_person):
    response = Client().get(link, secure=True)
    assert response.url.startswith("/identity/login?next=/add/")
    assert browser.get(link, secure=True).status_code == 200
    other = Client()
    other.force_login(make_person("grace"))
    assert other.get(link, secure=True).status_code == 403
    GrantedFolder.objects.create(user=person, path="ada")
    response = browser.post(link, {"folder": "trip"}, secure=True)
    assert response.url == "https://site.example/welcome/"
    assert AddLink.objects.get().used_at


HERE, THERE = "203.0.114.7", "203.0.114.8"


@pytest.fixture
def limit(settings):
    def limit(**rates):
        unlimited = dict.fromkeys(("sign_in", "sign_in_address", "sign_in_name"))
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": {**unlimited, **rates}}

    return limit


def sign_in(name, password="wrong", address=HERE, **options):
    form = {"username": name, "password": password}
    client = Client(REMOTE_ADDR=address, **options)
    return client.post("/identity/login", form, secure=True)


def statuses(*attempts, **options):
    return [sign_in(*attempt, **options).status_code for attempt in attempts]


def test_attempts_per_name_and_address_are_limited(person, limit):
    limit(sign_in="2/d")
    assert statuses(*[("ada",)] * 3, ("ADA ",)) == [200, 200, 429, 429]
    assert statuses(("ada", "pass-word")) == [429]
    assert statuses(("grace",)) == [200]
    assert statuses(("ada", "pass-word"), address=THERE) == [302]


@pytest.mark.parametrize("name", ["ADA", "\uff21da", "ad\u00e1", "ada\u0301", "a\u200bda", " ada "])
def test_names_that_a_database_regards_as_equal_are_counted_together(person, limit, name):
    limit(sign_in="1/d")
    assert statuses(("ada",), (name,)) == [200, 429]


def test_attempts_per_address_are_limited(person, limit):
    limit(sign_in_address="2/d")
    assert statuses(("a",), ("b",), ("ada", "pass-word")) == [200, 200, 429]
    assert statuses(("ada", "pass-word"), address=THERE) == [302]


def test_attempts_per_name_are_limited_for_all_addresses(person, limit):
    limit(sign_in_name="2/d")
    addresses = (HERE, THERE, "203.0.114.9")
    assert [sign_in("ada", address=one).status_code for one in addresses] == [200, 200, 429]
    assert statuses(("grace",)) == [200]


def test_one_address_cannot_lock_out_a_user(person, limit):
    limit(sign_in="2/d", sign_in_name="4/d")
    statuses(*[("ada",)] * 50)
    assert statuses(("ada", "pass-word"), address=THERE) == [302]


def test_the_limited_response_does_not_depend_on_the_user(person, limit, django_assert_num_queries):
    limit(sign_in="1/d")
    for name in ("ada", "nobody"):
        assert sign_in(name).status_code == 200
    with django_assert_num_queries(0):
        known, unknown = sign_in("ada", "pass-word"), sign_in("nobody")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert 0 < int(known["Retry-After"]) <= 86_400
    assert b"Too many attempts" in known.content


def test_behind_a_proxy_only_the_limit_per_name_applies(person, limit):
    limit(sign_in="1/d", sign_in_address="1/d", sign_in_name="3/d")
    proxy = {"address": "10.0.0.1"}
    assert statuses(*[("ada",)] * 4, **proxy) == [200, 200, 200, 429]
    assert statuses(("grace",), **proxy) == [200]


def client_ip(request):
    return request.headers["X-Real-Ip"]


def test_the_client_ip_function_is_used(person, limit, settings):
    limit(sign_in="1/d")
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "CLIENT_IP_FUNCTION": f"{__name__}.client_ip",
    }
    for address, expected in ((HERE, [200, 429]), (THERE, [200])):
        headers = {"headers": {"x-real-ip": address}}
        assert statuses(*[("ada",)] * len(expected), address="10.0.0.1", **headers) == expected


@pytest.mark.parametrize("name", ["", "x" * 10_000, "a b\n\x00", "\u0130x"])
def test_any_name_can_be_counted(db, limit, name):
    limit(sign_in="1/d")
    assert statuses((name,), (name,)) == [200, 429]


def test_sign_up_is_limited(sign_up_open, settings):
    settings.TROVE_SERVER = {
        **settings.TROVE_SERVER,
        "RATE_LIMITS": {"sign_up_address": "2/d", "sign_up_name": "3/d"},
    }

    def attempt(name, address):
        client = Client(REMOTE_ADDR=address)
        return client.post(PATH, form_data(name, password2="x"), secure=True).status_code

    assert [attempt(name, HERE) for name in ("a", "b", "c")] == [200, 200, 429]
    assert [attempt("d", f"203.0.114.{host}") for host in range(10, 14)] == [200, 200, 200, 429]
    assert Client(REMOTE_ADDR=HERE).get(PATH, secure=True).status_code == 200
