"""
What is wrong in a project with what `TROVE` leans on: middleware, sessions, addresses. One function
per problem, run by `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.http.request import validate_host
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils.module_loading import import_string

from ..conf import accepts_request, conf

VOLATILE_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
MIDDLEWARE = "django_trove.middleware.TroveMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
Found = Iterator[CheckMessage]


def check_sessions() -> Found:
    if not _has_middleware(SESSIONS):
        yield Error(
            "There is no session middleware.",
            hint=f"Add {SESSIONS!r} to MIDDLEWARE: a connection under way waits in the session.",
            id="django_trove.E006",
        )


def check_authentication() -> Found:
    if not _has_middleware(AUTHENTICATION):
        yield Error(
            "There is no authentication middleware.",
            hint=f"Add {AUTHENTICATION!r} to MIDDLEWARE, after the sessions.",
            id="django_trove.E007",
        )


def check_urlconf() -> Found:
    try:
        reverse("django_trove:callback")
    except NoReverseMatch:
        yield Error(
            "The URLs of django_trove are not included.",
            hint='Add path("trove/", include("django_trove.urls")) to your urlpatterns.',
            id="django_trove.E008",
        )


def check_middleware() -> Found:
    wanting = [key for key, value in conf.raw.items() if accepts_request(value)]
    if wanting and not _has_middleware(MIDDLEWARE):
        yield Warning(
            f"TROVE has a {wanting[0]} that wants the request, and is always given None.",
            hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, after the authentication.",
            id="django_trove.W009",
        )


def check_same_site() -> Found:
    if settings.SESSION_COOKIE_SAMESITE == "Strict":
        yield Warning(
            "SESSION_COOKIE_SAMESITE is Strict, so nobody who comes back from the Trove is known.",
            hint='Use "Lax", the default.',
            id="django_trove.W002",
        )


def check_session_store() -> Found:
    backend = settings.CACHES.get(settings.SESSION_CACHE_ALIAS, {}).get("BACKEND", "")
    if settings.SESSION_ENGINE.endswith(".cache") and backend.endswith(VOLATILE_CACHES):
        yield Warning(
            "Sessions are kept in one process's memory; another doesn't know who comes back.",
            hint="Use the database, or a cache that all processes share.",
            id="django_trove.W003",
        )


def check_callback_host() -> Found:
    host = urlsplit(conf.callback_base_url).hostname
    if host and settings.ALLOWED_HOSTS and not validate_host(host, settings.ALLOWED_HOSTS):
        yield Warning(
            f"The Trove sends people back to {host}, which isn't in ALLOWED_HOSTS.",
            hint="CALLBACK_BASE_URL has to be the address that people start from.",
            id="django_trove.W004",
        )


def check_callback_scheme() -> Found:
    plain = conf.callback_base_url.startswith("http://")
    if plain and settings.SESSION_COOKIE_SECURE:
        yield Warning(
            "The Trove sends people back by plain http, where their secure session cookie isn't.",
            hint="Give CALLBACK_BASE_URL with https.",
            id="django_trove.W005",
        )


def check_login_url() -> Found:
    with suppress(NoReverseMatch):  # of the whole URLconf's, which Django says itself
        target = urlsplit(resolve_url(settings.LOGIN_URL))
        if not target.netloc and not is_valid_path(target.path):
            yield Warning(
                f"LOGIN_URL is {target.path}, where this project has no page.",
                hint="Set LOGIN_URL to your sign-in page: only who is signed in can connect.",
                id="django_trove.W008",
            )


def _has_middleware(path: str) -> bool:
    """
    A project may have a subclass of its own.
    """
    wanted = import_string(path)
    found = (import_string(name) for name in settings.MIDDLEWARE)
    return any(isinstance(each, type) and issubclass(each, wanted) for each in found)
