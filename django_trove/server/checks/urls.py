"""
System checks for the URLs of a Trove.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from ..conf import conf

URL_KEYS = ("URL", "WEB_URL", "API_URL")


def check_urls() -> list[CheckMessage]:
    return [*_check_urlconf(), *_check_language_prefix(), *_check_url(), *_check_https()]


def _check_urlconf() -> Iterator[CheckMessage]:
    try:
        reverse("trove_server:request_token")
    except NoReverseMatch:
        yield Error(
            "The URLs of the Trove are not included in the root URLconf.",
            hint='Add path("", include("django_trove.server.urls")) to urlpatterns.',
            id="trove_server.E011",
        )


def _check_language_prefix() -> Iterator[CheckMessage]:
    paths = set()
    for language, _ in settings.LANGUAGES[:2]:  # in i18n_patterns, their prefixes differ
        with override(language), suppress(NoReverseMatch):
            paths.add(reverse("trove_server:request_token"))
    if len(paths) > 1:
        yield Warning(
            "The URLs of the Trove are in i18n_patterns. Applications call them without the prefix "
            "of a language.",
            hint="Include django_trove.server.urls outside of i18n_patterns.",
            id="trove_server.W016",
        )


def _check_url() -> Iterator[CheckMessage]:
    for key, url in _list_urls():
        if not (_get_host(url) and urlsplit(url).scheme in ("http", "https")):
            yield Error(
                f"TROVE_SERVER[{key!r}] must be an absolute URL, not {url!r}.",
                hint="Include the scheme, such as https://trove.example.org.",
                id="trove_server.E001",
            )
    if bool(conf.web_url) != bool(conf.api_url):
        yield Error(
            "TROVE_SERVER contains only one of 'WEB_URL' and 'API_URL'.",
            hint="Set both, or set 'URL', which is the default of both.",
            id="trove_server.E022",
        )


def _list_urls() -> list[tuple[str, str]]:
    return [(key, str(conf.raw[key])) for key in URL_KEYS if conf.raw.get(key)]


def _get_host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:  # an invalid IPv6 address
        return ""


def _check_https() -> Iterator[CheckMessage]:
    for key, url in _list_urls():
        host = _get_host(url)
        if host and not conf.accepts_origin(urlsplit(url).scheme, host):
            yield Error(
                f"TROVE_SERVER[{key!r}] must be an https:// URL.",
                hint="Serve the Trove over https. Signed requests over http are rejected.",
                id="trove_server.E002",
            )
