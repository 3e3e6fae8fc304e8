"""
System checks of project settings that the app depends on: middleware, sessions, URLs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.http.request import validate_host
from django.shortcuts import resolve_url
from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    get_script_prefix,
    resolve,
    reverse,
)

from ..conf import accepts_request, conf
from ..core.checks import check_session_database, has_middleware

VOLATILE_CACHES = ("locmem.LocMemCache", "dummy.DummyCache")
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
MIDDLEWARE = "django_trove.middleware.TroveMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
Found = Iterator[CheckMessage]


def check_sessions() -> Found:
    if not has_middleware(SESSIONS):
        yield Error(
            "The session middleware is missing.",
            hint=f"Add {SESSIONS!r} to MIDDLEWARE.",
            id="django_trove.E006",
        )


def check_authentication() -> Found:
    if not has_middleware(AUTHENTICATION):
        yield Error(
            "The authentication middleware is missing.",
            hint=f"Add {AUTHENTICATION!r} to MIDDLEWARE, after the session middleware.",
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
    keys = [key for key, value in conf.raw.items() if accepts_request(value)]
    if keys and not has_middleware(MIDDLEWARE):
        yield Warning(
            f"TROVE[{keys[0]!r}] takes the request, but always receives None.",
            hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, after the authentication middleware.",
            id="django_trove.W009",
        )


def check_same_site() -> Found:
    if settings.SESSION_COOKIE_SAMESITE == "Strict":
        yield Warning(
            "SESSION_COOKIE_SAMESITE is Strict, so the session is not available in the callback.",
            hint='Use "Lax", the default.',
            id="django_trove.W002",
        )


def check_session_store() -> Found:
    backend = settings.CACHES.get(settings.SESSION_CACHE_ALIAS, {}).get("BACKEND", "")
    if settings.SESSION_ENGINE.endswith(".cache") and backend.endswith(VOLATILE_CACHES):
        yield Warning(
            "Sessions are stored in the memory of one process and are lost in the others.",
            hint="Use the database or a cache that all processes share.",
            id="django_trove.W003",
        )


def check_session_replica() -> Found:
    yield from check_session_database("django_trove.W010")


def check_callback_host() -> Found:
    try:
        host = urlsplit(conf.callback_base_url).hostname
    except ValueError:  # check_callback_base reports it
        return
    if host and settings.ALLOWED_HOSTS and not validate_host(host, settings.ALLOWED_HOSTS):
        yield Warning(
            f"The host of the callback URL, {host}, is not in ALLOWED_HOSTS.",
            hint="TROVE['CALLBACK_BASE_URL'] must be the address that users visit.",
            id="django_trove.W004",
        )


def check_callback_scheme() -> Found:
    plain = conf.callback_base_url.startswith("http://")
    if plain and settings.SESSION_COOKIE_SECURE:
        yield Warning(
            "The callback URL uses plain HTTP, but SESSION_COOKIE_SECURE is set.",
            hint="Use https:// in TROVE['CALLBACK_BASE_URL'].",
            id="django_trove.W005",
        )


def check_connect_redirect_url() -> Found:
    try:
        resolve_url(conf.connect_redirect_url or "/")
    except NoReverseMatch:
        yield Error(
            f"TROVE['CONNECT_REDIRECT_URL'] cannot be resolved: {conf.connect_redirect_url!r}.",
            hint="Use a URL or the name of a URL pattern.",
            id="django_trove.E011",
        )


def check_login_url() -> Found:
    target = _login_url()
    try:
        _resolve_path(target)
    except Resolver404:
        yield Warning(
            f"LOGIN_URL is {target.path}, which is not a page of this project.",
            hint="Set LOGIN_URL to your login page. Users must log in to connect.",
            id="django_trove.W008",
        )


def check_repeated_sign_in() -> Found:
    if conf.max_login_age is None:
        return
    with suppress(Resolver404):  # check_login_url reports it
        match = _resolve_path(_login_url())
        if match and _redirects_signed_in_users(match):
            yield Warning(
                "The login page redirects users who are signed in, so that they cannot connect "
                "when their sign-in is older than TROVE['MAX_LOGIN_AGE'].",
                hint="Set LOGIN_URL to a LoginView without redirect_authenticated_user. The login "
                "page of the admin redirects staff.",
                id="django_trove.W012",
            )


def _login_url() -> SplitResult:
    try:
        return urlsplit(resolve_url(settings.LOGIN_URL))
    except NoReverseMatch:  # Django reports it
        return urlsplit("//invalid")


def _resolve_path(target: SplitResult) -> ResolverMatch | None:
    """
    :returns: the view of a URL, or None for a page of another site.
    """
    if target.netloc:
        return None
    return resolve("/" + target.path.removeprefix(get_script_prefix()).removeprefix("/"))


def _redirects_signed_in_users(match: ResolverMatch) -> bool:
    if match.url_name == "login" and "admin" in match.app_names:
        return True
    options = getattr(match.func, "view_initkwargs", {})
    view_class = getattr(match.func, "view_class", None)
    default = getattr(view_class, "redirect_authenticated_user", False)
    return bool(options.get("redirect_authenticated_user", default))
