"""
The setting `TROVE`, a dictionary.

Values are read on each access, so `override_settings` works. A value may be a callable. If it takes
an argument, it receives the current request (`middleware.TroveMiddleware`), so one project can
serve several sites.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from .client.errors import CallError
from .client.logs import HEADER

current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


@contextmanager
def request_scope(request: HttpRequest) -> Iterator[None]:
    """
    Pass the request to callable settings inside the context.
    """
    token = current_request.set(request)
    try:
        yield
    finally:
        current_request.reset(token)


def accepts_request(value: Any) -> bool:
    """
    Return whether a value is a callable with a required argument.
    """
    if not callable(value):
        return False
    try:
        inspect.signature(value).bind()
    except TypeError:
        return True
    except ValueError:  # a C function without a signature
        return False
    return False


DEFAULT_BACKEND = "django_trove.backends.remote.RemoteBackend"


class Conf:
    """
    Typed access to `TROVE`, with defaults.
    """

    @property
    def app_key(self) -> str:
        """
        The application key that the Trove issued.
        """
        return self._text("APP_KEY")

    @property
    def app_secret(self) -> str:
        """
        The application secret.
        """
        return self.get_secret(self.app_key)

    def get_secret(self, app_key: str) -> str:
        """
        Return the secret of an application key, or "" if it is unknown. `APP_SECRET` may be a
        dictionary by key, for several sites or during a change of keys.
        """
        value = self.read("APP_SECRET", "")
        if isinstance(value, Mapping):
            return str(value.get(app_key) or "")
        return str(value or "") if app_key == self.app_key else ""

    def has_app_key(self, app_key: str) -> bool:
        """
        Return whether the site still has an application key. A missing secret of the current key
        is a configuration error, which must not require users to reconnect.
        """
        return app_key in ("", self.app_key) or bool(self.get_secret(app_key))

    @property
    def url(self) -> str:
        """
        The base URL of the Trove, if pages and content have the same.
        """
        return self._text("URL")

    @property
    def web_url(self) -> str:
        """
        The base URL of pages and token endpoints. Default: `URL`.
        """
        return self._text("WEB_URL", self.url)

    @property
    def api_url(self) -> str:
        """
        The base URL of content endpoints. Default: `URL`.
        """
        return self._text("API_URL", self.url)

    @property
    def backend(self) -> Any:
        """
        The class that calls the Trove: see `backends.base.Backend`.

        :raises CallError: if it cannot be imported.
        """
        path = self._text("BACKEND", DEFAULT_BACKEND)
        try:
            return import_string(path)
        except (ImportError, RuntimeError):  # RuntimeError: the app of its models is not installed
            raise CallError(f"TROVE['BACKEND'] cannot be imported: {path}") from None

    @property
    def content_types(self) -> Sequence[str]:
        """
        The content types to request.
        """
        value = self.read("CONTENT_TYPES", ("photos",))
        return [value] if isinstance(value, str) else list(value)

    @property
    def callback_base_url(self) -> str:
        """
        Scheme and host of the callback URL. Default: those of the request.
        """
        return self._text("CALLBACK_BASE_URL")

    @property
    def connect_redirect_url(self) -> str:
        """
        The URL or URL name to redirect to after connecting without `next`. Default: the account
        page.
        """
        return self._text("CONNECT_REDIRECT_URL")

    @property
    def confirm_account(self) -> bool:
        """
        Whether users must confirm the authorized account before it is saved.
        """
        return bool(self.read("CONFIRM_ACCOUNT", True))

    @property
    def max_login_age(self) -> float | None:
        """
        The maximum age of the sign-in, in seconds, with which users can connect. None: any.
        """
        value: float | None = self.read("MAX_LOGIN_AGE", None)
        return value

    @property
    def emails(self) -> Sequence[str]:
        """
        The events of which users are informed by email: see `connect.emails`.
        """
        return list(self.read("EMAILS", ()))

    @property
    def allowed_next_hosts(self) -> Sequence[str]:
        """
        Further hosts that `next` may redirect to.
        """
        return list(self.read("ALLOWED_NEXT_HOSTS", ()))

    @property
    def timeout(self) -> Any:
        """
        Timeout in seconds: a number, or a pair for connecting and for reading.
        """
        value = self.read("TIMEOUT", (3.05, 10.0))
        return tuple(value) if isinstance(value, list) else value

    @property
    def deadline(self) -> float:
        """
        The maximum duration of a call in seconds, including retries.
        """
        seconds: float = self.read("DEADLINE", 20.0)
        return seconds

    @property
    def page_deadline(self) -> float:
        """
        The maximum time in seconds that a page waits for the Trove.
        """
        seconds: float = self.read("PAGE_DEADLINE", 3.0)
        return seconds

    @property
    def retries(self) -> int:
        """
        The maximum number of retries of idempotent calls.
        """
        return int(self.read("RETRIES", 2))

    @property
    def protocol(self) -> int:
        """
        The version of the protocol for new connections: 1 (OAuth 1.0a) or 2 (OAuth 2).
        """
        return int(self.read("PROTOCOL", 1))

    @property
    def signature_method(self) -> str:
        """
        The OAuth signature method. A Trove of 2010 supports HMAC-SHA1 only.
        """
        return self._text("SIGNATURE_METHOD", "HMAC-SHA256")

    @property
    def allow_http(self) -> bool:
        """
        Whether plain HTTP is allowed for hosts other than the local machine.
        """
        return bool(self.read("ALLOW_HTTP", False))

    @property
    def trust_env(self) -> bool:
        """
        Whether to use proxies and credentials from environment variables.
        """
        return bool(self.read("TRUST_ENV", False))

    @property
    def session(self) -> Any:
        """
        A `requests.Session`, or a callable that returns one. Default: a connection pool.
        """
        return self.read("SESSION", None)

    @property
    def cache(self) -> str:
        """
        The alias of the response cache in `CACHES`.
        """
        return self._text("CACHE", "default")

    @property
    def cache_seconds(self) -> float:
        """
        The time for which a response is fresh, in seconds.
        """
        return float(self.read("CACHE_SECONDS", 60))

    @property
    def stale_if_error_seconds(self) -> float:
        """
        The time for which a stale response can be used if the Trove is unavailable, in seconds.
        """
        return float(self.read("STALE_IF_ERROR_SECONDS", 86400))

    @property
    def error_cache_seconds(self) -> float:
        """
        The time for which errors are cached, in seconds.
        """
        return float(self.read("ERROR_CACHE_SECONDS", 15))

    @property
    def map_tiles(self) -> Any:
        """
        The tile layer: `URL`, `ATTRIBUTION` and `MAX_ZOOM`. Default: land areas and a grid.
        """
        return self.read("MAP_TILES", None)

    @property
    def pages(self) -> Mapping[str, str]:
        """
        The names of the site's own URL patterns by page of photos: see `photos.page_urls`.
        """
        value: Mapping[str, str] = self.read("PAGES", None) or {}
        return value

    @property
    def request_id(self) -> str:
        """
        The id of the current request. Default: its `X-Request-ID`. Invalid ids are replaced.
        """
        request = current_request.get()
        return self._text("REQUEST_ID", request.headers.get(HEADER, "") if request else "")

    @property
    def keys(self) -> list[str]:
        """
        All valid keys.
        """
        names = (name for name, kind in vars(Conf).items() if isinstance(kind, property))
        return [name.upper() for name in names if name not in ("keys", "raw")]

    @property
    def raw(self) -> Mapping[str, Any]:
        """
        The unprocessed value of `TROVE`.
        """
        value = getattr(settings, "TROVE", {})
        return value if isinstance(value, Mapping) else {}

    def read(self, key: str, default: Any = None) -> Any:
        """
        Return a value. Callables are called.
        """
        value = self.raw.get(key, default)
        if not callable(value):
            return value
        return value(current_request.get()) if accepts_request(value) else value()

    def _text(self, key: str, default: str = "") -> str:
        # A missing environment variable is None.
        return str(self.read(key, default) or default)


conf = Conf()
