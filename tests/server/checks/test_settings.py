"""
System checks of the settings.
"""

import certifi
import pytest
from django.conf import settings as project
from django.contrib.auth.middleware import AuthenticationMiddleware

from django_trove.server.checks.deployment import check_deployment
from django_trove.server.checks.settings import check_server

VALID = {"URL": "https://trove.example"}
KEYS = {"KEY": "x", "SECRET": "y"}


@pytest.fixture(autouse=True)
def valid_settings(settings, tmp_path):
    settings.TROVE_SERVER = VALID
    settings.MEDIA_ROOT = tmp_path
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def ids():
    return [message.id.removeprefix("trove_server.") for message in check_server()]


def test_valid_settings_have_no_messages():
    assert ids() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"URL": ""}, []),
        ({"URL": "http://127.0.0.1:8001"}, []),
        ({"URL": "http://[::1]:8001"}, []),
        ({"URL": "http://localhost"}, []),
        ({"URL": "http://trove.example", "ALLOW_HTTP": True}, []),
        ({"URL": "trove.example"}, ["E001"]),
        ({"URL": "http://["}, ["E001"]),
        ({"URL": "ftp://trove.example"}, ["E001", "E002"]),
        ({"WEB_URL": "https://www.trove.example", "API_URL": "https://api.trove.example"}, []),
        ({"URL": "https://trove.example", "API_URL": "https://api.trove.example"}, []),
        ({"URL": "", "API_URL": "https://api.trove.example"}, ["E022"]),
        ({"URL": "", "WEB_URL": "https://www.trove.example"}, ["E022"]),
        ({"URL": "https://trove.example", "API_URL": "api.trove.example"}, ["E001"]),
        ({"URL": "https://trove.example", "WEB_URL": "http://www.trove.example"}, ["E002"]),
        ({"WEB_URL": 7}, ["E019"]),
        ({"URL": None}, ["E019"]),
        ({"SERVICES": ["flickr"]}, ["E019"]),
        ({"SERVICES": {"flickr": "key"}}, ["E019"]),
        ({"CONNECTORS": "app.Connector"}, ["E019"]),
        ({"RATE_LIMITS": None}, ["E019"]),
        ({"FOLDER_ROOT": 5}, ["E019"]),
        ({"FOLDER_ROOT": None, "INSTALLATION": None}, []),
        ({"ALLOW_HTTP": "False"}, ["E019"]),
        ({"CLIENT_IP_FUNCTION": "nowhere.client_ip"}, ["E020"]),
        ({"URL": "http://trove.example"}, ["E002"]),
        ({"NONCE_STORE": "memory"}, ["E007"]),
        ({"SIGN_UP": "open"}, []),
        ({"SIGN_UP": True}, ["E019"]),
        ({"SIGN_UP": "yes"}, ["E013"]),
        ({"PASSWORD_RESET": "email"}, []),
        ({"PASSWORD_RESET": "smtp"}, ["E013"]),
        ({"RATE_LIMITS": {"token": None, "address": "5/s"}}, []),
        ({"RATE_LIMITS": {"tokens": "5/s"}}, ["E014"]),
        ({"RATE_LIMITS": {"token": "5 a second"}}, ["E014"]),
        ({"RATE_LIMITS": {"token": 5}}, ["E014"]),
        ({"CONNECTORS": ["tests.server.fake_connector.Web"]}, []),
        ({"CONNECTORS": ["tests.server.fake_connector.Nothing"]}, ["E015"]),
        ({"CONNECTORS": ["tests.server.fake_connector.Service"]}, ["E015"]),
        ({"SERVICES": {"flickr": KEYS}}, []),
        ({"SERVICES": {"flickr": {**KEYS, "API_URL": "https://x", "RETENTION_SECONDS": None}}}, []),
        ({"SERVICES": {"flickr": {**KEYS, "RETENTION_SECONDS": 3600}}}, []),
        ({"SERVICES": {"flickr": {**KEYS, "RETENTION_SECONDS": "a day"}}}, ["E017"]),
        ({"SERVICES": {"flickr": {**KEYS, "RETENTION_SECONDS": True}}}, ["E017"]),
        ({"SERVICES": {"flickr": {**KEYS, "CONTENT_TYPES": ["photos", "friends"]}}}, []),
        ({"SERVICES": {"flickr": {**KEYS, "CONTENT_TYPES": ["photos", "status"]}}}, ["E021"]),
        ({"SERVICES": {"flickr": {**KEYS, "CONTENT_TYPES": "photos"}}}, ["E021"]),
        ({"SERVICES": {"flickr": {**KEYS, "CONTENT_TYPES": [["photos"]]}}}, ["E021"]),
        ({"SERVICES": {"smugmug": {**KEYS, "CONTENT_TYPES": ["photos"]}}}, ["W007"]),
        ({"CONTENT_TYPES": ["status", "checkins", "friends"]}, []),
        ({"CONTENT_TYPES": ["letters"]}, ["E021"]),
        ({"CONTENT_TYPES": "status"}, ["E019"]),
        ({"SERVICES": {"flickr": {**KEYS, "API_KEY": "x"}}}, ["W007"]),
        ({"SERVICES": {"flickr": {"KEY": "x"}}}, ["W006"]),
        ({"SERVICES": {"facebook": {"CLIENT_ID": "x", "CLIENT_SECRET": ""}}}, ["W006"]),
        ({"SERVICES": {"folder": {}}}, ["E016"]),
        ({"SERVICES": {"myspace": KEYS}}, ["E016"]),
        ({"CACHE": "nowhere"}, ["E008"]),
        ({"STORAGE": "nowhere"}, ["E009"]),
        ({"IMAGE_MEMORY": 256, "FORCE_UPDATE_WAITS": 0, "FORCE_UPDATE_SECONDS": 2.5}, []),
        ({"IMAGE_MEMORY": "256 MB", "FORCE_UPDATE_WAITS": -1}, ["E018", "E018"]),
        ({"SYNC_INTERVAL": None, "TIMESTAMP_WINDOW": True}, ["E018", "E018"]),
        ({"RATE_LIMITS": {"sign_in": "5/m", "sign_up_name": None}}, []),
        ({"FOLDER_ROOT": "/nowhere/at/all"}, ["W003"]),
        ({"FOLDER_ROOT": "."}, ["W003"]),
        ({"REGISTRATION": "staff"}, []),
        ({"REGISTRATION": "everyone"}, ["E012"]),
        ({"NONCE": "cache", "Url": ""}, ["W004", "W004"]),
    ],
)
def test_settings(settings, change, expected):
    settings.TROVE_SERVER = {**VALID, **change}
    assert ids() == expected


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("dummy.DummyCache", ["E010"]),
        ("locmem.LocMemCache", ["W001"]),
        ("filebased.FileBasedCache", ["W001"]),
        ("db.DatabaseCache", ["W001"]),
        ("redis.RedisCache", []),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_unsuitable_nonce_caches(settings, tmp_path, backend, expected, debug):
    settings.DEBUG = debug
    settings.TROVE_SERVER = {**VALID, "NONCE_STORE": "cache"}
    backend = f"django.core.cache.backends.{backend}"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(tmp_path)}}
    assert ids() == expected


