"""
OAuth parameters. Each limit is tested with requests that exceed no other limit.
"""

from __future__ import annotations

import pytest

from django_trove.server.errors import APIError
from django_trove.server.oauth.parameters import (
    MAX_HEADER_LENGTH,
    MAX_NONCE_LENGTH,
    MAX_PARAMETERS,
    MAX_VALUE_LENGTH,
    REQUIRED,
    Parameters,
    check_required,
    check_timestamp,
    parse_parameters,
    parse_scope,
)

METHODS = frozenset({"HMAC-SHA256"})


def required(**changes):
    values = dict.fromkeys(REQUIRED, "x") | {"signature_method": "HMAC-SHA256"} | changes
    return Parameters(values, ())


def header_of_length(length):
    """
    Return a header whose values are all short.
    """
    pairs = [f'p{number:04}="{"v" * 90}"' for number in range(length // 100)]
    rest = length - len(",".join(pairs)) - len(',z=""')
    return ",".join([*pairs, f'z="{"v" * rest}"'])


def test_the_header_has_a_maximum_length():
    parse_parameters("", "", "OAuth " + header_of_length(MAX_HEADER_LENGTH))
    with pytest.raises(APIError, match=r"header is too long"):
        parse_parameters("", "", "OAuth " + header_of_length(MAX_HEADER_LENGTH + 1))


@pytest.mark.parametrize("name", ["token", "signature", "consumer_key", "verifier"])
def test_a_parameter_has_a_maximum_length_wherever_it_is(name):
    value = "v" * MAX_VALUE_LENGTH
    for place in range(3):
        parts = ["", "", ""]
        parts[place] = f'OAuth oauth_{name}="{value}"' if place == 2 else f"oauth_{name}={value}"
        oauth = parse_parameters(*parts).oauth
        assert oauth == {name: value}
        check_required(required(**oauth), METHODS, token=False)
        with pytest.raises(APIError, match="too long"):
            check_required(required(**{name: value + "v"}), METHODS, token=False)


def test_a_nonce_has_a_maximum_length():
    check_required(required(nonce="n" * MAX_NONCE_LENGTH), METHODS, token=False)
    with pytest.raises(APIError, match="oauth_nonce"):
        check_required(required(nonce="n" * (MAX_NONCE_LENGTH + 1)), METHODS, token=False)


@pytest.mark.parametrize("nonce", ["a\nb", "\x7f", "\u2028"])
def test_a_nonce_is_printable(nonce):
    with pytest.raises(APIError, match="printable"):
        check_required(required(nonce=nonce), METHODS, token=False)


@pytest.mark.parametrize("place", [0, 1])
def test_a_form_has_a_maximum_number_of_parameters(place):
    parts = ["", "", ""]
    parts[place] = "&".join(f"p{number}=" for number in range(MAX_PARAMETERS))
    assert len(parse_parameters(*parts).others) == MAX_PARAMETERS
    parts[place] += "&one=more"
    with pytest.raises(APIError):
        parse_parameters(*parts)


@pytest.mark.parametrize("name", REQUIRED)
def test_each_required_parameter_is_required(name):
    with pytest.raises(APIError, match=f"oauth_{name} is missing"):
        check_required(required(**{name: ""}), METHODS, token=False)


def test_a_token_is_required_if_the_endpoint_needs_one():
    check_required(required(token="t"), METHODS, token=True)
    with pytest.raises(APIError, match="oauth_token is missing"):
        check_required(required(), METHODS, token=True)


@pytest.mark.parametrize("other", [("oauth_a=1", "oauth_a=2", ""), ("oauth_a=1&oauth_a=1", "", ""),
                                   ("", "oauth_a=1", 'OAuth oauth_a="1"'),
                                   ("", "", 'OAuth oauth_a="1", oauth_a="1"')])  # fmt: skip
def test_an_oauth_parameter_occurs_once_in_all_places(other):
    with pytest.raises(APIError, match="occurs twice"):
        parse_parameters(*other)


@pytest.mark.parametrize("parts", [("realm=x", "", ""), ("", "realm=x", "")])
def test_realm_is_allowed_in_the_header_only(parts):
    with pytest.raises(APIError, match="realm"):
        parse_parameters(*parts)
    assert parse_parameters("", "", 'OAuth realm="x", oauth_a="1"').oauth == {"a": "1"}


@pytest.mark.parametrize("times", [2, 3])
def test_another_parameter_occurs_once(times):
    parameters = parse_parameters("&".join(["query=1"] * times), "", "")
    assert parameters.get("other") is None
    with pytest.raises(APIError, match="query occurs more than once") as error:
        parameters.get("query")
    assert (error.value.status, error.value.code) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        (("realm=x", "", ""), 400, "invalid_request"),
        (("oauth_a=1", "oauth_a=1", ""), 400, "invalid_request"),
        (("é", "", ""), 400, "invalid_request"),
        (("a=\0", "", ""), 400, "invalid_request"),
        (("a=%00", "", ""), 400, "invalid_request"),
        (("a=%ff", "", ""), 400, "invalid_request"),
        (("", "", 'OAuth a="%ff"'), 400, "invalid_request"),
        (("", "", 'OAuth a="%00"'), 400, "invalid_request"),
        (("", "", 'OAuth a="é"'), 400, "invalid_request"),
        (("", "", "OAuth a"), 401, "unauthorized"),
        (("", "", "OAuth " + "a" * (MAX_HEADER_LENGTH + 1)), 400, "invalid_request"),
    ],
)
def test_each_invalid_request_has_a_status_and_a_code(parts, status, code):
    with pytest.raises(APIError) as error:
        parse_parameters(*parts)
    assert (error.value.status, error.value.code) == (status, code)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"nonce": "", "timestamp": ""}, 401, "unauthorized"),
        ({"signature_method": "PLAINTEXT"}, 400, "invalid_signature_method"),
        ({"version": "2.0"}, 400, "invalid_request"),
        ({"verifier": "v" * (MAX_VALUE_LENGTH + 1)}, 400, "invalid_request"),
        ({"nonce": "n" * (MAX_NONCE_LENGTH + 1)}, 400, "invalid_request"),
    ],
)
def test_each_invalid_oauth_parameter_has_a_status_and_a_code(changes, status, code):
    with pytest.raises(APIError) as error:
        check_required(required(**changes), METHODS, token=False)
    assert (error.value.status, error.value.code) == (status, code)


