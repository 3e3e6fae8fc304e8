"""
The client of 2010, made new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
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
from .logs import Call
from .query import PushResult, Query, Result
from .responses import Response, is_local_path, parse_json, parse_token
from .token import Token
from .transport import MAX_BYTES, Transport, pooled_session
from .urls import is_loopback

SIGNATURE_METHODS = ("HMAC-SHA256", "HMAC-SHA512", "HMAC-SHA1")


MAX_PUSH = 1000


class TroveAPI:
    """
    An application's way to a Trove. It is safe to share between threads once it is connected.

    :param app_key: the consumer key.
    :param app_secret: the consumer secret.
    :param content_types: what to ask the person for, such as ["photos"].
    :param access_token: the person's, from an earlier `get_access_token`.
    :param callback: where the person is sent back to; "oob" shows them the verifier instead.
    :param url: the Trove's address; `web_url` and `api_url` where pages and content differ.
    :param timeout: seconds to connect and between two reads, as a pair or one number for both.
    :param deadline: seconds for one call in all, its retries included.
    :param retries: how often a passing fault is tried again where that is safe.
    :param session: one from `pooled_session` to share, or a `requests.Session` of your own with
        what it trusts; with yours, the deadline is looked at between two reads only.
    :param signature_method: "HMAC-SHA256", "HMAC-SHA512" or "HMAC-SHA1".
    :param allow_http: let plain http go beyond this machine.
    :param trust_env: use proxies and certificates named in the environment.
    :param max_bytes: the largest answer that is read, after decompression.
    :param observe: is told of each attempt to ask; what it raises stops the call.
    :raises CallError: if an argument makes no sense; it names it.
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        content_types: Sequence[str] = ("photos",),
        access_token: Token | None = None,
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
        del app_secret  # so that no traceback page finds it here
        self.content_types = tuple(content_types)
        self.access_token = access_token
        self.callback = callback
        self.web_url, self.api_url = web_url or url or "", api_url or url or ""
        _check(keys, content_types, timeout, deadline, signature_method)
        self._keys = keys
        names = ("web_url" if web_url else "url", "api_url" if api_url else "url")
        self.web_url = validate_base_url(names[0], self.web_url, allow_http=allow_http)
        self.api_url = validate_base_url(names[1], self.api_url, allow_http=allow_http)
        self._transport = Transport(
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
        return f"<TroveAPI {self.web_url} {','.join(self.content_types)} {state}>"

    # Connecting

    def get_request_token(self, callback: str | None = None) -> Token:
        """
        Ask for a request token (RFC 5849, section 2.1).

        :param callback: where the person comes back to; the client's own without it.
        :raises KeysRejected: if the Trove does not know the application's keys.
        :raises UnsafeAnswer: if the Trove speaks only OAuth 1.0, open to session fixation.
        """
        answer = self._transport.call(
            "GET",
            f"{self.web_url}/v1/oauth/request_token/",
            params={"scope": ",".join(self.content_types)},
            callback_uri=callback or self.callback,
        )
        token, confirmed = parse_token(answer)
        if not confirmed:
            raise UnsafeResponse("The Trove did not confirm the callback (OAuth 1.0 downgrade).")
        return token

    def get_authorization_url(self, request_token: Token) -> str:
        """
        Return the page where the person says yes or no (RFC 5849, section 2.2).
        """
        asked = urlencode({"oauth_token": request_token.key})
        return f"{self.web_url}/v1/oauth/authorize/?{asked}"

    def get_access_token(self, request_token: Token, verifier: str) -> Token:
        """
        Trade an allowed request token for an access token, and use it from here on
        (RFC 5849, section 2.3).

        :param verifier: what the Trove sent back with the person, or showed them.
        :raises TokenRejected: if the request token is unknown, expired or used, or the verifier
            is wrong.
        """
        try:
            answer = self._transport.call(
                "POST",
                f"{self.web_url}/v1/oauth/access_token/",
                token=request_token,
                verifier=verifier,
                idempotent=False,
            )
        except TokenRejected:
            words = "The verifier is wrong, or the request token is unknown, expired or used."
            raise TokenRejected(words, status=401) from None
        self.access_token, _ = parse_token(answer)
        return self.access_token

    # Content

    def get_photos(self, query: Query | None = None) -> Result[Photo]:
        """
        Ask for one page of photos; without a query the newest 50.

        :raises QueryError: if the query makes no sense; it names the field.
        :raises TokenRejected: if the person has to connect again.
        """
        return self.get_content("photos", query)

    def get_content(self, content_type: str, query: Query | None = None) -> Result[Any]:
        """
        Ask for one page of any content type: "photos", "videos", "status", "checkins", "friends".
        """
        if content_type not in codec.READERS:
            raise CallError(f"content_type is none of {', '.join(codec.READERS)}.")
        path = f"/v1/oauth/{content_type}/"
        if query is None:
            answer = self._ask("GET", path)
        else:
            wire = json.dumps(codec.query_to_wire(query))
            answer = self._ask("POST", path, form={"query": wire})
        return codec.result_from_wire(parse_json(answer), query, content_type)

    def get_photo(self, trove_id: str) -> Photo:
        """
        Ask for one photo.

        :raises NotFound: if there is none, or it is not this person's.
        """
        if not trove_id:
            raise CallError("trove_id is empty.")
        for photo in self.get_photos(Query(trove_id=trove_id)):
            return photo
        raise NotFound(f"There is no photo {trove_id!r:.50}.")

    def iter_photos(self, query: Query | None = None) -> Iterator[Photo]:
        """
        Go through every page from the query's on, lazily. Each photo comes once, even where the
        list grows meanwhile and shifts the pages.
        """
        following = query or Query()
        seen: set[tuple[str, ...]] = set()
        received = (following.page - 1) * following.count
        while True:
            result = self.get_photos(following)
            for photo in result:
                key = (photo.trove_id,) if photo.trove_id else (photo.service, photo.id)
                if key not in seen:
                    seen.add(key)
                    yield photo
            received += result.count
            there_is_more = result.count and received < (result.total_number_of_results or 0)
            if not (there_is_more if result.more is None else result.more):
                return
            counts = following.total and not result.after  # a Trove that goes on needn't count
            page = following.page + 1
            following = replace(following, page=page, after=result.after, total=counts)

    def push_photos(self, user_id: str, photos: Sequence[Photo]) -> PushResult:
        """
        Give photos of this application's own to a person's Trove.

        :param user_id: the person's id at the application.
        :param photos: at most 1,000.
        """
        if len(photos) > MAX_PUSH:
            raise CallError(f"photos has {len(photos)} items; push at most {MAX_PUSH} at once.")
        form = {
            "user_id": str(user_id),
            "content_type": "photos",
            "number_of_items": str(len(photos)),
            "object_list": json.dumps([codec.photo_to_wire(photo) for photo in photos]),
        }
        said = parse_json(self._ask("POST", "/v1/oauth/push/", form=form, idempotent=False))
        return codec.push_result_from_wire(said)

    # The person and their services

    def get_user_info(self) -> Person:
        """
        Ask whose Trove it is.
        """
        return codec.person_from_wire(parse_json(self._ask("POST", "/v1/oauth/user/")))

    def get_services(self) -> dict[str, str]:
        """
        Ask which services the person could add.

        :returns: a path for each service's name, for `get_url_for_service`.
        """
        said = parse_json(self._ask("POST", "/v1/oauth/get_add_urls_for_services/"))
        if not isinstance(said, dict):
            raise InvalidResponse("The list of services is not an object.")
        return {name: path for name, path in said.items() if is_local_path(path)}

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        """
        Ask for a one-time link at which the person adds a service.

        :param redirect_url: where they are sent afterwards; the callback without it.
        :raises CallError: if the Trove does not offer that service.
        """
        offered = self.get_services()
        if service not in offered:
            raise CallError(f"service is none of those offered: {', '.join(sorted(offered))}.")
        form = {"redirect_url": redirect_url} if redirect_url else {}
        return self._link_in(self._ask("POST", offered[service], form=form, idempotent=False))

    def get_url_for_new_trove(self, service: str, redirect_url: str = "") -> str:
        """
        Ask for a one-time link at which somebody who has no Trove gets one, by adding a service.

        :param redirect_url: where they are sent afterwards; the callback without it.
        :raises TroveError: if the Trove does not offer that service, among others.
        """
        keys = {"app_key": self._keys.key, "app_secret": self._keys.secret}
        form = keys | ({"redirect_url": redirect_url} if redirect_url else {})
        url = f"{self.api_url}/v1/add/newtrove/service/{quote(service, safe='')}"
        return self._link_in(self._transport.call("POST", url, form=form, idempotent=False))

    def _link_in(self, answer: Response) -> str:
        path = answer.body.decode(errors="replace").strip()
        if not is_local_path(path):
            raise InvalidResponse("The link for adding a service is not a path.")
        return self.web_url + path

    def _ask(self, method: str, path: str, **call: Any) -> Response:
        if self.access_token is None:
            raise NotConnected("There is no access token: connect first.")
        return self._transport.call(method, self.api_url + path, token=self.access_token, **call)


def _check(
    keys: Token,
    content_types: Sequence[str],
    timeout: float | tuple[float, float],
    deadline: float,
    signature_method: str,
) -> None:
    if not keys.key or not keys.secret:
        raise CallError("app_key and app_secret are needed: register an application at the Trove.")
    if isinstance(content_types, str) or not content_types:
        raise CallError("content_types is a list, as ['photos'].")
    limits = (*timeout, deadline) if isinstance(timeout, tuple) else (timeout, deadline)
    if not all(limits):
        raise CallError("timeout and deadline are needed: a call without one may never end.")
    if signature_method not in SIGNATURE_METHODS:
        raise CallError(f"signature_method is one of {', '.join(SIGNATURE_METHODS)}.")


def validate_base_url(name: str, url: str, *, allow_http: bool = False) -> str:
    """
    Return a base address without its last slash.

    :param name: what the caller calls it, for the message.
    :param allow_http: let plain http go beyond this machine.
    :raises CallError: if it is missing, is no web address, or would send tokens in the clear.
    """
    if not url:
        raise CallError(f"{name} is missing: the address of a Trove, as https://trove.example.org.")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        fits = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.query or parts.fragment:
        raise CallError(f"{name} is not the address of a Trove, as https://trove.example.org.")
    if parts.scheme == "http" and not (allow_http or is_loopback(parts.netloc)):
        raise CallError(f"{name} is plain http, which is for this machine only: use https.")
    return url.rstrip("/")
