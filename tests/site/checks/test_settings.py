from __future__ import annotations

from types import ModuleType

import pytest
from django.contrib.auth.views import LoginView
from django.urls import clear_script_prefix, path, set_script_prefix
from django.utils.translation import gettext_lazy

import tests.urls
from django_trove.checks.settings import check_settings
from django_trove.conf import conf

GOOD = {"APP_KEY": "k", "APP_SECRET": "s", "URL": "https://trove.example"}
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def run_checks() -> list[str]:
    return [message.id.removeprefix("django_trove.") for message in check_settings()]


@pytest.fixture(autouse=True)
def good(settings):
    settings.TROVE = GOOD


@pytest.mark.parametrize(
    ("trove", "ids"),
    [
        ({}, []),
        ({"APP_KEY": lambda: "from a vault"}, []),
        ({"APP_KEY": lambda request: "by the host"}, ["W009"]),
        ({"APP_KEY": lambda request: request.get_host()}, ["E014"]),
        ({"APP_SECRET": {"k": "s", "before": "s"}}, []),
        ({"APP_SECRET": {"before": "s"}}, ["E003"]),
        ({"APP_KEY": ["k"]}, ["E015"]),
        ({"APP_KEY": lambda: ["k"]}, ["E015"]),
        ({"APP_SECRET": None}, ["E003"]),
        ({"ALLOWED_NEXT_HOSTS": "a.example"}, ["E015"]),
        ({"CONTENT_TYPES": 5}, ["E015"]),
        ({"ALLOW_HTTP": "False"}, ["E015"]),
        ({"CONNECT_REDIRECT_URL": gettext_lazy("/photos/")}, []),
        ({"CACHE_SECONDS": "60"}, ["E016"]),
        ({"RETRIES": None}, ["E016"]),
        ({"MAX_LOGIN_AGE": None}, []),
        ({"MAX_LOGIN_AGE": 300}, []),
        ({"MAX_LOGIN_AGE": "300"}, ["E016"]),
        ({"EMAILS": ["connected", "needs_reconnect"]}, []),
        ({"EMAILS": ["reconnected"]}, ["E018"]),
        ({"EMAILS": "connected"}, ["E015"]),
        ({"ERROR_CACHE_SECONDS": -1}, ["E016"]),
        ({"SIGNATURE_METHOD": "PLAINTEXT"}, ["E017"]),
        ({"PROTOCOL": 3}, ["E027"]),
        ({"CALLBACK_BASE_URL": "http://["}, ["E009"]),
        ({"APP_KEY": ""}, ["E002"]),
        ({"APP_SECRET": lambda: ""}, ["E003"]),
        ({"URL": ""}, ["E004"]),
        ({"URL": "trove.example"}, ["E004"]),
        ({"URL": "http://trove.example"}, ["E004"]),
        ({"URL": "http://127.0.0.1:8001"}, []),
        ({"URL": "", "WEB_URL": "https://a.example", "API_URL": "https://b.example"}, []),
        ({"URL": "", "WEB_URL": "https://a.example"}, ["E004"]),
        ({"URL": "http://trove.example", "ALLOW_HTTP": True}, ["W006"]),
        ({"TIMEOUT": None}, ["E005"]),
        ({"TIMEOUT": (3, None)}, ["E005"]),
        ({"TIMEOUT": [3, 10]}, []),
        ({"DEADLINE": None}, ["E005"]),
        ({"DEADLINE": 0}, ["E005"]),
        ({"CALLBACK_BASE_URL": "https://site.example"}, []),
        ({"CALLBACK_BASE_URL": "site.example"}, ["E009"]),
        ({"CALLBACK_BASE_URL": "https://site.example/path"}, ["E009"]),
        ({"CALLBACK_BASE_URL": "https://elsewhere.example"}, ["W004"]),
        ({"CACHE": "none"}, ["E010"]),
        ({"CONNECT_REDIRECT_URL": "nowhere"}, ["E011"]),
        ({"CONNECT_REDIRECT_URL": "/photos/"}, []),
        ({"MAP_TILES": {"URL": "https://tiles.example/{z}/{x}/{y}.png"}}, []),
        ({"MAP_TILES": "https://tiles.example/{z}/{x}/{y}.png"}, ["E013"]),
        ({"MAP_TILES": {"URL": "https://tiles.example/"}}, ["E013"]),
        ({"APP_KEYS": "k"}, ["W001"]),
        ({"TRUST_ENV": True}, ["W007"]),
    ],
)
def test_check_ids(settings, trove, ids):
    settings.TROVE = GOOD | trove
    assert run_checks() == ids


