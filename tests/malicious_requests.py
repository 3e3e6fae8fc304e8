"""
Random requests for every route of a URLconf: malicious paths, parameters, headers, encodings and
bodies.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import URLPattern, URLResolver
from django.utils.encoding import escape_uri_path
from django.utils.regex_helper import normalize

FORM = "application/x-www-form-urlencoded"
PARAMETER_IN_SOURCE = re.compile(r'(?:GET|POST|parameters)\.get(?:list)?\(\s*"([^"]+)"')
FORM_FIELD = re.compile(r"^    (\w+) = \w*(?:forms\.\w+Field|_field|Field)\(", re.MULTILINE)
OTHER_PARAMETERS = [
    "next", "page", "count", "after", "order_by", "box", "near", "decision", "any_tags",
    "identities", "code",
    "csrfmiddlewaretoken", "oauth_callback", "oauth_verifier", "oauth_body_hash", "oauth_version",
    "oauth_%2C", "oauth_", "realm", "__proto__", "a[]", "", "\u00e9", "picture", "motto",
]  # fmt: skip
QUERY_FIELDS = [
    "services", "identities_by_id", "tags-required", "tags-optional", "date-from", "date-to",
    "geo_sw", "geo_ne", "geo_near_center", "geo_near_radius", "order_by", "count", "page",
    "attributes", "trove_id", "force-update", "total", "after",
]  # fmt: skip
PHOTO_FIELDS = [
    "object_type", "id", "title", "owner", "description", "urls", "tags", "date", "album_id",
    "license", "height", "width", "public", "original_web_url", "latitude", "longitude", "trove_id",
    "service",
]  # fmt: skip
STRINGS = [
    "", "0", "1", "-1", "7", "2147483648", "9223372036854775808", "9" * 5000, "1e309", "NaN", "inf",
    "-inf", "0x10", "\u0663", "true", "null", "[]", "{}", "[" * 2000, "\0", "a\0b", "\n",
    "a\r\nX: b",
    "\u00e9", "\u202e", "\U0001f600", "\ufffe", "\x7f", "\x85", "a" * 300, "x" * 5000, "%00", "%",
    "%zz",
    "%s", "{0}", "'; --", '"', "<script>", "../../etc/passwd", "..%2f", "//evil.example", "\\",
    "?a=b",
    "#top", "https://evil.example/", "https://site.example/", "http://[::1", "http://a:99999999/",
    "javascript:alert(1)", "oob", "0001-01-01", "9999-12-31", "9999-12-31 23:59:59 ", "2007-02-31",
    "0000-00-00", "-service_date", "service_date,service_date", "flickr", "folder", "photos",
    "photos,videos", "allow", "deny", "on", "confirm", "reject", "snow", ",".join("abcdefgh" * 20),
    "0,0,0", "nan,nan", "1e400,0", "0,0,inf", "-90,-180,90,180", "1.1", "-4611686018427387904.1",
    "9223372036854775807.999999999999999999",
]  # fmt: skip
NUMBERS = [
    0, 1, -1, 7, 2**31, 2**63, -(2**63), 10**400, 1.5, 1e308, -1e308, float("nan"), float("inf"),
]  # fmt: skip
RAW_PARTS = [
    b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"%00", b"%ff", b"%ED%A0%80", b"%zz", b"%", b"\0", b"+",
    b"=", b"&", b";", b"&&==", b"[", b"{", b'"', b"\\", b" ", b"\r\n", b"/", b"//", b"..", b"#",
    b"a=b",
    b"oauth_token=x", b"query={}",
]  # fmt: skip
CONTENT_TYPES = [
    FORM, f"{FORM}; charset=utf-16", f"{FORM}; charset=x", f"{FORM}; charset=", "", "text/plain",
    "application/json", "multipart/form-data", "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 300, 'multipart/form-data; boundary="\xe9"', "\0", ";",
]  # fmt: skip
HEADERS = [
    "HTTP_AUTHORIZATION", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "HTTP_REFERER",
    "HTTP_ORIGIN", "HTTP_X_REQUEST_ID", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE",
    "HTTP_SEC_PURPOSE", "HTTP_X_REQUESTED_WITH", "HTTP_X_CSRFTOKEN", "HTTP_HOST",
    "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING", "REMOTE_ADDR",
]  # fmt: skip
HEADER_VALUES = [
    "OAuth", "OAuth ", 'OAuth realm="a, b"', "OAuth oauth_token=\xff", 'OAuth oauth_token="\\"',
    "OAuth a==", "Bearer x", "Basic " + "A" * 40, "Negotiate \xe9", "*", "de;q=\xe9", "x" * 20_000,
    "sessionid=\xe9; sessionid=" + "a" * 40, "csrftoken=\xe9; messages=[]", "messages=\x93:x",
    '"', '"""',
    "W/", "Thu, 99 Foo 0000 00:00:00 GMT", "Sat, 01 Jan 99999 00:00:00 GMT", "bytes=0-", "bytes=-1",
    "bytes=9-1,x", "bytes=" + "0-1," * 500, "prefetch", "127.0.0.1", "::1%eth0", "unknown",
    "a, b, \xff", "https", "https,http", "evil.example", "[::1", "a:b:c", "site.example:99999",
    "null",
]  # fmt: skip


