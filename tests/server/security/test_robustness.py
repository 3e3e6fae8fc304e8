"""
Random requests result in no server error.
"""

import json
import pickle
from urllib.parse import unquote, urlencode

import pytest
from django.core.cache import caches
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from django_trove.client import QueryError
from django_trove.client.content import Photo
from django_trove.server.api.views import parse_query
from django_trove.server.models import RequestToken
from django_trove.server.oauth.parameters import parse_parameters

from ..conftest import CALLBACK
from ..signed_requests import FORM, Caller

pytestmark = pytest.mark.django_db

PHOTOS = "/v1/oauth/photos/"
FIELDS = [
    "services", "identities_by_id", "tags-required", "tags-optional", "date-from", "date-to",
    "geo_sw", "geo_ne", "geo_near_center", "geo_near_radius", "order_by", "count", "page",
    "attributes", "trove_id", "force-update",
]  # fmt: skip

unusual = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**63), 10**400, 10**18, 1e308, -1e308]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["\0", "\ud800", "7", "-service_date", "9999-12-31 23:59:59 ", "0001-01-01"]),
)
values = st.recursive(
    unusual, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)
fuzz = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(query=st.dictionaries(st.sampled_from(FIELDS), values, max_size=4))
def test_a_random_query_is_valid_or_bad_query(caller, query):
    """
    The status is 200, or 400 with the name of the field.
    """
    response = caller.post(PHOTOS, {"query": json.dumps(query)})
    if response.status_code != 200:
        assert response.status_code == 400
        assert response.json()["field"]


@pytest.mark.parametrize("id", [0, False, [], {}, 0.0])
def test_an_invalid_id_does_not_match_everything(caller, index, id):
    index(Photo(id="1"))
    response = caller.post(PHOTOS, {"query": json.dumps({"trove_id": id})})
    if response.status_code == 200:
        assert response.json()["total_number_of_results"] == 0
    else:
        assert response.json()["field"] == "trove_id"


@pytest.mark.parametrize("id", [None, ""])
def test_an_empty_id_is_no_filter(ask, index, id):
    index(Photo(id="1"))
    assert ask(trove_id=id)["total_number_of_results"] == 1


def test_without_its_nonce_cache_a_trove_is_unavailable(settings, monkeypatch, caller, dance):
    """
    The response reveals no internal details.
    """
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "NONCE_STORE": "cache"}

    def raise_error(*args):
        raise ConnectionError("cache.internal:6379 is down")

    monkeypatch.setattr(type(caches["default"]), "add", raise_error)
    for response in (caller.get(PHOTOS), dance.request_token()):
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert b"internal" not in response.content


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "7", "null", "NaN", '{"geo_near_radius": NaN}', '{"page": Infinity}',
        "[" * 100_000, '{"page": ' + "9" * 5000 + "}", '{"tags-required": ["\\ud800"]}',
        '{"tags-required": ["\\u0000"]}', '{"attributes": {"title": "\\ud800"}}',
        '{"attributes": {"title": "\\u0000"}}', '{"services": 7}', '{"trove_id": {"a": 1}}',
        '{"date-from": "not a day"}', '{"count": 501}', '{"count": true}', '{"page": 0}',
        '{"order_by": ["password"]}', '{"geo_sw": [200, 0], "geo_ne": [0, 0]}',
        '{"geo_sw": [1, 1]}',
        '{"geo_sw": [1' + "0" * 400 + ', 0], "geo_ne": [0, 0]}',
        '{"geo_near_radius": 1' + "0" * 400 + "}", '{"page": 1' + "0" * 400 + "}",
    ],
)  # fmt: skip
def test_an_invalid_query_is_rejected_with_its_field(caller, text):
    """
    Protocol, sections 4.2 and 6.1.
    """
    response = caller.post(PHOTOS, {"query": text})
    assert response.status_code == 400
    data = response.json()
    assert data["field"]
    assert data["detail"]


