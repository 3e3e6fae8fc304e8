"""
The settings in `TROVE_SERVER`, read on access, and the URLs that depend on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from django_trove.client.hosts import is_loopback
from django_trove.core.cache import SafeCache
from django_trove.core.database import database_address

KEYS = frozenset(
    {
        "ACCESS_TOKEN_SECONDS",
        "ALLOW_HTTP",
        "API_URL",
        "AUTHORIZATION_CODE_SECONDS",
        "CACHE",
        "CLIENT_IP_FUNCTION",
        "CONNECTORS",
        "CONTENT_TYPES",
        "FOLDER_ROOT",
        "FORCE_UPDATE_SECONDS",
        "FORCE_UPDATE_WAITS",
        "IMAGE_MEMORY",
        "INSTALLATION",
        "NAME",
        "NONCE_STORE",
        "PASSWORD_RESET",
        "RATE_LIMITS",
        "REFRESH_TOKEN_SECONDS",
        "REGISTRATION",
        "REQUEST_TOKEN_SECONDS",
        "SERVICES",
        "SIGN_UP",
        "STORAGE",
        "SYNC_INTERVAL",
        "SYNC_SLICE_SECONDS",
        "TIMESTAMP_WINDOW",
        "URL",
        "WEB_URL",
    }
)

NUMBERS = {key for key in KEYS if key.endswith(("_SECONDS", "_WAITS", "_MEMORY", "_INTERVAL"))} | {
    "TIMESTAMP_WINDOW"
}

DEFAULT_RATE_LIMITS: Mapping[str, str | None] = {
    "address": "300/m",
    "application": "6000/m",
    "token": "600/m",
    "sign_in": "20/h",
    "sign_in_address": "100/m",
    "sign_in_name": "300/h",
    "sign_up_address": "30/h",
    "sign_up_name": "30/h",
    "password_reset_address": "30/h",
    "password_reset_email": "5/h",
    "entered_account": "30/h",
}


class Conf:
    @property
    def url(self) -> str:
        """
        Public URL of this Trove, if pages and content have the same.
        """
        return str(self._get("URL", ""))

    @property
    def web_url(self) -> str:
        """
        Base URL of pages and token endpoints. Default: `URL`. If empty, scheme and host of each
        request are used.
        """
        return str(self._get("WEB_URL", "") or self.url)

    @property
    def api_url(self) -> str:
        """
        Base URL of content, and of media URLs. Default: `URL`.
        """
        return str(self._get("API_URL", "") or self.url)

    @property
    def web_origin(self) -> str:
        """
        Scheme and host of `web_url`, or "".
        """
        return _get_origin(self.web_url)

    @property
    def api_origin(self) -> str:
        """
        Scheme and host of `api_url`, or "".
        """
        return _get_origin(self.api_url)

    @property
    def name(self) -> str:
        """
        Name of this Trove on its pages.
        """
        return str(self._get("NAME", "Trove"))

    @property
    def folder_root(self) -> Path | None:
        """
        Directory with the folders that `trove_grant_folder` or the admin grants to users. If None,
        only `trove_add_folder` adds folders.
        """
        root = self._get("FOLDER_ROOT", None)
        return Path(root) if root else None

    @property
    def connectors(self) -> list[str]:
        """
        Dotted paths of additional connectors.
        """
        return list(self._get("CONNECTORS", ()))

    @property
    def content_types(self) -> list[str]:
        """
        Content types that applications push, and that are offered although no service supplies
        them.
        """
        return list(self._get("CONTENT_TYPES", ()))

    def import_connectors(self) -> list[Any]:
        """
        Import the classes of `CONNECTORS`.

        :raises ImportError: if one of them cannot be imported.
        """
        return [import_string(path) for path in self.connectors]

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """
        Options of the remote services by name: credentials, and URLs that replace the defaults.
        """
        return {name: dict(options) for name, options in self._get("SERVICES", {}).items()}

    @property
    def storage(self) -> str:
        """
        Alias in `STORAGES` for thumbnails.
        """
        return str(self._get("STORAGE", "default"))

    @property
    def sync_interval(self) -> int:
        """
        Seconds between two syncs of an account.
        """
        return int(self._get("SYNC_INTERVAL", 21_600))

    @property
    def sync_slice_seconds(self) -> float:
        """
        Seconds that a worker syncs one account before it continues with the next one.
        """
        return float(self._get("SYNC_SLICE_SECONDS", 60))

    @property
    def force_update_seconds(self) -> float:
        """
        Maximum seconds that a query with `force-update` waits for syncs.
        """
        return float(self._get("FORCE_UPDATE_SECONDS", 10))

    @property
    def force_update_waits(self) -> int:
        """
        Maximum number of queries with `force-update` that wait simultaneously in one process.
        """
        return int(self._get("FORCE_UPDATE_WAITS", 2))

    @property
    def image_memory(self) -> int:
        """
        Maximum memory for decoding an image, in bytes. The setting is in megabytes.
        """
        return int(self._get("IMAGE_MEMORY", 512) * 1024 * 1024)

    @property
    def timestamp_window(self) -> int:
        """
        Maximum difference in seconds between a request's timestamp and the server's clock.
        """
        return int(self._get("TIMESTAMP_WINDOW", 300))

    @property
    def registration(self) -> str:
        """
        Users that may register applications: "anyone", "staff" or "nobody".
        """
        return str(self._get("REGISTRATION", "anyone"))

    @property
    def sign_up(self) -> str:
        """
        "open" lets visitors create a user; "closed" does not.
        """
        return str(self._get("SIGN_UP", "closed"))

    @property
    def resets_passwords_by_email(self) -> bool:
        """
        "email" sends a link to users who forgot their password; "operator" refers them to the
        operator.
        """
        return bool(self._get("PASSWORD_RESET", "operator") == "email")

    @property
    def request_token_seconds(self) -> int:
        """
        Lifetime of a request token.
        """
        return int(self._get("REQUEST_TOKEN_SECONDS", 600))

    @property
    def authorization_code_seconds(self) -> int:
        """
        Lifetime of an authorization code of version 2.
        """
        return int(self._get("AUTHORIZATION_CODE_SECONDS", 300))

    @property
    def access_token_seconds(self) -> int:
        """
        Lifetime of an access token of version 2.
        """
        return int(self._get("ACCESS_TOKEN_SECONDS", 3600))

    @property
    def refresh_token_seconds(self) -> int:
        """
        Lifetime of a refresh token of version 2.
        """
        return int(self._get("REFRESH_TOKEN_SECONDS", 90 * 86_400))

    @property
    def nonce_store(self) -> str:
        """
        Storage for nonces: "cache" or "database".
        """
        return str(self._get("NONCE_STORE", "database"))

    @property
    def cache_alias(self) -> str:
        """
        Alias in `CACHES` for totals, rate limits, OAuth states and, optionally, nonces.
        """
        return str(self._get("CACHE", "default"))

    @property
    def installation(self) -> str:
        """
        Text that identifies this Trove, if several share a cache or a storage. Default: the public
        URL and the address of the database. Troves can have no URL, and containers can use the same
        address for different databases, so neither is sufficient.
        """
        address = database_address(apps.get_model("trove_server.Identity"))
        return str(self._get("INSTALLATION", "") or f"{self.web_url} {address}")

    @property
    def installation_id(self) -> str:
        return _hash_installation(self.installation)

    @property
    def cache(self) -> SafeCache:
        return SafeCache(self.cache_alias, self.installation_id)

    @property
    def rate_limits(self) -> Mapping[str, str | None]:
        """
        Limits such as "600/m" for requests per application and per token, for rejected requests per
        IP address, and for attempts to sign in, to sign up, to reset a password and to add an
        account at an entered address. None is no limit.
        """
        return {**DEFAULT_RATE_LIMITS, **self._get("RATE_LIMITS", {})}

    @property
    def client_ip_function(self) -> Callable[[HttpRequest], str] | None:
        """
        Function that returns the IP address of a request, for Troves behind a proxy.
        """
        path = self._get("CLIENT_IP_FUNCTION", None)
        function: Callable[[HttpRequest], str] | None = import_string(path) if path else None
        return function

    @property
    def allow_http(self) -> bool:
        """
        Accept plain http on all hosts, not only on loopback. For tests in a private network.
        """
        return bool(self._get("ALLOW_HTTP", False))

    @property
    def hosts(self) -> list[str]:
        """
        Hosts of this project, as Django interprets `ALLOWED_HOSTS`.
        """
        local = [".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else []
        return list(settings.ALLOWED_HOSTS) or local

    @property
    def numbers(self) -> dict[str, Any]:
        """
        The unprocessed values of the numeric settings that are set.
        """
        return {key: value for key, value in self._settings().items() if key in NUMBERS}

    @property
    def unknown_keys(self) -> list[str]:
        return sorted(set(self._settings()) - KEYS)

    def accepts_origin(self, scheme: str, host: str) -> bool:
        """
        Return whether tokens and content may be sent with this scheme to this host.
        """
        return scheme == "https" or self.allow_http or is_loopback(host)

    @property
    def raw(self) -> Mapping[str, Any]:
        """
        The unprocessed value of `TROVE_SERVER`.
        """
        return self._settings()

    def _settings(self) -> Mapping[str, Any]:
        value = getattr(settings, "TROVE_SERVER", {})
        return value if isinstance(value, Mapping) else {}

    def _get(self, key: str, default: Any) -> Any:
        return self._settings().get(key, default)


@lru_cache(maxsize=4)
def _hash_installation(installation: str) -> str:
    return hashlib.sha256(installation.encode()).hexdigest()[:16]


def path_below_root(name: str, *args: Any) -> str:
    """
    Return a path relative to the URL at which the project includes this Trove. Applications append
    it to their base URL.
    """
    root = reverse("trove_server:home")
    return "/" + reverse(f"trove_server:{name}", args=args).removeprefix(root)


def _get_origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if url else ""


conf = Conf()
