"""
The settings, one dict: `TROVE`.

A value is read when it is used, so that `override_settings` needs no hook. It may be a callable,
such as a look-up in a vault; one that takes an argument is given the request that is being answered
(`middleware.TroveMiddleware`), so that one project can serve several sites.
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

current_request: ContextVar[HttpRequest | None] = ContextVar("answered", default=None)


@contextmanager
def request_scope(request: HttpRequest) -> Iterator[None]:
    """
    Read the settings for a request, inside.
    """
    token = current_request.set(request)
    try:
        yield
    finally:
        current_request.reset(token)


def accepts_request(value: Any) -> bool:
    """
    Whether a setting's value is a callable that has to be given the request.
    """
    if not callable(value):
        return False
    try:
        inspect.signature(value).bind()
    except TypeError:
        return True
    except ValueError:  # written in C, which says nothing of its arguments
        return False
    return False


DEFAULT_BACKEND = "django_trove.backends.remote.RemoteBackend"


class Conf:
    """
    `TROVE`, typed, with the defaults.
    """

    @property
    def app_key(self) -> str:
        """
        The application's key, as the Trove gave it out.
        """
        return self._text("APP_KEY")

    @property
    def app_secret(self) -> str:
        """
        The application's secret.
        """
        return self.get_secret(self.app_key)

    def get_secret(self, app_key: str) -> str:
        """
        Return the secret of one of the site's keys, where `APP_SECRET` is a dict by key: those of
        its several sites, or the one before the key was changed.

        :returns: "" for a key that isn't the site's.
        """
        value = self.read("APP_SECRET", "")
        if isinstance(value, Mapping):
            return str(value.get(app_key) or "")
        return str(value or "") if app_key == self.app_key else ""

    def has_app_key(self, app_key: str) -> bool:
        """
        Return whether a key is one of the site's still. The one that new tokens are given to is,
        even where its secret is missing: that is a setting to mend.

        :param app_key: "" for tokens of before it was kept.
        """
        return app_key in ("", self.app_key) or bool(self.get_secret(app_key))

    @property
    def url(self) -> str:
        """
        Where the Trove is, pages and content from one origin.
        """
        return self._text("URL")

    @property
    def web_url(self) -> str:
        """
        Where its pages and token endpoints are; `URL` without it.
        """
        return self._text("WEB_URL", self.url)

    @property
    def api_url(self) -> str:
        """
        Where its content is; `URL` without it.
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
        What the user is asked for.
        """
        value = self.read("CONTENT_TYPES", ("photos",))
        return [value] if isinstance(value, str) else list(value)

    @property
    def callback_base_url(self) -> str:
        """
        Scheme and host that the Trove sends people back to; without it, those of the request.
        """
        return self._text("CALLBACK_BASE_URL")

    @property
    def connect_redirect_url(self) -> str:
        """
        Where to go after connecting without a `next`: an address or a URL name. The account page
        without it.
        """
        return self._text("CONNECT_REDIRECT_URL")

    @property
    def confirm_account(self) -> bool:
        """
        Whether people are shown whose Trove came back before it is kept.
        """
        return bool(self.read("CONFIRM_ACCOUNT", True))

    @property
    def allowed_next_hosts(self) -> Sequence[str]:
        """
        Hosts besides the site's own that `next` may lead to.
        """
        return list(self.read("ALLOWED_NEXT_HOSTS", ()))

    @property
    def timeout(self) -> Any:
        """
        Seconds to wait for a connection and for each part of an answer: a number or a pair.
        """
        value = self.read("TIMEOUT", (3.05, 10.0))
        return tuple(value) if isinstance(value, list) else value

    @property
    def deadline(self) -> float:
        """
        Seconds that one call may take in all, with its retries.
        """
        seconds: float = self.read("DEADLINE", 20.0)
        return seconds

    @property
    def retries(self) -> int:
        """
        How often a call that changes nothing is tried again.
        """
        return int(self.read("RETRIES", 2))

    @property
    def signature_method(self) -> str:
        """
        How calls are signed; a Trove of 2010 knows HMAC-SHA1 only.
        """
        return self._text("SIGNATURE_METHOD", "HMAC-SHA256")

    @property
    def allow_http(self) -> bool:
        """
        Whether a Trove that isn't on this machine may be spoken to without TLS.
        """
        return bool(self.read("ALLOW_HTTP", False))

    @property
    def trust_env(self) -> bool:
        """
        Whether proxies and credentials of the environment are used.
        """
        return bool(self.read("TRUST_ENV", False))

    @property
    def session(self) -> Any:
        """
        A `requests.Session` to ask with, or what returns one; None for the app's own pool.
        """
        return self.read("SESSION", None)

    @property
    def cache(self) -> str:
        """
        The alias in `CACHES` where answers are kept.
        """
        return self._text("CACHE", "default")

    @property
    def cache_seconds(self) -> float:
        """
        How long an answer is given again without asking.
        """
        return float(self.read("CACHE_SECONDS", 60))

    @property
    def stale_if_error_seconds(self) -> float:
        """
        How long an answer is kept for when the Trove can't be asked.
        """
        return float(self.read("STALE_IF_ERROR_SECONDS", 86400))

    @property
    def error_cache_seconds(self) -> float:
        """
        How long a Trove that didn't answer isn't asked again.
        """
        return float(self.read("ERROR_CACHE_SECONDS", 15))

    @property
    def map_tiles(self) -> Any:
        """
        The tiles of maps: `URL`, `ATTRIBUTION` and `MAX_ZOOM`. Without them a map has the world's
        land and a grid.
        """
        return self.read("MAP_TILES", None)

    @property
    def request_id(self) -> str:
        """
        What the request that is being answered is called in the logs: its `X-Request-ID` without
        this. Only where it is fit for a log, and else a new one.
        """
        request = current_request.get()
        return self._text("REQUEST_ID", request.headers.get(HEADER, "") if request else "")

    @property
    def keys(self) -> list[str]:
        """
        Every key there is.
        """
        names = (name for name, kind in vars(Conf).items() if isinstance(kind, property))
        return [name.upper() for name in names if name not in ("keys", "raw")]

    @property
    def raw(self) -> Mapping[str, Any]:
        """
        `TROVE` as it stands in the settings.
        """
        found = getattr(settings, "TROVE", {})
        return found if isinstance(found, Mapping) else {}

    def read(self, key: str, default: Any = None) -> Any:
        """
        Return a value, called if it is a callable.
        """
        value = self.raw.get(key, default)
        if not callable(value):
            return value
        return value(current_request.get()) if accepts_request(value) else value()

    def _text(self, key: str, default: str = "") -> str:
        """
        None is what a missing variable of the environment comes as, and no address or key.
        """
        return str(self.read(key, default) or default)


conf = Conf()
