"""
The HTTP API of the fake Trove, as an adapter of a `requests` session.
"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from oauthlib.oauth1.rfc5849.signature import collect_parameters
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse, HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError

from ..client import Query, QueryError, Token
from ..client.codec import (
    COLLECTION_CLASSES,
    CONTENT_CLASSES,
    RESULT_CLASSES,
    encode_json,
    encode_result,
    query_from_wire,
)
from ..client.query import LIST_FIELDS
from .collections import search_collection
from .data import FakeLibrary
from .push import push_records
from .search import search_records

JSON = {"Content-Type": "application/json"}
NEW_TROVE = "add/newtrove/service/"


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """
    A call of the site to the fake Trove. Failed calls are recorded, too.

    :param name: "photos" or another content type, "push", "user", "services", "add_service",
        "new_trove", "request_token" or "access_token".
    :param user: the user of the access token, or None for the last three.
    :param query: the query of a call for content, otherwise None.
    """

    name: str
    user: Any = None
    query: Query | None = None


@dataclass(slots=True)
class IssuedToken:
    """
    A request token or an access token. A request token has no user before the authorization.
    """

    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    content_types: tuple[str, ...] = ("photos",)
    user: Any = None
    callback: str = ""
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class FakeAdapter(HTTPAdapter):
    """
    :param make_error: if set, it returns the response to every request or raises an error.
    """

    def __init__(self, library: FakeLibrary) -> None:
        super().__init__()
        self.library = library
        self.calls: list[RecordedCall] = []
        self.available_services = ["facebook", "flickr", "google", "smugmug"]
        self.request_tokens: dict[str, IssuedToken] = {}
        self.access_tokens: dict[str, IssuedToken] = {}
        self.revoked_tokens: dict[str, IssuedToken] = {}
        self.make_error: Callable[[str], Response] | None = None

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        try:
            response = self._respond(request)
        except QueryError as error:
            response = error_response(400, "bad_query", error.detail, error.field)
        raw = HTTPResponse(
            io.BytesIO(response.body), response.headers, response.status, preload_content=False
        )
        return self.build_response(request, raw)

    def issue_access_token(self, user: Any, content_types: Iterable[str]) -> Token:
        key = secrets.token_hex(16)
        token = IssuedToken(user=user, content_types=tuple(content_types))
        self.access_tokens[key] = token
        return Token(key, token.secret)

    def revoke(self, user: Any = None) -> None:
        for key, token in list(self.access_tokens.items()):
            if user is None or token.user.pk == user.pk:
                self.revoked_tokens[key] = self.access_tokens.pop(key)

    def _respond(self, request: requests.PreparedRequest) -> Response:
        path = urlsplit(str(request.url)).path
        name = path.strip("/").removeprefix("v1/").removeprefix("oauth/")
        oauth = _oauth_parameters(request)
        form = {key: values[0] for key, values in _parse_form(request).items()}
        key = oauth.get("oauth_token", "")
        token = self.access_tokens.get(key) or self.revoked_tokens.get(key)
        query = _parse_query(form) if name in RESULT_CLASSES else None
        valid_query = query if isinstance(query, Query) else None
        self.calls.append(RecordedCall(_call_name(name), token and token.user, valid_query))
        if self.make_error:
            return self.make_error(str(request.url))
        if name == "request_token":
            return self._request_token(oauth, request)
        if name == "access_token":
            return self._access_token(oauth)
        if name.startswith(NEW_TROVE):
            return self._new_trove(name.removeprefix(NEW_TROVE), form)
        if key not in self.access_tokens:
            return unauthorized_response()
        return self._authorized_response(name, self.access_tokens[key], query, form)

    def _new_trove(self, service: str, form: Mapping[str, str]) -> Response:
        """
        Return the path of the consent page: the fake users have the service already.
        """
        if service not in self.available_services:
            return error_response(404, "not_found", "This service cannot be added.")
        key = form.get("oauth_token", "")
        if key not in self.request_tokens:
            return error_response(400, "bad_query", "oauth_token is unknown.", "oauth_token")
        return Response(body=f"/v1/oauth/authorize/?oauth_token={key}".encode())

    def _authorized_response(
        self,
        name: str,
        token: IssuedToken,
        query: Query | QueryError | None,
        form: Mapping[str, str],
    ) -> Response:
        if query:
            return self._content(name, token, query)
        if name == "push":
            return self._push(token, form)
        if name == "user":
            return _json_response(self.library.get_person(token.user))
        if name == "get_add_urls_for_services":
            services = sorted(self.available_services)
            return _json_response({service: f"/v1/add/{service}/" for service in services})
        if name.removeprefix("add/") in self.available_services:
            return Response(body=f"/add/{secrets.token_hex(16)}/".encode())
        return error_response(404, "not_found", "There is no such endpoint.")

    def _content(self, name: str, token: IssuedToken, query: Query | QueryError) -> Response:
        if name in COLLECTION_CLASSES:
            return self._collection(name, token, query)
        if name not in token.content_types:
            return not_granted_response(name)
        if isinstance(query, QueryError):
            raise query
        has_videos = name == "photos" and query.videos and "videos" in token.content_types
        types = (name, "videos") if has_videos else (name,)
        result = search_records(self.library.get_records(token.user, *types), query)
        return Response(200, JSON, encode_result(result))

    def _collection(self, name: str, token: IssuedToken, query: Query | QueryError) -> Response:
        types = [each for each in ("photos", "videos") if each in token.content_types]
        if not types:
            return error_response(403, "not_granted", "Neither photos nor videos are granted.")
        if isinstance(query, QueryError):
            raise query
        records = self.library.get_records(token.user, *types)
        result = search_collection(records, name, query)
        return Response(200, JSON, encode_result(result))

    def _push(self, token: IssuedToken, form: Mapping[str, str]) -> Response:
        content_type = form.get("content_type", "")
        if content_type in CONTENT_CLASSES and content_type not in token.content_types:
            return not_granted_response(content_type)
        if content_type not in CONTENT_CLASSES:
            detail = f"content_type must be one of {', '.join(CONTENT_CLASSES)}."
            raise QueryError(detail, field="content_type")
        return _json_response(push_records(self.library, token.user, form))

    def _request_token(
        self, oauth: Mapping[str, str], request: requests.PreparedRequest
    ) -> Response:
        scope = parse_qs(urlsplit(str(request.url)).query).get("scope", ["photos"])[0]
        key = secrets.token_hex(16)
        token = IssuedToken(content_types=tuple(scope.split(",")), callback=oauth["oauth_callback"])
        self.request_tokens[key] = token
        return _token_response(Token(key, token.secret), oauth_callback_confirmed="true")

    def _access_token(self, oauth: Mapping[str, str]) -> Response:
        token = self.request_tokens.pop(oauth.get("oauth_token", ""), None)
        if not token or not token.verifier or token.verifier != oauth.get("oauth_verifier"):
            return unauthorized_response()
        return _token_response(self.issue_access_token(token.user, token.content_types))


def error_response(
    status: int, code: str, detail: str, field: str = "", **headers: str
) -> Response:
    """
    Return an error response (protocol, section 6.1).
    """
    data = {"error": code, "detail": detail} | ({"field": field} if field else {})
    return Response(status, JSON | headers, json.dumps(data).encode())


def not_granted_response(content_type: str) -> Response:
    return error_response(403, "not_granted", f"{content_type} is not granted.")


def unauthorized_response() -> Response:
    detail = "The key, the token or the signature is invalid."
    return error_response(401, "unauthorized", detail)


def raise_unreachable(url: str) -> Response:
    """
    Raise the error of a connection that cannot be established.
    """
    host = urlsplit(url).hostname or ""
    raise requests.ConnectionError(MaxRetryError(HTTPSConnectionPool(host), url))


def _call_name(name: str) -> str:
    if name == "get_add_urls_for_services":
        return "services"
    if name.startswith(NEW_TROVE):
        return "new_trove"
    return "add_service" if name.startswith("add/") else name


def _parse_query(form: Mapping[str, str]) -> Query | QueryError:
    try:
        return _with_defaults(query_from_wire(json.loads(form.get("query", "{}"))))
    except QueryError as error:
        return error
    except (ValueError, RecursionError):
        return QueryError("query is not valid JSON.", field="query")


def _with_defaults(query: Query) -> Query:
    """
    Replace lists that equal a default by the default, so that recorded queries compare equal.
    """
    default = Query()
    for name in LIST_FIELDS:
        if list(getattr(query, name)) == list(getattr(default, name)):
            setattr(query, name, getattr(default, name))
    return query


def _oauth_parameters(request: requests.PreparedRequest) -> dict[str, str]:
    header = request.headers.get("Authorization", b"")  # bytes from requests-oauthlib
    text = header.decode() if isinstance(header, bytes) else header
    headers = {"Authorization": text}
    return dict(collect_parameters(headers=headers, exclude_oauth_signature=False))


def _parse_form(request: requests.PreparedRequest) -> dict[str, list[str]]:
    body = request.body or b""
    text = body.decode() if isinstance(body, bytes) else str(body)
    return parse_qs(text, keep_blank_values=True)


def _json_response(data: Any) -> Response:
    return Response(200, JSON, encode_json(data))


def _token_response(token: Token, **extra: str) -> Response:
    pair = {"oauth_token": token.key, "oauth_token_secret": token.secret}
    return Response(body=urlencode(pair | extra).encode())
