"""
`check --deploy`: risky combinations of settings.
"""

import pytest

from django_trove.server.checks.deployment import check_deployment

VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
OPEN = {"SIGN_UP": "open", "REGISTRATION": "staff"}


@pytest.fixture(autouse=True)
def safe_settings(settings, tmp_path):
    for name in ("media", "static", "photos"):
        (tmp_path / name).mkdir()
    settings.TROVE_SERVER = {"URL": "https://trove.example", "FOLDER_ROOT": tmp_path / "photos"}
    settings.AUTH_PASSWORD_VALIDATORS = VALIDATORS
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STATIC_ROOT = tmp_path / "static"


def ids():
    """
    Return the ids of warnings, without those of services that have no credentials.
    """
    found = [message.id.removeprefix("trove_server.") for message in check_deployment()]
    return [id for id in found if id != "I001"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"URL": ""}, ["W005"]),
        ({"ALLOW_HTTP": True}, ["W010"]),
        (OPEN, []),
        (OPEN | {"REGISTRATION": "nobody"}, []),
        (OPEN | {"REGISTRATION": "anyone"}, ["W011"]),
        ({"REGISTRATION": "anyone"}, []),
        (OPEN | {"RATE_LIMITS": {"address": None}}, ["W013"]),
        ({"RATE_LIMITS": {"address": None}}, []),
    ],
)
def test_settings_of_the_trove(settings, change, expected):
    settings.TROVE_SERVER = settings.TROVE_SERVER | change
    assert ids() == expected


def test_open_sign_up_without_password_validators(settings):
    settings.AUTH_PASSWORD_VALIDATORS = []
    assert ids() == []
    settings.TROVE_SERVER = settings.TROVE_SERVER | OPEN
    assert ids() == ["W012"]


def get_client_ip(request):
    return request.META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECURE_PROXY_SSL_HEADER", ("HTTP_X", "https")), ("USE_X_FORWARDED_HOST", True)],
)
def test_proxy_without_client_ip_function(settings, name, value):
    setattr(settings, name, value)
    assert ids() == ["W014"]
    function = f"{__name__}.get_client_ip"
    settings.TROVE_SERVER = settings.TROVE_SERVER | {"CLIENT_IP_FUNCTION": function}
    assert ids() == []


@pytest.mark.parametrize("name", ["MEDIA_ROOT", "STATIC_ROOT"])
@pytest.mark.parametrize("folder", [".", "photos", "photos/public"])
def test_photos_in_a_public_directory(settings, tmp_path, name, folder):
    setattr(settings, name, tmp_path / folder)
    assert "W015" in ids()
