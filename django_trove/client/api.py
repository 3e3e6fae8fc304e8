"""
The client API, compatible with the client of 2010.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

import requests

from . import codec
from .content import Person, Photo
from .errors import (
    CallError,
    InvalidResponse,
    NotConnected,
    NotFound,
    TokenRejected,
    UnsafeResponse,
)
from .hosts import is_loopback
from .logs import Call
from .query import PushResult, Query, Result
from .responses import Response, is_local_path, parse_token
from .token import Token
from .transport import MAX_BYTES, Transport, pooled_session

SIGNATURE_METHODS = ("HMAC-SHA256", "HMAC-SHA512", "HMAC-SHA1")


MAX_PUSH = 1000


class TroveAPI:
    """
    A client for one application and one user. It is thread-safe once it has an access token.

    :param app_key: the application key (consumer key).
    :param app_secret: the application secret (consumer secret).
    :param content_types: the content types to request, such as ["photos"].
    :param access_token: the token of an earlier `get_access_token`, or the text of its `to_string`.
    :param callback: the callback URL; "oob" displays the verifier to the user instead.
    :param url: the base URL of the Trove; `web_url` and `api_url` if pages and content differ.
        Default: the environment variable `TROVE_URL`.
    :param timeout: seconds to connect and to read: a pair, or one number for both.
    :param deadline: the maximum duration of a call in seconds, including retries.
    :param retries: the maximum number of retries after a temporary error of an idempotent call.
    :param session: a shared session from `pooled_session`, or your own `requests.Session`. With
        your own, the deadline is checked only between two reads.
    :param signature_method: "HMAC-SHA256", "HMAC-SHA512" or "HMAC-SHA1".
    :param allow_http: allow plain HTTP for hosts other than the local machine.
    :param trust_env: use proxies and certificates from environment variables.
    :param max_bytes: the maximum size of a response after decompression.
    :param observe: a function that is called after each attempt. Its exceptions abort the call.
    :raises CallError: if an argument is invalid. The message contains its name.
    """

    transport_class: ClassVar[type[Transport]] = Transport
    content_path: ClassVar[str] = "/v1/oauth/{}/"
    user_path: ClassVar[str] = "/v1/oauth/user/"
    push_path: ClassVar[str] = "/v1/oauth/push/"

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        content_types: Sequence[str] = ("photos",),
        access_token: Token | str | None = None,
        *,
        callback: str = "oob",
        url: str | None = None,
        web_url: str | None = None,
        api_url: str | None = None,
        timeout: float | tuple[float, float] = (3.05, 10.0),
        deadline: float = 20.0,
        retries: int = 2,
        session: requests.Session | None = None,
        signature_method: str = "HMAC-SHA256",
        allow_http: bool = False,
        trust_env: bool = False,
        max_bytes: int = MAX_BYTES,
        observe: Callable[[Call], object] | None = None,
    ) -> None:
        keys = Token(app_key, app_secret)
        del app_secret  # debug pages display local variables
        self.content_types = tuple(content_types)
        self.access_token = _parse_access_token(access_token)
        del access_token
        self.callback = callback
        url = url or os.environ.get("TROVE_URL", "")
        self.web_url, self.api_url = web_url or url, api_url or url
        _check_arguments(keys, content_types, timeout, deadline, signature_method)
        self._keys = keys
        names = ("web_url" if web_url else "url", "api_url" if api_url else "url")
        self.web_url = validate_base_url(names[0], self.web_url, allow_http=allow_http)
        self.api_url = validate_base_url(names[1], self.api_url, allow_http=allow_http)
        self._transport = self.transport_class(
            keys,
            session or pooled_session(trust_env=trust_env),
            timeout=timeout if isinstance(timeout, tuple) else (timeout, timeout),
            deadline=deadline,
            retries=retries,
            signature_method=signature_method,
            max_bytes=max_bytes,
            observe=observe,
        )

    def __repr__(self) -> str:
        state = "connected" if self.access_token else "not connected"
        return f"<{type(self).__name__} {self.web_url} {','.join(self.content_types)} {state}>"

    # Authorization

    def get_request_token(self, callback: str | None = None) -> Token:
        """
        Get a request token (RFC 5849, section 2.1).

        :param callback: the callback URL. Default: the client's.
        :raises KeysRejected: if the application key or secret is wrong.
        :raises UnsafeResponse: if the Trove supports only OAuth Core 1.0, which is vulnerable to
            session fixation.
        """
        response = self._transport.call(
            "GET",
            f"{self.web_url}/v1/oauth/request_token/",
            params={"scope": ",".join(self.content_types)},
            callback_uri=callback or self.callback,
        )
        token, confirmed = parse_token(response)
        if not confirmed:
            raise UnsafeResponse("The Trove did not confirm the callback (OAuth 1.0 downgrade).")
        return token

    def get_authorization_url(self, request_token: Token) -> str:
        """
        Return the URL of the consent page (RFC 5849, section 2.2).
        """
        parameters = urlencode({"oauth_token": request_token.key})
        return f"{self.web_url}/v1/oauth/authorize/?{parameters}"

    def get_access_token(self, request_token: Token, verifier: str = "") -> Token:
        """
        Exchange an authorized request token for an access token (RFC 5849, section 2.3). The client
        uses the access token for all further calls.

        :param verifier: the parameter of the callback, or the code that the user entered.
        :raises TokenRejected: if the request token is unknown, expired or used, or the verifier
            is wrong.
        :raises CallError: if there is no verifier.
        """
        require_verifier(verifier)
        try:
            response = self._transport.call(
                "POST",
                f"{self.web_url}/v1/oauth/access_token/",
                token=request_token,
                verifier=verifier,
                idempotent=False,
            )
        except TokenRejected:
            message = "The verifier is wrong, or the request token is unknown, expired or used."
            raise TokenRejected(message, status=401) from None
        self.access_token, _ = parse_token(response)
        return self.access_token

    def check_keys(self, callback: str | None = None) -> None:
        """
        Check the application key and secret.

        :param callback: a callback URL to check, too (version 1).
        :raises KeysRejected: if the key or the secret is wrong.
        :raises CallError: if the callback is not registered.
        """
        self.get_request_token(callback)

    # Content

    def get_photos(self, query: Query | None = None) -> Result[Photo]:
        """
        Return one page of photos. Default: the newest 50.

        :raises QueryError: if the query is invalid. The message contains the field.
        :raises TokenRejected: if the user must reconnect.
        """
        return self.get_content("photos", query)

    def get_content(self, content_type: str, query: Query | None = None) -> Result[Any]:
        """
        Return one page of a content type: "photos", "videos", "status", "checkins", "friends".
        """
        if content_type not in codec.CONTENT_CLASSES:
            raise CallError(f"content_type must be one of {', '.join(codec.CONTENT_CLASSES)}.")
        path = self.content_path.format(content_type)
        if query is None:
            response = self._request("GET", path)
        else:
            wire = codec.encode_json(codec.query_to_wire(query)).decode()
            response = self._request("POST", path, form={"query": wire})
        return codec.decode_result(response.body, query, content_type)

    def get_photo(self, trove_id: str) -> Photo:
        """
        Return one photo.

        :raises NotFound: if it does not exist or belongs to another user.
        """
        if not trove_id:
            raise CallError("trove_id is empty.")
        for photo in self.get_photos(Query(trove_id=trove_id)):
            return photo
        raise NotFound(f"Photo {trove_id!r:.50} does not exist.")

    def iter_photos(self, query: Query | None = None) -> Iterator[Photo]:
        """
        Yield the photos of all pages, starting with the page of the query. Each photo is yielded
        once, even if new photos shift the pages in the meantime.
        """
        return iter_pages(self.get_photos, query or Query())

    def push_photos(self, user_id: str, photos: Sequence[Photo]) -> PushResult:
        """
        Add photos of the application to the user's Trove.

        :param user_id: the user's id in the application.
        :param photos: at most 1,000.
        """
        if len(photos) > MAX_PUSH:
            raise CallError(f"photos has {len(photos)} items; the maximum is {MAX_PUSH}.")
        form = {
            "user_id": str(user_id),
            "content_type": "photos",
            "number_of_items": str(len(photos)),
            "object_list": codec.encode_items(photos).decode(),
        }
        response = self._request("POST", self.push_path, form=form, idempotent=False)
        return codec.object_from_wire(PushResult, codec.decode_json(response.body))

    # The user and their services

    def get_user_info(self) -> Person:
        """
        Return the user's name, email address and accounts on services.
        """
        response = self._request("POST", self.user_path)
        return codec.object_from_wire(Person, codec.decode_json(response.body))

    def get_services(self) -> dict[str, str]:
        """
        Return the services that the user can add, and the path of each.
        """
        response = self._request("POST", "/v1/oauth/get_add_urls_for_services/")
        data = codec.decode_json(response.body)
        if not isinstance(data, dict):
            raise InvalidResponse("The list of services is not an object.")
        return {name: path for name, path in data.items() if is_local_path(path)}

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time URL at which the user adds a service.

        :param redirect_url: the URL to redirect to afterwards. Default: the callback URL.
        :raises CallError: if the Trove does not offer the service.
        """
        services = self.get_services()
        if service not in services:
            raise CallError(f"service must be one of {', '.join(sorted(services))}.")
        form = {"redirect_url": redirect_url} if redirect_url else {}
        return self._parse_link(
            self._request("POST", services[service], form=form, idempotent=False)
        )

    def get_url_for_new_trove(self, service: str, redirect_url: str = "") -> str:
        """
        Return a one-time URL at which a new user signs up and adds a service.

        :param redirect_url: the URL to redirect to afterwards. Default: the callback URL.
        :raises TroveError: if the Trove does not offer the service.
        """
        keys = {"app_key": self._keys.key, "app_secret": self._keys.secret}
        form = keys | ({"redirect_url": redirect_url} if redirect_url else {})
        url = f"{self.api_url}/v1/add/newtrove/service/{quote(service, safe='')}"
        return self._parse_link(self._transport.call("POST", url, form=form, idempotent=False))

    def _parse_link(self, response: Response) -> str:
        path = response.body.decode(errors="replace").strip()
        if not is_local_path(path):
            raise InvalidResponse("The response is not a path.")
        return self.web_url + path

    def _request(self, method: str, path: str, **options: Any) -> Response:
        if self.access_token is None:
            raise NotConnected("There is no access token. Authorize the application first.")
        return self._transport.call(method, self.api_url + path, token=self.access_token, **options)