def find_routes(patterns: Iterable[Any], prefix: str = "", names: str = "") -> Iterator[Route]:
    """
    Yield the routes of a URLconf.
    """
    for pattern in patterns:
        for part, parameters in normalize(pattern.pattern.regex.pattern):
            template = prefix + part.removesuffix("\\Z")
            if isinstance(pattern, URLPattern):
                name = f"{names}{pattern.name}"
                source = import_module(pattern.callback.__module__).__file__
                in_package = find_parameter_names(Path(source).parent)
                yield Route(name, template, tuple(parameters), in_package)
            elif isinstance(pattern, URLResolver):
                inner = f"{names}{pattern.namespace}:" if pattern.namespace else names
                yield from find_routes(pattern.url_patterns, template, inner)


@dataclass(frozen=True)
class Route:
    """
    :param template: the path with %(name)s for each parameter.
    :param names: the names of query parameters and form fields in the package of the view.
    """

    name: str
    template: str
    parameters: tuple[str, ...]
    names: list[str]


@cache
def find_parameter_names(package: Path) -> list[str]:
    """
    Return the names of the parameters and form fields in the sources of a package.
    """
    names = set()
    for path in package.glob("*.py"):
        source = path.read_text()
        names.update(PARAMETER_IN_SOURCE.findall(source), FORM_FIELD.findall(source))
    return sorted(names) or OTHER_PARAMETERS


@dataclass
class Signer:
    """
    The key, the secret and the token of an application.
    """

    origin: str
    key: str
    secret: str
    token: str
    token_secret: str
    count: int = 0

    def sign(self, method: str, path: str, pairs: list[tuple[str, str]]) -> dict[str, str]:
        """
        Return the OAuth parameters of a request. `pairs` are all of its other parameters.
        """
        self.count += 1
        oauth = {
            "oauth_consumer_key": self.key,
            "oauth_token": self.token,
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
            "oauth_nonce": f"fuzz{self.count}",
        }
        encoded = sorted((_quote(name), _quote(value)) for name, value in [*oauth.items(), *pairs])
        normalized = "&".join(f"{name}={value}" for name, value in encoded)
        url = self.origin + escape_uri_path(path)
        base = "&".join(map(_quote, (method, url, normalized)))
        key = f"{self.secret}&{self.token_secret}".encode()
        digest = hmac.new(key, base.encode(), hashlib.sha256).digest()
        return oauth | {"oauth_signature": base64.b64encode(digest).decode()}


