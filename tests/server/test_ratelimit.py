import time as clock

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.ratelimit import parse_rate, time

from .signed_requests import Caller, form_of

pytestmark = pytest.mark.django_db

HERE = "203.0.114.7"
OTHER_CALLBACK = "https://other.example/"


@pytest.fixture
def at(monkeypatch):
    clock = [1_200_000_015]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    return clock


@pytest.fixture
def limit(settings):
    def limit(**rates):
        settings.TROVE_SERVER = {**settings.TROVE_SERVER, "RATE_LIMITS": rates}

    return limit


def test_token_is_limited_per_minute(caller, make_token, application, limit):
    limit(token="2/d")
    assert [caller.get("/v1/oauth/photos/").status_code for _ in range(3)] == [200, 200, 429]
    assert Caller(application, make_token()).get("/v1/oauth/photos/").status_code == 200


def test_limited_response_has_retry_after(caller, limit, at):
    limit(token="1/m")
    caller.get("/v1/oauth/photos/")
    refused = caller.get("/v1/oauth/photos/")
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")
    assert refused["Retry-After"] == "45"
    at[0] += 45
    assert caller.get("/v1/oauth/photos/").status_code == 200


def test_application_limit_includes_all_tokens(
    caller, make_token, application, make_application, limit
):
    limit(application="2/d")
    other = Caller(application, make_token())
    assert caller.get("/v1/oauth/photos/").status_code == 200
    assert other.post("/v1/oauth/user/").status_code == 200
    assert caller.get("/v1/oauth/photos/").status_code == 429
    another = make_application("Another")
    assert Caller(another, make_token(to=another)).get("/v1/oauth/photos/").status_code == 200


def test_unsigned_request_does_not_count_for_the_application(caller, application, limit):
    limit(application="1/d", address=None)
    for _ in range(3):
        assert Caller(application, secret="x").get("/v1/oauth/photos/").status_code == 401
    assert caller.get("/v1/oauth/photos/").status_code == 200


def test_address_with_many_rejected_requests_is_blocked(
    caller, application, limit, django_assert_num_queries
):
    limit(address="2/d")
    bad = Caller(application, secret="x", http=Client(REMOTE_ADDR=HERE))
    assert [bad.get("/v1/oauth/photos/").status_code for _ in range(3)] == [401, 401, 401]
    with django_assert_num_queries(0):
        refused = bad.get("/v1/oauth/photos/")
        token = bad.get("/v1/oauth/request_token/")
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")
    assert (token.status_code, form_of(token)["error"]) == (429, "too_many_requests")
    assert int(token["Retry-After"]) > 0
    assert caller.get("/v1/oauth/photos/").status_code == 200


@pytest.mark.parametrize("proxy", ["127.0.0.1", "10.0.0.1", "", "unix:"])
def test_proxy_address_is_not_blocked(application, limit, proxy):
    limit(address="1/d")
    http = Client(REMOTE_ADDR=proxy, headers={"x-forwarded-for": HERE})
    bad = Caller(application, secret="x", http=http)
    assert {bad.get("/v1/oauth/photos/").status_code for _ in range(4)} == {401}


def behind_a_proxy(request):
    return request.headers["X-Real-Ip"]


def test_client_ip_function_is_used(application, limit, settings):
    limit(address="1/d")
    path = "tests.server.test_ratelimit.behind_a_proxy"
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "CLIENT_IP_FUNCTION": path}
    for address, statuses in ((HERE, [401, 401, 429]), ("203.0.114.8", [401])):
        bad = Caller(application, secret="x", http=Client(headers={"x-real-ip": address}))
        assert [bad.get("/v1/oauth/photos/").status_code for _ in statuses] == statuses


@given(times=st.integers(1, 10**9 - 1), unit=st.sampled_from("smhd"))
def test_rate_is_parsed(times, unit):
    rate = parse_rate(f"{times}/{unit}")
    assert (rate.times, rate.seconds % 1) == (times, 0)
    assert 1 <= rate.seconds_left <= rate.seconds


@pytest.mark.parametrize("text", ["", "5", "0/m", "5/y", "-1/m", "5/m ", "1e3/m", "\u0661/m"])
def test_invalid_rate_is_rejected(text):
    with pytest.raises(ValueError):
        parse_rate(text)


def test_authenticated_rejections_do_not_block_the_address(application, token, limit):
    """
    All users of a site have the address of the site.
    """
    limit(address="1/d")
    site = Caller(application, token, http=Client(REMOTE_ADDR=HERE))
    other_callback = {"http": Client(REMOTE_ADDR=HERE), "callback_uri": OTHER_CALLBACK}
    connecting = Caller(application, **other_callback)
    for _ in range(3):
        assert site.post("/v1/oauth/photos/", {"query": '{"after": "?"}'}).status_code == 400
        assert site.get("/v1/oauth/videos/").status_code == 403
        assert connecting.post("/v1/oauth/request_token/").status_code == 400
    assert site.get("/v1/oauth/photos/").status_code == 200


def test_rejected_token_requests_count_for_the_application(application, limit):
    limit(application="2/d")
    site = Caller(application, callback_uri=OTHER_CALLBACK)
    statuses = [site.post("/v1/oauth/request_token/").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


@pytest.mark.parametrize(
    ("addresses", "is_same"),
    [
        (("2001:4860:0:1::1", "2001:4860:0:1:ffff::2"), True),
        (("2001:4860:0:1::1", "2001:4860:0:2::1"), False),
        (("::ffff:8.8.4.4", "8.8.4.4"), True),
        (("::ffff:8.8.4.4", "::ffff:8.8.4.5"), False),
    ],
)
def test_ipv6_addresses_are_limited_by_prefix(application, limit, settings, addresses, is_same):
    limit(address="1/d")
    path = "tests.server.test_ratelimit.behind_a_proxy"
    settings.TROVE_SERVER = {**settings.TROVE_SERVER, "CLIENT_IP_FUNCTION": path}
    first, second = (
        Caller(application, secret="x", http=Client(headers={"x-real-ip": address}))
        for address in addresses
    )
    for _ in range(2):
        first.get("/v1/oauth/photos/")
    status = second.get("/v1/oauth/photos/").status_code
    assert status == (429 if is_same else 401)


@pytest.mark.parametrize(
    ("address", "is_limited"),
    [
        ("2001:4860::1", True),
        ("::ffff:8.8.4.4", True),
        ("::ffff:10.0.0.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::1", False),
    ],
)
def test_public_ipv6_addresses_are_limited(application, limit, address, is_limited):
    limit(address="1/d")
    bad = Caller(application, secret="x", http=Client(REMOTE_ADDR=address))
    statuses = [bad.get("/v1/oauth/photos/").status_code for _ in range(3)]
    assert statuses == [401, 401, 429 if is_limited else 401]


def test_a_long_name_does_not_block_the_process(client):
    """
    Without a limit, this takes a minute, for a user who is not signed in.
    """
    name = "a" + "\u0315\u0300" * 150_000
    start = clock.process_time()
    form = {"username": name, "password": "x"}
    assert client.post("/identity/login", form, secure=True).status_code == 200
    assert clock.process_time() - start < 10
