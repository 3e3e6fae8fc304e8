"""
System checks of `TROVE`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from ..client import CallError
from ..client.calls.base import validate_base_url
from ..conf import conf
from ..connect.emails import EVENTS
from ..core.checks import LIST, OPTIONAL_TEXT, check_types
from ..photos.maps import parse_tile_layer
from .numbers import check_limits, check_numbers
from .pages import check_pages
from .project import (
    Found,
    check_authentication,
    check_callback_host,
    check_callback_scheme,
    check_connect_redirect_url,
    check_login_url,
    check_middleware,
    check_repeated_sign_in,
    check_same_site,
    check_session_replica,
    check_session_store,
    check_sessions,
    check_urlconf,
)
from .templates import check_content_types

TEXTS = (
    "URL",
    "WEB_URL",
    "API_URL",
    "APP_KEY",
    "CALLBACK_BASE_URL",
    "CONNECT_REDIRECT_URL",
    "CACHE",
    "BACKEND",
    "SIGNATURE_METHOD",
    "REQUEST_ID",
)
FLAGS = ("CONFIRM_ACCOUNT", "ALLOW_HTTP", "TRUST_ENV")
TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(TEXTS, OPTIONAL_TEXT),
    **dict.fromkeys(FLAGS, (bool,)),
    "APP_SECRET": (*OPTIONAL_TEXT, dict),
    "CONTENT_TYPES": (str, *LIST),
    "ALLOWED_NEXT_HOSTS": LIST,
    "EMAILS": LIST,
    "PAGES": (dict, type(None)),
}
SIGNATURE_METHODS = ("HMAC-SHA256", "HMAC-SHA1")


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    for check in (check_callables, check_value_types):
        if errors := list(check()):  # the other checks would raise an exception
            return errors
    return [message for check in CHECKS for message in check()]


def check_callables() -> Found:
    for key in conf.raw:
        try:
            conf.read(key)
        except Exception as error:
            yield Error(
                f"TROVE[{key!r}] raised {type(error).__name__} when it was called.",
                hint="It must accept no argument or one, the request, which is None in commands.",
                id="django_trove.E014",
            )


def check_value_types() -> Found:
    values = {key: conf.read(key) for key in conf.raw}
    yield from check_types("TROVE", values, TYPES, "django_trove.E015")


def check_dict() -> Found:
    if not conf.raw and getattr(settings, "TROVE", None) not in ({}, None):
        yield Error(
            "TROVE must be a dictionary.", hint='TROVE = {"APP_KEY": …}', id="django_trove.E001"
        )


def check_app_key() -> Found:
    if not conf.app_key and _uses_oauth():
        yield Error(
            "TROVE has no APP_KEY.",
            hint="Register the site at the Trove and copy the application key.",
            id="django_trove.E002",
        )


def check_app_secret() -> Found:
    if not conf.app_secret and _uses_oauth():
        yield Error(
            "TROVE has no APP_SECRET.",
            hint="Copy the secret that the Trove issued with the key. Do not commit it.",
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
                hint="URL is sufficient if pages and content have the same base URL.",
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
            hint='For a Trove in the same project, use "django_trove.server.local.LocalTrove" '
            'and add "django_trove.server" to INSTALLED_APPS.',
            id="django_trove.E012",
        )


def check_protocol() -> Found:
    protocol = conf.read("PROTOCOL", 1)
    if protocol not in (1, 2):
        yield Error(
            f"TROVE['PROTOCOL'] must be 1 or 2, not {protocol!r}.",
            hint="1 is OAuth 1.0a, 2 is OAuth 2.",
            id="django_trove.E027",
        )


def check_emails() -> Found:
    for event in conf.emails:
        if event not in EVENTS:
            yield Error(
                f"TROVE['EMAILS'] contains the unknown event {event!r}.",
                hint=f"The events are {', '.join(EVENTS)}.",
                id="django_trove.E018",
            )


def check_signature_method() -> Found:
    if conf.signature_method not in SIGNATURE_METHODS:
        yield Error(
            f"TROVE['SIGNATURE_METHOD'] must not be {conf.signature_method!r}.",
            hint=f"Set one of {', '.join(SIGNATURE_METHODS)}.",
            id="django_trove.E017",
        )


def check_callback_base() -> Found:
    base = conf.callback_base_url
    if base and not _is_origin(base):
        yield Error(
            "TROVE['CALLBACK_BASE_URL'] must be a scheme and a host.",
            hint="For example https://www.example.org, without a path.",
            id="django_trove.E009",
        )


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # an invalid IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.path.strip("/")


def check_cache() -> Found:
    if conf.cache not in settings.CACHES:
        yield Error(
            f"TROVE['CACHE'] is {conf.cache!r}, which is not in CACHES.",
            hint=f"The caches are: {', '.join(settings.CACHES)}.",
            id="django_trove.E010",
        )


def check_map_tiles() -> Found:
    try:
        parse_tile_layer(conf.map_tiles)
    except ValueError as error:
        yield Error(
            f"TROVE['MAP_TILES'] is invalid: {error}",
            hint='{"URL": "https://tiles.example/{z}/{x}/{y}.png", "ATTRIBUTION": "© …", '
            '"MAX_ZOOM": 19}. Without the key, maps show land areas and a grid.',
            id="django_trove.E013",
        )


def check_keys() -> Found:
    for key in conf.raw:
        if key not in conf.keys:
            matches = difflib.get_close_matches(str(key).upper(), conf.keys, n=1, cutoff=0.5)
            yield Warning(
                f"TROVE contains the unknown setting {key!r}.",
                hint=(
                    f"Did you mean {matches[0]}?"
                    if matches
                    else f"The settings are {', '.join(conf.keys)}."
                ),
                id="django_trove.W001",
            )


def check_plain_http() -> Found:
    if conf.allow_http and not settings.DEBUG:
        yield Warning(
            "TROVE['ALLOW_HTTP'] is set, so photos and tokens may be sent without encryption.",
            hint="Remove it, and use an https:// URL.",
            id="django_trove.W006",
        )


def check_proxies() -> Found:
    if conf.trust_env and not settings.DEBUG:
        yield Warning(
            "TROVE['TRUST_ENV'] is set, so environment variables select proxies and certificates.",
            hint="Remove it unless the Trove is reachable only through a proxy.",
            id="django_trove.W007",
        )


CHECKS: tuple[Callable[[], Iterable[CheckMessage]], ...] = (
    check_dict,
    check_app_key,
    check_app_secret,
    check_urls,
    check_backend,
    check_limits,
    check_numbers,
    check_protocol,
    check_emails,
    check_signature_method,
    check_sessions,
    check_authentication,
    check_urlconf,
    check_callback_base,
    check_cache,
    check_connect_redirect_url,
    check_map_tiles,
    check_content_types,
    check_pages,
    check_keys,
    check_middleware,
    check_same_site,
    check_session_store,
    check_session_replica,
    check_callback_host,
    check_callback_scheme,
    check_login_url,
    check_repeated_sign_in,
    check_plain_http,
    check_proxies,
)
