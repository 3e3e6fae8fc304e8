"""
What is wrong with a project's settings, said before a user finds it: one function per problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.http.request import validate_host
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils.module_loading import import_string

from .backends import local_trove
from .client import CallError
from .client.bases import checked_base
from .conf import conf, takes_request
from .tiles import tiles_of

__all__ = ["check_settings"]

LOSING = ("locmem.LocMemCache", "dummy.DummyCache")
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
MIDDLEWARE = "django_trove.middleware.TroveMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"

Found = Iterator[CheckMessage]


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """
    Check `TROVE` and what it leans on.
    """
    if broken := list(check_callables()):  # nothing else can be read then
        return broken
    return [message for check in CHECKS for message in check()]


def check_callables() -> Found:
    for key in conf.given:
        try:
            conf.read(key)
        except Exception as error:
            yield Error(
                f"TROVE has a {key} that can't be called: {type(error).__name__}.",
                hint="Let it take no argument, or the request: None in commands, such as this one.",
                id="django_trove.E014",
            )


def check_dict() -> Found:
    if not conf.given and getattr(settings, "TROVE", None) not in ({}, None):
        yield Error(
            "TROVE is no dictionary.", hint='TROVE = {"APP_KEY": …}', id="django_trove.E001"
        )


def check_app_key() -> Found:
    if not conf.app_key and not conf.backend:
        yield Error(
            "TROVE has no APP_KEY.",
            hint="Register the site at the Trove, and copy the key it gives out.",
            id="django_trove.E002",
        )


def check_app_secret() -> Found:
    if not conf.app_secret and not conf.backend:
        yield Error(
            "TROVE has no APP_SECRET.",
            hint="Copy the secret that came with the key; keep it out of the repository.",
            id="django_trove.E003",
        )


def check_urls() -> Found:
    if conf.backend:
        return
    for name, url in (("WEB_URL", conf.web_url), ("API_URL", conf.api_url)):
        key = name if name in conf.given else "URL"
        try:
            checked_base(key, url, allow_http=conf.allow_http)
        except CallError as error:
            yield Error(
                f"TROVE: {error.detail}",
                hint="URL is enough where pages and content have one address.",
                id="django_trove.E004",
            )
            return


def check_backend() -> Found:
    try:
        local_trove(None)
    except CallError as error:
        yield Error(
            error.detail,
            hint='The Trove of this package is "django_trove.server.local.LocalTrove"; it needs '
            '"django_trove.server" in INSTALLED_APPS.',
            id="django_trove.E012",
        )


def check_limits() -> Found:
    pair = conf.timeout if isinstance(conf.timeout, tuple) else (conf.timeout,)
    for key, values in (("TIMEOUT", pair), ("DEADLINE", (conf.deadline,))):
        if not all(isinstance(value, (int, float)) and value > 0 for value in values):
            yield Error(
                f"TROVE has a {key} that isn't a number of seconds.",
                hint="Without one, a Trove that hangs would hang your pages. Leave it out for the "
                "default.",
                id="django_trove.E005",
            )


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


def check_callback_base() -> Found:
    base = conf.callback_base_url
    parts = urlsplit(base)
    if base and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/")
    ):
        yield Error(
            "TROVE has a CALLBACK_BASE_URL that isn't scheme and host.",
            hint="As https://www.example.org, without a path.",
            id="django_trove.E009",
        )


def check_cache() -> Found:
    if conf.cache not in settings.CACHES:
        yield Error(
            f"TROVE names the cache {conf.cache!r}, which isn't in CACHES.",
            hint=f"There are: {', '.join(settings.CACHES)}.",
            id="django_trove.E010",
        )


def check_connected_url() -> Found:
    try:
        resolve_url(conf.connected_url or "/")
    except NoReverseMatch:
        yield Error(
            f"TROVE has a CONNECTED_URL that leads nowhere: {conf.connected_url!r}.",
            hint="Give an address, or the name of a URL.",
            id="django_trove.E011",
        )


def check_map_tiles() -> Found:
    try:
        tiles_of(conf.map_tiles)
    except ValueError as error:
        yield Error(
            f"TROVE has MAP_TILES that make no map: {error}",
            hint='{"URL": "https://tiles.example/{z}/{x}/{y}.png", "ATTRIBUTION": "© who made '
            'them", "MAX_ZOOM": 19}, or leave it out: maps are drawn without tiles then.',
            id="django_trove.E013",
        )


def check_keys() -> Found:
    for key in conf.given:
        if key not in conf.keys:
            near = difflib.get_close_matches(str(key).upper(), conf.keys, n=1, cutoff=0.5)
            yield Warning(
                f"TROVE has a key {key!r} that means nothing.",
                hint=f"Did you mean {near[0]}?" if near else f"There are {', '.join(conf.keys)}.",
                id="django_trove.W001",
            )


def check_middleware() -> Found:
    wanting = [key for key, value in conf.given.items() if takes_request(value)]
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
    if settings.SESSION_ENGINE.endswith(".cache") and backend.endswith(LOSING):
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


def check_plain_http() -> Found:
    if conf.allow_http and not settings.DEBUG:
        yield Warning(
            "TROVE has ALLOW_HTTP, so photos and tokens may cross the network in the clear.",
            hint="Take it out, and give the Trove an https address.",
            id="django_trove.W006",
        )


def check_proxies() -> Found:
    if conf.trust_env and not settings.DEBUG:
        yield Warning(
            "TROVE has TRUST_ENV, so the environment chooses proxies and certificates.",
            hint="Take it out unless the Trove can be reached in no other way.",
            id="django_trove.W007",
        )


def _has_middleware(path: str) -> bool:
    """
    A project may have a subclass of its own.
    """
    wanted = import_string(path)
    found = (import_string(name) for name in settings.MIDDLEWARE)
    return any(isinstance(each, type) and issubclass(each, wanted) for each in found)


CHECKS: tuple[Callable[[], Iterable[CheckMessage]], ...] = (
    check_dict,
    check_app_key,
    check_app_secret,
    check_urls,
    check_backend,
    check_limits,
    check_sessions,
    check_authentication,
    check_urlconf,
    check_callback_base,
    check_cache,
    check_connected_url,
    check_map_tiles,
    check_keys,
    check_middleware,
    check_same_site,
    check_session_store,
    check_callback_host,
    check_callback_scheme,
    check_login_url,
    check_plain_http,
    check_proxies,
)
