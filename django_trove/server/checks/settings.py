"""
System checks for `TROVE_SERVER` and the settings that it depends on.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages

from django_trove.core.cache import (
    VOLATILE_CACHES,
    DummyCache,
    InvalidCacheBackendError,
    get_backend,
)
from django_trove.core.checks import (
    LIST,
    OPTIONAL_TEXT,
    TEXT,
    check_session_database,
    check_types,
    has_middleware,
)
from django_trove.core.users import get_email_field

from ..conf import conf
from ..ratelimit import KINDS, parse_rate
from .services import check_services
from .urls import URL_KEYS, check_urls

CHOICES = {"SIGN_UP": ("open", "closed"), "PASSWORD_RESET": ("operator", "email")}
TEXTS = (*URL_KEYS, *CHOICES, "NAME", "REGISTRATION", "STORAGE", "CACHE", "NONCE_STORE")
TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(TEXTS, TEXT),
    "INSTALLATION": OPTIONAL_TEXT,
    "CLIENT_IP_FUNCTION": OPTIONAL_TEXT,
    "FOLDER_ROOT": (str, Path, type(None)),
    "SERVICES": (dict,),
    "CONNECTORS": LIST,
    "CONTENT_TYPES": LIST,
    "RATE_LIMITS": (dict,),
    "ALLOW_HTTP": (bool,),
}
REQUIRED_MIDDLEWARE = {
    "django.contrib.sessions.middleware.SessionMiddleware": "E003",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "E004",
}
REQUIRED_PACKAGES = {"PIL": ("pillow", "E005"), "defusedxml": ("defusedxml", "E006")}
NONCES_HINT = "Set TROVE_SERVER['NONCE_STORE'] to \"database\", or use Redis or Memcached."


def check_server(**kwargs: Any) -> list[CheckMessage]:
    if errors := check_value_types():  # the other checks would raise an exception
        return errors
    return [
        *check_urls(),
        *_check_middleware(),
        *_check_packages(),
        *_check_nonce_store(),
        *_check_cache(),
        *_check_storage(),
        *_check_media_root(),
        *_check_folder_root(),
        *_check_registration(),
        *_check_choices(),
        *_check_password_reset(),
        *_check_rate_limits(),
        *_check_numbers(),
        *_check_client_ip_function(),
        *check_services(),
        *_check_unknown_keys(),
        *check_session_database("trove_server.W009"),
    ]


def check_value_types() -> list[CheckMessage]:
    setting, id = "TROVE_SERVER", "trove_server.E019"
    project = {setting: getattr(settings, setting, {})}
    found = [
        *check_types("settings", project, {setting: (dict,)}, id),
        *check_types(setting, conf.raw, TYPES, id),
    ]
    services = conf.raw.get("SERVICES", {})
    if not found:
        types = dict.fromkeys(services, (dict,))
        found = [*check_types(f"{setting}['SERVICES']", services, types, id)]
    return found


def _check_middleware() -> Iterator[CheckMessage]:
    for path, number in REQUIRED_MIDDLEWARE.items():
        if not has_middleware(path):
            yield Error(
                f"{path!r} must be in MIDDLEWARE, so that users can sign in.",
                hint=f"Add {path!r} to MIDDLEWARE.",
                id=f"trove_server.{number}",
            )


def _check_packages() -> Iterator[CheckMessage]:
    for module, (package, number) in REQUIRED_PACKAGES.items():
        if find_spec(module) is None:
            yield Error(
                f"{package} is not installed. It is required for reading images.",
                hint='Run python -m pip install "django-trove[server]".',
                id=f"trove_server.{number}",
            )


def _check_nonce_store() -> Iterator[CheckMessage]:
    if conf.nonce_store not in ("cache", "database"):
        yield Error(
            f"TROVE_SERVER['NONCE_STORE'] must not be {conf.nonce_store!r}.",
            hint='Set "cache" or "database".',
            id="trove_server.E007",
        )


def _check_cache() -> Iterator[CheckMessage]:
    try:
        cache = get_backend(conf.cache_alias)
    except InvalidCacheBackendError:
        yield Error(
            f"TROVE_SERVER['CACHE'] is {conf.cache_alias!r}, which is not in CACHES.",
            hint="Set an alias from CACHES.",
            id="trove_server.E008",
        )
    else:
        if conf.nonce_store == "cache":
            yield from _check_nonce_cache(cache)


def _check_nonce_cache(cache: Any) -> Iterator[CheckMessage]:
    if isinstance(cache, DummyCache):
        yield Error(
            "DummyCache cannot store nonces: signed requests can be replayed.",
            hint=NONCES_HINT,
            id="trove_server.E010",
        )
    elif isinstance(cache, VOLATILE_CACHES):
        yield Warning(
            f"{type(cache).__name__} deletes nonces when it is full: signed requests can be "
            "replayed.",
            hint=NONCES_HINT,
            id="trove_server.W001",
        )


def _check_storage() -> Iterator[CheckMessage]:
    try:
        storages[conf.storage]
    except InvalidStorageError:
        yield Error(
            f"TROVE_SERVER['STORAGE'] is {conf.storage!r}, which is not in STORAGES.",
            hint="Set an alias from STORAGES.",
            id="trove_server.E009",
        )


def _check_media_root() -> Iterator[CheckMessage]:
    try:
        storage = storages[conf.storage]
    except InvalidStorageError:
        return
    if isinstance(storage, FileSystemStorage) and not storage.base_location:
        yield Warning(
            "MEDIA_ROOT is empty: thumbnails are saved in the working directory of the server.",
            hint="Set MEDIA_ROOT, or set TROVE_SERVER['STORAGE'] to another storage.",
            id="trove_server.W002",
        )


def _check_folder_root() -> Iterator[CheckMessage]:
    root = conf.folder_root
    if root and not (root.is_absolute() and root.is_dir()):
        yield Warning(
            f"TROVE_SERVER['FOLDER_ROOT'] is {str(root)!r}, which is not the absolute path of a "
            "directory: users cannot add folders.",
            hint="Create the directory, and set its absolute path.",
            id="trove_server.W003",
        )


def _check_registration() -> Iterator[CheckMessage]:
    if conf.registration not in ("anyone", "nobody", "staff"):
        yield Error(
            f"TROVE_SERVER['REGISTRATION'] must not be {conf.registration!r}.",
            hint='Set "anyone", "staff" or "nobody".',
            id="trove_server.E012",
        )


def _check_choices() -> Iterator[CheckMessage]:
    for key, values in CHOICES.items():
        value = conf.raw.get(key, values[0])
        if value not in values:
            yield Error(
                f"TROVE_SERVER[{key!r}] must not be {value!r}.",
                hint=f'Set "{values[0]}" or "{values[1]}".',
                id="trove_server.E013",
            )


def _check_password_reset() -> Iterator[CheckMessage]:
    if conf.resets_passwords_by_email and get_email_field() is None:
        yield Error(
            "TROVE_SERVER['PASSWORD_RESET'] is \"email\", but users have no email address.",
            hint='Set EMAIL_FIELD of the user model, or set "operator".',
            id="trove_server.E023",
        )


def _check_rate_limits() -> Iterator[CheckMessage]:
    for kind, limit in conf.rate_limits.items():
        try:
            valid = kind in KINDS and (limit is None or bool(parse_rate(limit)))
        except (ValueError, TypeError):
            valid = False
        if not valid:
            yield Error(
                f"TROVE_SERVER['RATE_LIMITS'] contains the invalid limit {kind!r}: {limit!r}.",
                hint=f'The keys are {", ".join(KINDS)}. A limit is a string such as "600/m", or '
                "None.",
                id="trove_server.E014",
            )


def _check_numbers() -> Iterator[CheckMessage]:
    for key, value in conf.numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            yield Error(
                f"TROVE_SERVER[{key!r}] must be a number that is not negative, not {value!r}.",
                hint="docs/settings.md describes the setting.",
                id="trove_server.E018",
            )


def _check_client_ip_function() -> Iterator[CheckMessage]:
    try:
        valid = conf.client_ip_function is None or callable(conf.client_ip_function)
    except ImportError:
        valid = False
    if not valid:
        yield Error(
            "TROVE_SERVER['CLIENT_IP_FUNCTION'] is not the dotted path of a function.",
            hint="docs/settings.md describes the setting.",
            id="trove_server.E020",
        )


def _check_unknown_keys() -> Iterator[CheckMessage]:
    for key in conf.unknown_keys:
        yield Warning(
            f"TROVE_SERVER contains the unknown setting {key!r}.",
            hint="Check the spelling. docs/settings.md lists all settings.",
            id="trove_server.W004",
        )
