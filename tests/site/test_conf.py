from __future__ import annotations

import pytest

from django_trove.backends.remote import RemoteBackend
from django_trove.conf import accepts_request, conf, request_scope


def test_defaults(settings):
    settings.TROVE = {}
    assert {key: getattr(conf, key.lower()) for key in conf.keys} == {
        "APP_KEY": "",
        "APP_SECRET": "",
        "URL": "",
        "WEB_URL": "",
        "API_URL": "",
        "BACKEND": RemoteBackend,
        "CONTENT_TYPES": ["photos"],
        "CALLBACK_BASE_URL": "",
        "CONFIRM_ACCOUNT": True,
        "CONNECT_REDIRECT_URL": "",
        "ALLOWED_NEXT_HOSTS": [],
        "TIMEOUT": (3.05, 10.0),
        "DEADLINE": 20.0,
        "PAGE_DEADLINE": 3.0,
        "RETRIES": 2,
        "PROTOCOL": 1,
        "SIGNATURE_METHOD": "HMAC-SHA256",
        "ALLOW_HTTP": False,
        "TRUST_ENV": False,
        "SESSION": None,
        "CACHE": "default",
        "CACHE_SECONDS": 60.0,
        "STALE_IF_ERROR_SECONDS": 86400.0,
        "ERROR_CACHE_SECONDS": 15.0,
        "MAP_TILES": None,
        "PAGES": {},
        "EMAILS": [],
        "MAX_LOGIN_AGE": None,
        "REQUEST_ID": "",
    }


@pytest.mark.parametrize("value", ["key", lambda: "key"])
def test_values_are_read_on_use_and_can_be_callable(settings, value):
    settings.TROVE = {"APP_KEY": value}
    assert conf.app_key == "key"


def test_callable_can_take_request(settings, rf):
    settings.TROVE = {"APP_KEY": lambda request: f"key of {request and request.get_host()}"}
    with request_scope(rf.get("/", headers={"host": "site.example"})):
        assert conf.app_key == "key of site.example"
    assert conf.app_key == "key of None"


@pytest.mark.parametrize(
    ("value", "takes"),
    [
        (lambda: "", False),
        (lambda request: "", True),
        (lambda request=None: "", False),
        (lambda *given: "", False),
        ("text", False),
        (dict, False),
        (len, True),
        (type, False),
    ],
)
def test_callables_that_take_request(value, takes):
    assert accepts_request(value) is takes


def test_secret_is_selected_by_key(settings):
    settings.TROVE = {"APP_KEY": "new", "APP_SECRET": "of-new"}
    assert [conf.app_secret, *map(conf.get_secret, ["new", "old"])] == ["of-new", "of-new", ""]
    settings.TROVE = {"APP_KEY": "new", "APP_SECRET": {"new": "of-new", "old": "of-old"}}
    assert [conf.app_secret, *map(conf.get_secret, ["old", "x"])] == ["of-new", "of-old", ""]


def test_url_is_default_for_web_and_api_url(settings):
    settings.TROVE = {"URL": "https://trove.example", "API_URL": "https://api.trove.example"}
    assert (conf.web_url, conf.api_url) == ("https://trove.example", "https://api.trove.example")


@pytest.mark.parametrize("value", ["photos", ["photos"], ("photos",)])
def test_content_type_can_be_a_string(settings, value):
    settings.TROVE = {"CONTENT_TYPES": value}
    assert conf.content_types == ["photos"]


def test_none_is_treated_as_missing_key(settings):
    settings.TROVE = {"APP_KEY": None, "APP_SECRET": None, "URL": None}
    assert (conf.app_key, conf.app_secret, conf.web_url) == ("", "", "")
