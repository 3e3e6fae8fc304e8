"""
Authorization headers (RFC 9110, sections 5.6 and 11.4; protocol, section 2.1).
"""

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from django_trove.server.errors import APIError
from django_trove.server.oauth.header import parse_parameter_list
from django_trove.server.oauth.parameters import Parameter, parse_parameters

PHOTOS = "/v1/oauth/photos/"
TCHAR = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

tokens = st.text(TCHAR, min_size=1, max_size=10)
values = st.text(
    st.sampled_from("\t" + "".join(map(chr, [*range(32, 127), *range(128, 256)]))), max_size=12
)
spaces = st.text(" \t", max_size=2)
commas = st.text(" \t,", max_size=3)


@st.composite
def serialized_parameters(draw):
    """
    Return parameters, and a header with them in any notation of the grammar.
    """
    pairs = draw(st.lists(st.tuples(tokens, values), max_size=6))
    elements = []
    for name, value in pairs:
        is_token = bool(value) and set(value) <= set(TCHAR)
        text = value if is_token and draw(st.booleans()) else _quote(value, draw(st.booleans()))
        elements.append(f"{name}{draw(spaces)}={draw(spaces)}{text}")
    header = draw(commas)
    for element in elements:
        header += f"{element}{draw(spaces)},{draw(commas)}"
    return pairs, header if draw(st.booleans()) else header.rstrip(", \t")


def _quote(value, escape_all):
    special = r'["\\ -~]' if escape_all else r'["\\]'
    return '"' + re.sub(special, lambda match: "\\" + match[0], value) + '"'


@given(serialized_parameters())
def test_each_notation_of_a_list_is_parsed(serialized):
    pairs, header = serialized
    assert parse_parameter_list(header) == pairs


@given(st.text(st.sampled_from('ab%2C=", \\\t\0;()\xe9\n'), max_size=30))
def test_another_text_is_rejected_or_parsed(text):
    """
    The only exception is ValueError. The concatenated parts are the text.
    """
    try:
        pairs = parse_parameter_list(text)
    except ValueError:
        return
    assert all(set(name) <= set(TCHAR) for name, _ in pairs)
    assert len(text) >= sum(len(name) + len(value) + 1 for name, value in pairs)


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_header_is_parsed_or_rejected(header):
    for text in (header, f"OAuth {header}", f'OAuth oauth_a="{header}"'):
        status = 200
        try:
            parse_parameters("", "", text)
        except APIError as error:
            status = error.status
        assert status < 500


@pytest.mark.parametrize(
    "text",
    ["abc", "abc==", "abc/+", "a", "a=", '="b"', 'a="b', "a=b c=d", 'a="b"c', "a=b=c", "a b=c"],
)
def test_a_token68_or_an_invalid_list_is_rejected(text):
    with pytest.raises(ValueError, match="not a list"):
        parse_parameter_list(text)


def test_a_long_header_is_parsed_in_linear_time():
    """
    The regular expressions have no nested backtracking.
    """
    for text in (
        "a=b," * 20_000 + "\0",
        'a="' + "\\" * 100_001,
        ", " * 50_000 + "\0",
        "a" * 100_000,
    ):
        with pytest.raises(ValueError, match="not a list"):
            parse_parameter_list(text)


@pytest.mark.parametrize(
    "header",
    [
        'OAuth realm="a, b", oauth_token="t"',
        'oauth realm="say \\"hi\\", oauth_token=\\"x\\"",oauth_token="t"',
        "OAUTH oauth_token=t",
        'OAuth  ,oauth_token = "\\t",, Realm=""',
        'OAuth oauth%5Ftoken="%74"',
        'OAuth realm="\xe9", oauth_token="t"',
    ],
)
def test_a_realm_and_the_notation_have_no_influence(header):
    parameters = parse_parameters("", "", header)
    assert parameters.oauth == {"token": "t"}
    assert not parameters.others


@pytest.mark.parametrize("value", ["%ff", "%00", "\xe9", "%C3"])
def test_a_value_that_is_not_percent_encoded_utf_8_is_rejected(value):
    with pytest.raises(APIError) as caught:
        parse_parameters("", "", f'OAuth oauth_token="{value}"')
    assert caught.value.status == 400


@pytest.mark.parametrize("header", ["Bearer a, b", "Basic YTpi", "OAuthx", ""])
def test_another_scheme_is_ignored(header):
    """
    A proxy may require a password. The OAuth parameters are in the query string then.
    """
    assert parse_parameters("oauth_token=t&a=b", "", header) == parse_parameters(
        "a=b", "oauth_token=t", ""
    )


def test_parameters_in_different_places_are_joined():
    parameters = parse_parameters(
        "oauth_callback=c&a=1", "oauth_verifier=v&a=2", 'OAuth oauth_token="t"'
    )
    assert parameters.oauth == {"callback": "c", "verifier": "v", "token": "t"}
    assert parameters.others == (Parameter("a", "1"), Parameter("a", "2"))


@pytest.mark.parametrize(
    "places",
    [
        ("oauth_a=1&oauth_a=1", "", ""),
        ("", "oauth_a=1&oauth_a=1", ""),
        ("", "", 'OAuth oauth_a="1",oauth_a="1"'),
        ("oauth_a=1", "oauth_a=1", ""),
        ("oauth_a=1", "", 'OAuth oauth_a="1"'),
        ("", "oauth_%61=1", 'OAuth oauth%5Fa="1"'),
    ],
)
def test_an_oauth_parameter_that_occurs_twice_is_rejected(places):
    with pytest.raises(APIError, match="occurs twice"):
        parse_parameters(*places)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["oauth_%2C", "oauth_%3D%22", "oauth_%C3%A9", "oauth_", "oauth_%2525"]
)
def test_an_unknown_oauth_parameter_is_signed_and_ignored(caller, name):
    """
    oauthlib's parser of the header raises an exception for some of these names.
    """
    assert caller.get(f"{PHOTOS}?{name}=a%20%2B").status_code == 200
    unsigned = Client().get(f"{PHOTOS}?{name}=1", secure=True)
    assert unsigned.status_code == 401
    path, headers, _ = caller.sign("GET", PHOTOS)
    assert caller.send("GET", f"{path}?{name}=1", headers).status_code == 401