def test_another_scheme_is_ignored():
    assert parse_parameters("a=1", "", "Basic YTpi").others == (("a", "1"),)


@pytest.mark.parametrize(
    ("scope", "content_types"),
    [
        ("", ["photos"]),
        ("unknown", ["photos"]),
        (" Videos ,photos", ["photos", "videos"]),
        ("videos", ["videos"]),
    ],
)
def test_a_scope_is_a_list_of_content_types(scope, content_types):
    assert parse_scope(scope, ["photos", "videos"]) == content_types


def test_types_that_are_not_offered_are_left_out():
    assert parse_scope("friends,photos,status", ["photos", "status"]) == ["photos", "status"]


@pytest.mark.parametrize("scope", ["friends", "status,friends,unknown"])
def test_a_scope_of_which_nothing_is_offered_is_rejected(scope):
    """
    It is not replaced by photos, which were not requested.
    """
    with pytest.raises(APIError, match="does not offer") as error:
        parse_scope(scope, ["photos", "videos"])
    assert (error.value.status, error.value.code) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("difference", "direction"), [(-301, "behind"), (301, "ahead of"), (-300, ""), (300, "")]
)
def test_a_timestamp_must_be_within_the_window(monkeypatch, difference, direction):
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.5)
    parameters = required(timestamp=str(1_700_000_000 + difference))
    if not direction:
        check_timestamp(parameters, 300)
    else:
        message = f"301 seconds {direction} the server's clock .1700000000."
        with pytest.raises(APIError, match=message) as error:
            check_timestamp(parameters, 300)
        assert (error.value.status, error.value.code) == (401, "timestamp_refused")


@pytest.mark.parametrize("timestamp", ["1", "-1700000000", "17000000000", "1700000000.5", "x"])
def test_a_timestamp_has_ten_digits(timestamp):
    with pytest.raises(APIError, match="10 digits") as error:
        check_timestamp(required(timestamp=timestamp), 300)
    assert (error.value.status, error.value.code) == (400, "invalid_request")
