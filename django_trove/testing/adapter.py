"""
The fake Trove's end of the wire: requests as they come from the client, and answers to them.
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

from ..client import Query, QueryError, Result, Token
from ..client.codec import DECODERS, person_to_wire, query_from_wire, result_to_wire
from ..client.query import LIST_FIELDS
from .data import FakePhotoLibrary
from .search import search_records

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """
    One call, as it reached the Trove, or would have if that had been there.

    :param call: "photos" or another content type, "user", "services", "add_service",
        "request_token" or "access_token".
    :param user: whose token signed it; None for the first two steps of connecting.
    :param query: what was asked for, in a call for content.
    """

    call: str
    user: Any = None
    query: Query | None = None


@dataclass(slots=True)
class IssuedToken:
    """
    A token that was given out.

    :param secret: what signs beside it.
    :param content_types: what it opens.
    :param user: whose it is, once they have said yes.
    :param callback: where they are sent back to, as long as it is a request token.
    :param verifier: what they bring back then.
    """

    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    content_types: tuple[str, ...] = ("photos",)
    user: Any = None
    callback: str = ""
    verifier: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """
    An answer; a bare one is an empty page.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class FakeAdapter(HTTPAdapter):
    """
    Where a session's requests go, instead of into the network.

    :param fault: makes the answer to everything while the Trove is in trouble.
    """

    def __init__(self, library: FakePhotoLibrary) -> None:
        super().__init__()
        self.library = library
        self.asked: list[RecordedCall] = []
        self.offered = ["facebook", "flickr", "google", "smugmug"]
        self.requested: dict[str, IssuedToken] = {}
        self.granted: dict[str, IssuedToken] = {}
        self.revoked: dict[str, IssuedToken] = {}
        self.fault: Callable[[str], Reply] | None = None

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        reply = self._answer(request)
        raw = HTTPResponse(
            io.BytesIO(reply.body), reply.headers, reply.status, preload_content=False
        )
        return self.build_response(request, raw)

    def grant(self, user: Any, content_types: Iterable[str]) -> Token:
        """
        Give out an access token.
        """
        key = secrets.token_hex(16)
        self.granted[key] = IssuedToken(user=user, content_types=tuple(content_types))
        return Token(key, self.granted[key].secret)

    def revoke(self, user: Any = None) -> None:
        """
        Take a person's tokens back; everybody's without one.
        """
        for key, grant in list(self.granted.items()):
            if user is None or grant.user.pk == user.pk:
                self.revoked[key] = self.granted.pop(key)

    def _answer(self, request: requests.PreparedRequest) -> Reply:
        path = urlsplit(str(request.url)).path
        name = path.strip("/").removeprefix("v1/").removeprefix("oauth/")
        signed = _oauth_parameters(request)
        form = {key: values[0] for key, values in _parse_form(request).items()}
        key = signed.get("oauth_token", "")
        grant = self.granted.get(key) or self.revoked.get(key)
        query = _parse_query(form) if name in DECODERS else None
        asked = query if isinstance(query, Query) else None
        self.asked.append(RecordedCall(_call_name(name), grant and grant.user, asked))
        if self.fault:
            return self.fault(str(request.url))
        if name in ("request_token", "access_token"):
            return getattr(self, f"_{name}")(signed, request)  # type: ignore[no-any-return]
        if key not in self.granted:
            return error_reply(
                401, "unauthorized", "The signature, the keys or the token do not hold."
            )
        return self._open(name, self.granted[key], query)

    def _open(self, name: str, grant: IssuedToken, query: Query | QueryError | None) -> Reply:
        """
        Answer a call whose token holds.
        """
        if query:
            return self._content(name, grant, query)
        if name == "user":
            return _json_reply(person_to_wire(self.library.person(grant.user)))
        if name == "get_add_urls_for_services":
            return _json_reply({service: f"/v1/add/{service}/" for service in sorted(self.offered)})
        if name.removeprefix("add/") in self.offered:
            return Reply(body=f"/add/{secrets.token_hex(16)}/".encode())
        return error_reply(404, "not_found", "There is no such endpoint.")

    def _content(self, name: str, grant: IssuedToken, query: Query | QueryError) -> Reply:
        """
        Of anything but photos nobody has any.
        """
        if name not in grant.content_types:
            return error_reply(403, "not_granted", f"{name} was not granted to this application.")
        records = self.library.of(grant.user) if name == "photos" else []
        try:
            if isinstance(query, QueryError):
                raise query
            found: Result[Any] = search_records(records, query)
        except QueryError as wrong:
            return error_reply(400, "bad_query", wrong.detail, wrong.field)
        return _json_reply(result_to_wire(found))

    def _request_token(self, signed: Mapping[str, str], request: Any) -> Reply:
        scope = parse_qs(urlsplit(str(request.url)).query).get("scope", ["photos"])[0]
        key = secrets.token_hex(16)
        grant = IssuedToken(
            content_types=tuple(scope.split(",")), callback=signed["oauth_callback"]
        )
        self.requested[key] = grant
        return _token_reply(Token(key, grant.secret), oauth_callback_confirmed="true")

    def _access_token(self, signed: Mapping[str, str], request: Any) -> Reply:
        grant = self.requested.pop(signed.get("oauth_token", ""), None)
        if not grant or not grant.verifier or grant.verifier != signed.get("oauth_verifier"):
            return error_reply(
                401, "unauthorized", "The signature, the keys or the token do not hold."
            )
        return _token_reply(self.grant(grant.user, grant.content_types))


def error_reply(status: int, code: str, detail: str, blamed: str = "", **headers: str) -> Reply:
    """
    Return an error response (protocol, section 6.1).
    """
    said = {"error": code, "detail": detail} | ({"field": blamed} if blamed else {})
    return Reply(status, JSON | headers, json.dumps(said).encode())


def raise_unreachable(url: str) -> Reply:
    """
    Fail as a connection that can't be made does.
    """
    host = urlsplit(url).hostname or ""
    raise requests.ConnectionError(MaxRetryError(HTTPSConnectionPool(host), url))


def _call_name(name: str) -> str:
    if name == "get_add_urls_for_services":
        return "services"
    return "add_service" if name.startswith("add/") else name


def _parse_query(form: Mapping[str, str]) -> Query | QueryError:
    try:
        return _with_defaults(query_from_wire(json.loads(form.get("query", "{}"))))
    except QueryError as wrong:
        return wrong


def _with_defaults(query: Query) -> Query:
    """
    Return the query with its defaults, so that it equals one with only the fields that count.
    """
    default = Query()
    for name in LIST_FIELDS:
        if list(getattr(query, name)) == list(getattr(default, name)):
            setattr(query, name, getattr(default, name))
    return query


def _oauth_parameters(request: requests.PreparedRequest) -> dict[str, str]:
    """
    Return the protocol's parameters. requests-oauthlib leaves the header as bytes.
    """
    header = request.headers.get("Authorization", b"")
    text = header.decode() if isinstance(header, bytes) else header
    found = collect_parameters(headers={"Authorization": text}, exclude_oauth_signature=False)
    return dict(found)


def _parse_form(request: requests.PreparedRequest) -> dict[str, list[str]]:
    body = request.body or b""
    text = body.decode() if isinstance(body, bytes) else str(body)
    return parse_qs(text, keep_blank_values=True)


def _json_reply(said: Any) -> Reply:
    return Reply(200, JSON, json.dumps(said).encode())


def _token_reply(token: Token, **more: str) -> Reply:
    pair = {"oauth_token": token.key, "oauth_token_secret": token.secret}
    return Reply(body=urlencode(pair | more).encode())
