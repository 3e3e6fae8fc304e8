"""
The settings, one dict: `TROVE_SERVER`. A value is read when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_trove.client.urls import is_loopback

KEYS = frozenset(
    {
        "ALLOW_HTTP",
        "CACHE",
        "CLIENT_IP_FUNCTION",
        "CONNECTORS",
        "FOLDER_ROOT",
        "NAME",
        "NONCE_STORE",
        "REGISTRATION",
        "REQUEST_TOKEN_SECONDS",
        "SERVICES",
        "SIGN_UP",
        "SYNC_SLICE_SECONDS",
        "STORAGE",
        "SYNC_INTERVAL",
        "RATE_LIMITS",
        "TIMESTAMP_WINDOW",
        "FORCE_UPDATE_SECONDS",
        "URL",
    }
)
"""Every key that `TROVE_SERVER` takes."""

DEFAULT_RATE_LIMITS: Mapping[str, str | None] = {
    "address": "300/m",
    "application": "6000/m",
    "token": "600/m",
}


class Conf:
    """
    `TROVE_SERVER`, typed, with the defaults.
    """

    @property
    def url(self) -> str:
        """
        This Trove's public address with its scheme. Signatures are checked against its scheme and
        host, and links to pictures begin with them. "" takes those of each request.
        """
        return str(self._read("URL", ""))

    @property
    def name(self) -> str:
        """
        What the pages call this Trove.
        """
        return str(self._read("NAME", "Trove"))

    @property
    def folder_root(self) -> Path | None:
        """
        The directory with a sub-directory for each user name, from which people add folders
        themselves. None lets nobody but `trove_add_folder` add one.
        """
        root = self._read("FOLDER_ROOT", None)
        return Path(root) if root else None

    @property
    def connectors(self) -> list[str]:
        """
        Dotted paths of connectors beside those that come with the package.
        """
        return list(self._read("CONNECTORS", ()))

    def import_connectors(self) -> list[Any]:
        """
        Import the classes of `CONNECTORS`.

        :raises ImportError: if one of them cannot be imported.
        """
        return [import_string(path) for path in self.connectors]

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """
        What the operator got from each service on the web, and other addresses of it: by its name.
        """
        return {name: dict(said) for name, said in self._read("SERVICES", {}).items()}

    @property
    def storage(self) -> str:
        """
        The alias in `STORAGES` where thumbnails are kept.
        """
        return str(self._read("STORAGE", "default"))

    @property
    def sync_interval(self) -> int:
        """
        Seconds after which an account's service is due to be looked at again.
        """
        return int(self._read("SYNC_INTERVAL", 21_600))

    @property
    def sync_slice_seconds(self) -> float:
        """
        How long a worker looks at one account's service before the others have their turn.
        """
        return float(self._read("SYNC_SLICE_SECONDS", 60))

    @property
    def force_update_seconds(self) -> float:
        """
        How long an answer waits for the services where a query wants them asked anew.
        """
        return float(self._read("FORCE_UPDATE_SECONDS", 10))

    @property
    def timestamp_window(self) -> int:
        """
        Seconds that a request's time-stamp may be from this server's clock, either way.
        """
        return int(self._read("TIMESTAMP_WINDOW", 300))

    @property
    def registration(self) -> str:
        """
        Who may register applications of their own: "anyone" who signs in, "staff" or "nobody".
        """
        return str(self._read("REGISTRATION", "anyone"))

    @property
    def sign_up(self) -> str:
        """
        Who may make themselves a user: "open" lets everybody, "closed" leaves it to the operator.
        """
        return str(self._read("SIGN_UP", "closed"))

    @property
    def request_token_seconds(self) -> int:
        """
        How long a person has to allow an application, and the application to come for its token.
        """
        return int(self._read("REQUEST_TOKEN_SECONDS", 600))

    @property
    def nonce_store(self) -> str:
        """
        Where nonces are remembered: "cache" or "database".
        """
        return str(self._read("NONCE_STORE", "database"))

    @property
    def cache_alias(self) -> str:
        """
        The alias in `CACHES` of the cache that remembers totals and, by `NONCE_STORE`, nonces.
        """
        return str(self._read("CACHE", "default"))

    @property
    def cache(self) -> BaseCache:
        """
        The cache that remembers totals and, by `NONCE_STORE`, nonces.
        """
        return caches[self.cache_alias]

    @property
    def rate_limits(self) -> Mapping[str, str | None]:
        """
        How much is answered, as "600/m": to each application, to each token, and how often
        requests of one address are refused before nothing of it is looked at. None is no limit.
        """
        return {**DEFAULT_RATE_LIMITS, **self._read("RATE_LIMITS", {})}

    @property
    def client_ip_function(self) -> Callable[[HttpRequest], str] | None:
        """
        What tells a request's address, where there is a proxy before the Trove.
        """
        path = self._read("CLIENT_IP_FUNCTION", None)
        found: Callable[[HttpRequest], str] | None = import_string(path) if path else None
        return found

    @property
    def allow_http(self) -> bool:
        """
        Take plain http from anywhere, not from loopback hosts alone. For tests behind a firewall.
        """
        return bool(self._read("ALLOW_HTTP", False))

    @property
    def hosts(self) -> list[str]:
        """
        The hosts that this project answers to, as Django takes `ALLOWED_HOSTS`.
        """
        local = [".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else []
        return list(settings.ALLOWED_HOSTS) or local

    @property
    def unknown_keys(self) -> list[str]:
        """
        Keys that nothing reads: misspelled, most likely.
        """
        return sorted(set(self._all()) - KEYS)

    def accepts_origin(self, scheme: str, host: str) -> bool:
        """
        Return whether tokens and content may travel by this scheme to this host.
        """
        return scheme == "https" or self.allow_http or is_loopback(host)

    def _all(self) -> Mapping[str, Any]:
        return getattr(settings, "TROVE_SERVER", {})

    def _read(self, key: str, default: Any) -> Any:
        return self._all().get(key, default)


conf = Conf()