def require_verifier(verifier: str) -> None:
    if not verifier:
        raise CallError(
            "verifier is required: the parameter oauth_verifier of the callback (version 2: code),"
            " or the code that the Trove displays if the callback is oob."
        )


def _parse_access_token(token: Token | str | None) -> Token | None:
    if not isinstance(token, str):
        return token
    try:
        return Token.from_string(token)
    except ValueError:
        raise CallError("access_token must be a Token, or the text of Token.to_string().") from None


def _check_arguments(
    keys: Token,
    content_types: Sequence[str],
    timeout: float | tuple[float, float],
    deadline: float,
    signature_method: str,
) -> None:
    if not keys.key or not keys.secret:
        raise CallError(
            "app_key and app_secret are required. Register an application at the Trove."
        )
    if isinstance(content_types, str) or not content_types:
        raise CallError("content_types must be a list, such as ['photos'].")
    limits = (*timeout, deadline) if isinstance(timeout, tuple) else (timeout, deadline)
    if not all(limits):
        raise CallError(
            "timeout and deadline are required. Calls without a timeout may never return."
        )
    if signature_method not in SIGNATURE_METHODS:
        raise CallError(f"signature_method must be one of {', '.join(SIGNATURE_METHODS)}.")


def validate_base_url(name: str, url: str, *, allow_http: bool = False) -> str:
    """
    Return a base URL without the trailing slash.

    :param name: the name of the argument or setting, for the error message.
    :param allow_http: allow plain HTTP for hosts other than the local machine.
    :raises CallError: if the URL is missing or invalid, or would send tokens without encryption.
    """
    if not url:
        raise CallError(
            f"{name} is required: the URL of a Trove, such as https://trove.example.org."
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or parts.username or parts.query or parts.fragment:
        raise CallError(f"{name} must be the URL of a Trove, such as https://trove.example.org.")
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.netloc)):
        raise CallError(
            f"{name} must be an https:// URL. Plain HTTP is allowed for the local machine only."
        )
    return url.rstrip("/")


def iter_pages(get_photos: Callable[[Query], Result[Photo]], query: Query) -> Iterator[Photo]:
    """
    Yield the photos of all pages, as `TroveAPI.iter_photos` does.

    :param get_photos: returns one page.
    """
    seen: set[tuple[str, ...]] = set()
    received = (query.page - 1) * query.count
    while True:
        result = get_photos(query)
        for photo in result:
            key = (photo.trove_id,) if photo.trove_id else (photo.service, photo.id)
            if key not in seen:
                seen.add(key)
                yield photo
        received += result.count
        has_more = result.count and received < (result.total_number_of_results or 0)
        if not (has_more if result.more is None else result.more):
            return
        total = query.total and not result.after  # the cursor makes the total unnecessary
        query = replace(query, page=query.page + 1, after=result.after, total=total)