def test_two_queries_in_one_request_are_rejected(caller):
    assert caller.post(f"{PHOTOS}?query=%7B%7D", {"query": "{}"}).status_code == 400


paths = st.sampled_from(
    [
        PHOTOS, "/v1/oauth/user/", "/v1/oauth/request_token/", "/oauth/access_token/",
        "/v1/oauth/get_add_urls_for_services/", "/v1/add/service/folder/", "/v1/oauth/x/y",
        "/v1/oauth/authorize/", "/identity/login", "/add/xyz/", "/files/1.a:b/large",
        "/applications/99999999999999999999/revoke/",
    ]
)  # fmt: skip
headers = st.one_of(
    st.just(""),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    st.text(st.sampled_from('oauth_token="%00%zz",= nonce{}[]'), max_size=60).map("OAuth ".__add__),
)


requests = st.fixed_dictionaries(
    {
        "path": paths,
        "method": st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]),
        "headers": st.fixed_dictionaries({"Authorization": headers}),
        "QUERY_STRING": st.text(st.sampled_from("oauth_token=&%0zZ[]{}+;\"'\xc3\xa9"), max_size=40),
        "data": st.binary(max_size=60),
        "content_type": st.sampled_from(
            [FORM, "application/json", "multipart/form-data; boundary=x", ""]
        ),
    }
)


@fuzz
@given(request=requests)
def test_a_random_request_is_no_server_error(person, request):
    browser = Client()
    assert browser.generic(**request, secure=True).status_code < 500
    browser.force_login(person)
    assert browser.generic(**request, secure=True).status_code < 500


def is_decodable(form):
    try:
        return form.isascii() and "\0" not in unquote(form, errors="strict")
    except UnicodeDecodeError:
        return False


@fuzz
@given(body=st.text(st.sampled_from('query=&%7B%zz+{}"[]é\0'), max_size=30))
def test_a_random_form_with_the_signature_of_another_is_rejected(caller, body):
    assume(unquote(body) != "query={}")
    path, signature, _ = caller.sign("POST", PHOTOS, {"query": "{}"})
    response = caller.send("POST", path, signature, body.encode())
    assert response.json()["error"] == ("unauthorized" if is_decodable(body) else "invalid_request")


def test_middleware_may_read_the_form(settings, caller):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "tests.server.security.test_robustness.read_form_middleware",
    ]
    response = caller.post(PHOTOS, {"query": '{"page": 3}'})
    assert response.json()["page"] == 3


def read_form_middleware(get_response):
    def middleware(request):
        request.POST.get("query")
        return get_response(request)

    return middleware


@pytest.mark.parametrize("signed_by", ["application", "token"])
def test_a_request_token_request_with_a_token_is_rejected(application, token, signed_by):
    """
    Its signature would need a token secret (RFC 5849, section 2.1).
    """
    caller = Caller(application, token)
    if signed_by == "application":
        caller.keys = (*caller.keys[:3], "")
    response = caller.get("/v1/oauth/request_token/", callback_uri=CALLBACK)
    assert response.status_code == 401
    assert not RequestToken.objects.exists()


@pytest.mark.parametrize("levels", [13, 500, 900, 20_000])
@pytest.mark.parametrize("path", ["/v1/oauth/photos/", "/v2/content/photos/"])
def test_a_nested_query_is_rejected(caller, path, levels):
    """
    Also in an unknown key. The error can be pickled, as by loggers in other processes.
    """
    nested = "[" * levels + "]" * levels
    response = caller.post(path, {"query": f'{{"unknown": {nested}}}'})
    assert (response.status_code, response.json()["field"]) == (400, "query")
    with pytest.raises(QueryError) as failure:
        parse_query(parse_parameters(urlencode({"query": f'{{"unknown": {nested}}}'}), "", ""))
    error = pickle.loads(pickle.dumps(failure.value))
    assert (error.detail, error.field) == (failure.value.detail, "query")