@dataclass
class Generator:
    """
    :param values: valid values, such as the id of an existing object, by name.
    :param cookies: `Cookie` headers of signed-in users.
    """

    random: Random
    routes: list[Route]
    values: dict[str, list[str]]
    cookies: list[str]
    signers: list[Signer]

    def request(self, number: int) -> dict[str, Any]:
        """
        Return the WSGI environment of a request to the next route.
        """
        route = self.routes[number % len(self.routes)]
        kind = self.random.choice(("anonymous", "session", "session", "signed", "signed", "raw"))
        path = "/" + route.template % {name: self._segment(name) for name in route.parameters}
        method = self.random.choice(("GET", "POST", "POST", "GET", "HEAD", "PUT", "OPTIONS", "X"))
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1"),
            "QUERY_STRING": "",
            "CONTENT_TYPE": FORM,
            "wsgi.url_scheme": "https",
            "SERVER_PORT": "443",
        }
        query, form = self._pairs(route), self._pairs(route) if method != "GET" else []
        if kind == "session":
            environ["HTTP_COOKIE"] = self.random.choice(self.cookies)
        if kind == "signed":
            environ["REQUEST_METHOD"] = method = self.random.choice(("GET", "POST"))
            form = form if method == "POST" else []
            self._sign(environ, path, query, form)
        else:
            environ |= self._headers()
        body = urlencode(form).encode()
        environ["QUERY_STRING"] = urlencode(query)
        if kind == "raw":
            environ["PATH_INFO"] += self._raw().decode("latin-1") if self._chance(0.5) else ""
            environ["QUERY_STRING"] += self._raw().decode("latin-1")
            environ["CONTENT_TYPE"] = self.random.choice(CONTENT_TYPES)
            body += self._raw() * self.random.choice((1, 1, 100))
            if self._chance(0.5):
                environ["HTTP_COOKIE"] = self.random.choice(self.cookies)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        if kind == "raw" and self._chance(0.2):
            environ["CONTENT_LENGTH"] = self.random.choice(("", "0", "1", "99999"))
        return environ

    def _sign(
        self,
        environ: dict[str, Any],
        path: str,
        query: list[tuple[str, str]],
        form: list[tuple[str, str]],
    ) -> None:
        """
        Add OAuth parameters to the header, the query string or the form. Remove the parameters that
        the Trove rejects before it verifies the signature.
        """
        for pairs in (query, form):
            pairs[:] = [
                (name, value)
                for name, value in dict(pairs).items()
                if "\0" not in name + value and not name.startswith("oauth") and name != "realm"
            ]
        form[:] = [pair for pair in form if pair[0] not in dict(query)]
        signer = self.random.choice(self.signers)
        oauth = signer.sign(environ["REQUEST_METHOD"], path, query + form)
        place = self.random.choice(("header", "query", "form"))
        if place == "query":
            query += oauth.items()
        elif place == "form" and environ["REQUEST_METHOD"] == "POST":
            form += oauth.items()
        else:
            header = ", ".join(f'{name}="{_quote(value)}"' for name, value in oauth.items())
            environ["HTTP_AUTHORIZATION"] = f"OAuth {header}"

    def _segment(self, name: str) -> str:
        """
        Return a part of a path. Half of the invalid ones contain NUL.
        """
        return self._value(name) if self._chance(0.7) else self.random.choice(["\0", "a\0", "1\0"])

    def _pairs(self, route: Route) -> list[tuple[str, str]]:
        names = self.random.choices(route.names, k=self.random.randrange(6))
        names += self.random.choices(OTHER_PARAMETERS, k=self.random.randrange(3))
        return [(name, self._value(name)) for name in names]

    def _value(self, name: str) -> str:
        """
        Return a valid or a malicious value.
        """
        if name == "query":
            fields = self.random.choices(QUERY_FIELDS, k=self.random.randrange(5))
            return json.dumps({key: self._json() for key in fields})
        if name == "object_list":
            return json.dumps([self._photo() for _ in range(self.random.randrange(3))])
        known = self.values.get(name)
        if known and self._chance(0.6):
            return self.random.choice(known)
        return self.random.choice(STRINGS)

    def _photo(self) -> Any:
        valid = {"object_type": "photo", "id": "7", "urls": {"original": "https://a.example/"}}
        fields = self.random.choices(PHOTO_FIELDS, k=self.random.randrange(4))
        return valid | {key: self._json() for key in fields}

    def _json(self, depth: int = 0) -> Any:
        kind = self.random.randrange(7 if depth < 3 else 4)
        if kind < 2:
            return self.random.choice(STRINGS)
        if kind == 2:
            return self.random.choice([*NUMBERS, "\ud800", "snow"])
        if kind == 3:
            return self.random.choice([None, True, False])
        inner = [self._json(depth + 1) for _ in range(self.random.randrange(4))]
        if kind < 6:
            return inner
        return {self.random.choice([*STRINGS, "title", "original"]): value for value in inner}

    def _headers(self) -> dict[str, str]:
        names = self.random.choices(HEADERS, k=self.random.choice((0, 0, 1, 2)))
        return {name: self.random.choice([*HEADER_VALUES, *self.cookies]) for name in names}

    def _raw(self) -> bytes:
        return b"".join(self.random.choices(RAW_PARTS, k=self.random.randrange(8)))

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability


def _quote(text: str) -> str:
    return quote(text, safe="~")