def test_callables_with_request_require_middleware(settings):
    settings.TROVE = GOOD | {"APP_KEY": lambda request: "by the host"}
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django_trove.middleware.TroveMiddleware"]
    assert run_checks() == []


def test_all_missing_settings_are_reported(settings):
    del settings.TROVE
    assert run_checks() == ["E002", "E003", "E004"]


def test_setting_must_be_dictionary(settings):
    settings.TROVE = ["APP_KEY"]
    assert run_checks()[0] == "E001"


@pytest.mark.parametrize(("path", "id"), [(SESSIONS, "E006"), (AUTHENTICATION, "E007")])
def test_missing_middleware_is_reported(settings, path, id):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != path]
    assert run_checks() == [id]


def test_missing_urls_are_reported(settings):
    settings.ROOT_URLCONF = "django.contrib.auth.urls"
    settings.LOGIN_URL = "/login/"
    assert run_checks() == ["E008"]


def test_missing_login_page_is_reported(settings):
    settings.LOGIN_URL = "/accounts/login/"
    assert run_checks() == ["W008"]
    settings.LOGIN_URL = "https://sign-in.example/"
    assert run_checks() == []


def test_login_page_below_a_script_prefix(settings):
    """
    As with FORCE_SCRIPT_NAME.
    """
    set_script_prefix("/app/")
    try:
        for settings.LOGIN_URL in ("/app/identity/login", "trove_server:login"):
            assert run_checks() == []
        settings.LOGIN_URL = "/app/accounts/login/"
        assert run_checks() == ["W008"]
    finally:
        clear_script_prefix()


class TestMaxLoginAge:
    @pytest.fixture(autouse=True)
    def set_age(self, good, settings):
        settings.TROVE = GOOD | {"MAX_LOGIN_AGE": 300}

    def test_login_page_of_admin_is_reported(self, settings):
        settings.LOGIN_URL = "admin:login"
        assert run_checks() == ["W012"]
        settings.TROVE = GOOD
        assert run_checks() == []

    @pytest.mark.parametrize("redirects", [True, False])
    def test_login_page_that_redirects_is_reported(self, settings, redirects):
        settings.ROOT_URLCONF = ModuleType("urls")
        view = LoginView.as_view(redirect_authenticated_user=redirects)
        settings.ROOT_URLCONF.urlpatterns = [*tests.urls.urlpatterns, path("sign-in/", view)]
        settings.LOGIN_URL = "/sign-in/"
        assert run_checks() == ["W012"] * redirects


def test_strict_session_cookie_is_reported(settings):
    settings.SESSION_COOKIE_SAMESITE = "Strict"
    assert run_checks() == ["W002"]


def test_sessions_in_local_memory_are_reported(settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert run_checks() == ["W003"]


def test_secure_cookie_with_http_callback_is_reported(settings):
    settings.SESSION_COOKIE_SECURE = True
    settings.TROVE = GOOD | {"CALLBACK_BASE_URL": "http://site.example"}
    assert run_checks() == ["W005"]


def test_misspelled_key_has_suggestion(settings):
    settings.TROVE = GOOD | {"CACHE_SECOND": 5, "qwertz": 1}
    hints = [message.hint for message in check_settings()]
    assert hints[0] == "Did you mean CACHE_SECONDS?"
    assert hints[1].startswith("The settings are APP_KEY")


def test_all_messages_have_hints(settings):
    settings.TROVE = {"X": 1, "TIMEOUT": None, "CACHE": "x", "ALLOW_HTTP": 1, "TRUST_ENV": 1}
    messages = check_settings()
    assert messages
    assert all(message.hint for message in messages)


def test_all_documented_keys_are_known(settings):
    assert set(conf.keys) >= {
        "APP_KEY",
        "WEB_URL",
        "CALLBACK_BASE_URL",
        "ALLOWED_NEXT_HOSTS",
        "CACHE",
    }
    settings.TROVE = dict.fromkeys(conf.keys)
    assert "W001" not in {m.id for m in check_settings()}
