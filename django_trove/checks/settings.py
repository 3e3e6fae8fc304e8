"""
What is wrong with `TROVE`, said before a user finds it: one function per problem. What it leans on
is looked at in `project_checks`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch

from ..client import CallError
from ..client.api import validate_base_url
from ..conf import conf
from ..photos.maps import parse_tile_layer
from .project import (
    Found,
    check_authentication,
    check_callback_host,
    check_callback_scheme,
    check_login_url,
    check_middleware,
    check_same_site,
    check_session_store,
    check_sessions,
    check_urlconf,
)


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """
    Check `TROVE` and what it leans on.
    """
    if broken := list(check_callables()):  # nothing else can be read then
        return broken
    return [message for check in CHECKS for message in check()]


def check_callables() -> Found:
    for key in conf.raw:
        try:
            conf.read(key)
        except Exception as error:
            yield Error(
                f"TROVE has a {key} that can't be called: {type(error).__name__}.",
                hint="Let it take no argument, or the request: None in commands, such as this one.",
                id="django_trove.E014",
            )


def check_dict() -> Found:
    if not conf.raw and getattr(settings, "TROVE", None) not in ({}, None):
        yield Error(
            "TROVE is no dictionary.", hint='TROVE = {"APP_KEY": …}', id="django_trove.E001"
        )


def check_app_key() -> Found:
    if not conf.app_key and _uses_oauth():
        yield Error(
            "TROVE has no APP_KEY.",
            hint="Register the site at the Trove, and copy the key it gives out.",
            id="django_trove.E002",
        )


def check_app_secret() -> Found:
    if not conf.app_secret and _uses_oauth():
        yield Error(
            "TROVE has no APP_SECRET.",
            hint="Copy the secret that came with the key; keep it out of the repository.",
            id="django_trove.E003",
        )


def check_urls() -> Found:
    if not _uses_oauth():
        return
    for name, url in (("WEB_URL", conf.web_url), ("API_URL", conf.api_url)):
        key = name if name in conf.raw else "URL"
        try:
            validate_base_url(key, url, allow_http=conf.allow_http)
        except CallError as error:
            yield Error(
                f"TROVE: {error.detail}",
                hint="URL is enough where pages and content have one address.",
                id="django_trove.E004",
            )
            return


def _uses_oauth() -> bool:
    try:
        return bool(conf.backend.uses_oauth)
    except CallError:  # check_backend reports it
        return False


def check_backend() -> Found:
    try:
        conf.backend  # noqa: B018
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
        resolve_url(conf.connect_redirect_url or "/")
    except NoReverseMatch:
        yield Error(
            f"TROVE has a CONNECT_REDIRECT_URL that leads nowhere: {conf.connect_redirect_url!r}.",
            hint="Give an address, or the name of a URL.",
            id="django_trove.E011",
        )


def check_map_tiles() -> Found:
    try:
        parse_tile_layer(conf.map_tiles)
    except ValueError as error:
        yield Error(
            f"TROVE has MAP_TILES that make no map: {error}",
            hint='{"URL": "https://tiles.example/{z}/{x}/{y}.png", "ATTRIBUTION": "© who made '
            'them", "MAX_ZOOM": 19}, or leave it out: maps are drawn without tiles then.',
            id="django_trove.E013",
        )


def check_keys() -> Found:
    for key in conf.raw:
        if key not in conf.keys:
            near = difflib.get_close_matches(str(key).upper(), conf.keys, n=1, cutoff=0.5)
            yield Warning(
                f"TROVE has a key {key!r} that means nothing.",
                hint=f"Did you mean {near[0]}?" if near else f"There are {', '.join(conf.keys)}.",
                id="django_trove.W001",
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
