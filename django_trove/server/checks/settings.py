"""
System checks: one function for each problem, one id for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import InvalidCacheBackendError
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages
from django.urls import NoReverseMatch, reverse

from ..conf import conf
from ..ratelimit import KINDS, parse_rate
from .services import check_services, services_not_offered

REQUIRED_MIDDLEWARE = {
    "django.contrib.sessions.middleware.SessionMiddleware": "E003",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "E004",
}
VOLATILE_CACHES = (LocMemCache, DatabaseCache, FileBasedCache)
"""Caches that drop entries at `MAX_ENTRIES`, late or not."""

NONCES_HINT = 'Leave TROVE_SERVER["NONCE_STORE"] at "database", or use Redis or Memcached.'
PACKAGES = {"PIL": ("pillow", "E005"), "defusedxml": ("defusedxml", "E006")}


def check_server(**kwargs: Any) -> list[CheckMessage]:
    """
    Run them all.
    """
    return [
        *_urlconf(),
        *_url(),
        *_plain_http(),
        *_middleware(),
        *_packages(),
        *_nonces(),
        *_nonce_cache(),
        *_storage(),
        *_media_root(),
        *_folder_root(),
        *_registration(),
        *_sign_up(),
        *_throttle(),
        *check_services(),
        *_unknown_keys(),
    ]


def check_deployed(**kwargs: Any) -> list[CheckMessage]:
    """
    Run those that matter where others reach this Trove.
    """
    return [*_public_address(), *services_not_offered()]


def _public_address() -> Iterator[CheckMessage]:
    if not conf.url:
        yield Warning(
            "TROVE_SERVER has no URL, so signatures are checked against the address of each "
            "request: behind a proxy none of them holds.",
            hint="Write the public address, such as https://trove.example.org.",
            id="trove_server.W005",
        )


def _urlconf() -> Iterator[CheckMessage]:
    try:
        reverse("trove_server:request_token")
    except NoReverseMatch:
        yield Error(
            "The Trove's URLs are not included, so no application can ask it anything.",
            hint='urlpatterns += [path("", include("django_trove.server.urls"))]',
            id="trove_server.E011",
        )


def _url() -> Iterator[CheckMessage]:
    if conf.url and not urlsplit(conf.url).netloc:
        yield Error(
            f"TROVE_SERVER['URL'] is {conf.url!r}, which is no whole address.",
            hint="Write it with its scheme, such as https://trove.example.org.",
            id="trove_server.E001",
        )


def _plain_http() -> Iterator[CheckMessage]:
    parts = urlsplit(conf.url)
    if parts.netloc and not conf.accepts_origin(parts.scheme, parts.netloc):
        yield Error(
            "TROVE_SERVER['URL'] is plain http, so every signed request will be refused.",
            hint="Serve the Trove by https, and write that address.",
            id="trove_server.E002",
        )


def _middleware() -> Iterator[CheckMessage]:
    for path, number in REQUIRED_MIDDLEWARE.items():
        if path not in settings.MIDDLEWARE:
            yield Error(
                f"{path.rpartition('.')[2]} is missing: people can't sign in at the Trove.",
                hint=f"Add {path} to MIDDLEWARE.",
                id=f"trove_server.{number}",
            )


def _packages() -> Iterator[CheckMessage]:
    for module, (package, number) in PACKAGES.items():
        if find_spec(module) is None:
            yield Error(
                f"{package} is not installed: no folder can be read.",
                hint="pip install django-trove[server]",
                id=f"trove_server.{number}",
            )


def _nonces() -> Iterator[CheckMessage]:
    if conf.nonce_store not in ("cache", "database"):
        yield Error(
            f"TROVE_SERVER['NONCE_STORE'] is {conf.nonce_store!r}.",
            hint='It is "cache" or "database".',
            id="trove_server.E007",
        )


def _nonce_cache() -> Iterator[CheckMessage]:
    if conf.nonce_store != "cache":
        return
    try:
        cache = conf.cache
    except InvalidCacheBackendError:
        yield Error(
            f"TROVE_SERVER['CACHE'] is {conf.cache_alias!r}, which is not in CACHES.",
            hint="Name a cache that is.",
            id="trove_server.E008",
        )
        return
    if isinstance(cache, DummyCache):
        yield Error(
            "Nonces are kept in DummyCache, which forgets: a signed request can be replayed.",
            hint=NONCES_HINT,
            id="trove_server.E010",
        )
    elif isinstance(cache, VOLATILE_CACHES):
        yield Warning(
            f"Nonces are kept in {type(cache).__name__}, which drops entries when it is full: a "
            "signed request can be replayed.",
            hint=NONCES_HINT,
            id="trove_server.W001",
        )


def _storage() -> Iterator[CheckMessage]:
    try:
        storages[conf.storage]
    except InvalidStorageError:
        yield Error(
            f"TROVE_SERVER['STORAGE'] is {conf.storage!r}, which is not in STORAGES.",
            hint="Name a storage that is.",
            id="trove_server.E009",
        )


def _media_root() -> Iterator[CheckMessage]:
    try:
        storage = storages[conf.storage]
    except InvalidStorageError:
        return
    if isinstance(storage, FileSystemStorage) and not storage.base_location:
        yield Warning(
            "MEDIA_ROOT is empty, so thumbnails land in the directory that the server runs in.",
            hint="Set MEDIA_ROOT, or give TROVE_SERVER['STORAGE'] a storage of its own.",
            id="trove_server.W002",
        )


def _folder_root() -> Iterator[CheckMessage]:
    root = conf.folder_root
    if root and not (root.is_absolute() and root.is_dir()):
        yield Warning(
            f"TROVE_SERVER['FOLDER_ROOT'] is {str(root)!r}, which is no directory: nobody can "
            "add a folder.",
            hint="Make the directory, and write its whole path.",
            id="trove_server.W003",
        )


def _registration() -> Iterator[CheckMessage]:
    if conf.registration not in ("anyone", "nobody", "staff"):
        yield Error(
            f"TROVE_SERVER['REGISTRATION'] is {conf.registration!r}, so nobody can register an "
            "application.",
            hint='It is "anyone", "staff" or "nobody".',
            id="trove_server.E012",
        )


def _sign_up() -> Iterator[CheckMessage]:
    if conf.sign_up not in ("open", "closed"):
        yield Error(
            f"TROVE_SERVER['SIGN_UP'] is {conf.sign_up!r}, so nobody can sign up.",
            hint='It is "open" or "closed".',
            id="trove_server.E013",
        )


def _throttle() -> Iterator[CheckMessage]:
    for kind, text in conf.rate_limits.items():
        try:
            fits = kind in KINDS and (text is None or bool(parse_rate(text)))
        except (ValueError, TypeError):
            fits = False
        if not fits:
            yield Error(
                f"TROVE_SERVER['RATE_LIMITS'] has {kind!r}: {text!r}, which is no limit.",
                hint=f'Its keys are {", ".join(KINDS)}; a limit is written "600/m", or None.',
                id="trove_server.E014",
            )


def _unknown_keys() -> Iterator[CheckMessage]:
    for key in conf.unknown_keys:
        yield Warning(
            f"TROVE_SERVER has {key!r}, which nothing reads.",
            hint="See the table of settings for how the keys are spelled.",
            id="trove_server.W004",
        )