def test_media_root_is_required(settings):
    settings.MEDIA_ROOT = ""
    assert ids() == ["W002"]


@pytest.mark.parametrize(
    ("part", "expected"), [("SessionMiddleware", "E003"), ("AuthenticationMiddleware", "E004")]
)
def test_middleware_is_required(settings, part, expected):
    settings.MIDDLEWARE = [path for path in project.MIDDLEWARE if not path.endswith(part)]
    assert ids() == [expected]


def test_every_message_has_a_hint(settings):
    settings.TROVE_SERVER = {"URL": "x", "NONCE_STORE": "x", "STORAGE": "x", "x": 1}
    settings.MIDDLEWARE = []
    messages = check_server()
    assert len(messages) == 6
    assert all(message.hint for message in messages)


def test_services_without_credentials(settings):
    settings.TROVE_SERVER = {**VALID, "SERVICES": {"flickr": {"KEY": "x"}}}
    (message,) = check_server()
    assert message.msg == "Users cannot add Flickr: SECRET must be set."
    assert "TROVE_SERVER['SERVICES']['flickr']" in message.hint
    others = [message.msg for message in check_deployment()]
    assert others[:3] == [
        f"Users cannot add {title}: it is not in TROVE_SERVER['SERVICES']."
        for title in ("SmugMug", "Google Photos", "Facebook")
    ]


def test_messages_contain_no_credentials(settings):
    options = {
        "KEY": "the-key",
        "SECRET": "the-secret",
        "SECRT": "the-other",
        "RETENTION_SECONDS": "x",
    }
    settings.TROVE_SERVER = {**VALID, "SERVICES": {"flickr": options}}
    text = "".join(f"{message.msg}{message.hint}" for message in check_server())
    assert "the-" not in text


@pytest.mark.parametrize("value", [None, [], "https://trove.example"])
def test_a_value_that_is_no_dictionary(settings, value):
    settings.TROVE_SERVER = value
    assert ids() == ["E019"]
    assert check_deployment() == []


def test_a_subclass_of_a_required_middleware(settings):
    settings.MIDDLEWARE = [
        name.replace("django.contrib.auth.middleware.Authentication", f"{__name__}.Own")
        for name in settings.MIDDLEWARE
    ]
    assert ids() == []


class OwnMiddleware(AuthenticationMiddleware):
    pass


@pytest.mark.parametrize("hosts", ["192.168.1.5", ["https://nas.lan"], ["nas.lan:5006"], [5]])
def test_invalid_private_hosts(settings, hosts):
    settings.TROVE_SERVER = {**VALID, "SERVICES": {"example": {"HOSTS": hosts}}}
    settings.TROVE_SERVER["CONNECTORS"] = ["tests.server.connectors.test_entered.Example"]
    assert ids() == ["E024"]


def test_file_of_certificates(settings, tmp_path):
    valid, invalid = certifi.where(), tmp_path / "invalid.pem"
    invalid.write_text("no certificate")
    for path, found in ((valid, []), (invalid, ["E026"]), (tmp_path / "missing", ["E026"])):
        settings.TROVE_SERVER = {**VALID, "SERVICES": {"webdav": {"CA_FILE": path}}}
        assert ids() == found


@pytest.mark.parametrize(("value", "found"), [("view", []), ("sync", []), ("never", ["E025"])])
def test_time_at_which_sizes_are_created(settings, value, found):
    settings.TROVE_SERVER = {**VALID, "SERVICES": {"webdav": {"RENDITIONS": value}}}
    assert ids() == found


def test_valid_private_hosts(settings):
    options = {"HOSTS": ["192.168.1.0/24", "nas.lan", ".home.arpa"], "ALLOW_HTTP": True}
    settings.TROVE_SERVER = {**VALID, "SERVICES": {"example": options}}
    settings.TROVE_SERVER["CONNECTORS"] = ["tests.server.connectors.test_entered.Example"]
    assert ids() == []
