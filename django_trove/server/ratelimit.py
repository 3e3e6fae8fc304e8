"""
Fixed-window rate limits per application, per token, and per IP address of rejected requests
(protocol, section 6.4), and of attempts to sign in, to sign up, to reset a password and to add an
account at an entered address. The counters are in the cache. Rate limits fail open: if the cache is
unavailable, requests are not limited.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from .conf import conf

MAX_NAME_LENGTH = 1000
AUTHENTICATED = "django_trove.server.authenticated"
IPV6_PREFIX = 64  # bits; one client usually has all addresses with the same prefix

KINDS = (
    "address",
    "application",
    "token",
    "sign_in",
    "sign_in_address",
    "sign_in_name",
    "sign_up_address",
    "sign_up_name",
    "password_reset_address",
    "password_reset_email",
    "entered_account",
)
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
RATE = re.compile("([1-9][0-9]{0,8})/([smhd])")


@dataclass(frozen=True, slots=True)
class Rate:
    """
    A number of requests per window.
    """

    times: int
    seconds: int

    @property
    def seconds_left(self) -> int:
        """
        Seconds until the current window ends.
        """
        return self.seconds - int(time.time()) % self.seconds


@lru_cache(maxsize=64)
def parse_rate(text: str) -> Rate:
    """
    Parse a rate such as "600/m"; the units are s, m, h and d.

    :raises ValueError: if the format is invalid.
    """
    match = RATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Rate(int(match[1]), SECONDS[match[2]])


def hit(kind: str, subject: Any) -> int:
    """
    Count a request.

    :param kind: one of `KINDS`.
    :returns: value of `Retry-After`; 0 if the request is within the limit.
    """
    rate = _get_rate(kind)
    return rate.seconds_left if rate and _increment(kind, subject, rate, 1) > rate.times else 0


def is_blocked(request: HttpRequest) -> int:
    """
    Return the value of `Retry-After` if too many requests of an IP address were rejected, and 0
    otherwise.
    """
    rate, address = _get_rate("address"), _client_ip(request)
    return (
        rate.seconds_left
        if rate and address and _increment("address", address, rate, 0) > rate.times
        else 0
    )


def mark_authenticated(request: HttpRequest) -> None:
    """
    Record that the request has a valid signature or secret.
    """
    request.META[AUTHENTICATED] = True


def count_rejection(request: HttpRequest) -> None:
    """
    Count a rejected request for its IP address, unless an application authenticated it: all users
    of a site have the site's address, and one of them could otherwise block it by invalid queries.
    """
    address = "" if AUTHENTICATED in request.META else _client_ip(request)
    if address:
        hit("address", address)


def limit_sign_in(request: HttpRequest, name: str) -> int:
    """
    Count an attempt to sign in, and return the value of `Retry-After`, or 0 if it is within the
    limits. The result does not depend on whether the user exists.

    An attempt that exceeds a limit per address does not count for the name, so that one address
    cannot lock out a user.
    """
    address, name = _client_ip(request), _hash_name(name)
    counters = [("sign_in_address", address), ("sign_in", f"{name}-{address}")] if address else []
    return _hit_in_order([*counters, ("sign_in_name", name)])


def limit_sign_up(request: HttpRequest, name: str) -> int:
    """
    Count an attempt to sign up, and return the value of `Retry-After`, or 0.
    """
    address = _client_ip(request)
    counters = [("sign_up_address", address)] if address else []
    return _hit_in_order([*counters, ("sign_up_name", _hash_name(name))])


def limit_password_reset(request: HttpRequest, email: str) -> int:
    """
    Count a request for a link, and return the value of `Retry-After`, or 0.
    """
    address = _client_ip(request)
    counters = [("password_reset_address", address)] if address else []
    return _hit_in_order([*counters, ("password_reset_email", _hash_name(email))])


def limit_entered_account(request: HttpRequest) -> int:
    """
    Count an attempt to connect to an address that a user entered, and return the value of
    `Retry-After`, or 0.
    """
    return hit("entered_account", request.user.pk)


def _hit_in_order(counters: list[tuple[str, str]]) -> int:
    """
    Count for each counter, up to the first that exceeds its limit.
    """
    return next((seconds for kind, subject in counters if (seconds := hit(kind, subject))), 0)


def _hash_name(name: str) -> str:
    """
    Return a hash, since a cache key must not contain any character. Names that a database may
    regard as equal have the same hash: some ignore case, accents and invisible characters. The end
    of a text that is too long for a name is ignored, because the time grows with the square of the
    number of successive combining characters.
    """
    decomposed = unicodedata.normalize("NFKD", name[:MAX_NAME_LENGTH].casefold())
    letters = (c for c in decomposed if unicodedata.category(c)[0] not in "CM")
    normalized = "".join(letters).casefold().strip()
    return hashlib.sha256(normalized.encode(errors="replace")).hexdigest()[:32]


def _get_rate(kind: str) -> Rate | None:
    text = conf.rate_limits.get(kind)
    return parse_rate(text) if text else None


def _increment(kind: str, subject: Any, rate: Rate, amount: int) -> int:
    """
    Add to the counter of the current window, and return its value.
    """
    key = f"trove-throttle-{kind}-{subject}-{int(time.time()) // rate.seconds}"
    if not amount:
        return int(conf.cache.get(key, 0))
    return conf.cache.increment(key, amount, 2 * rate.seconds)


def _client_ip(request: HttpRequest) -> str:
    """
    Return the client's IP address; "" if it is not public, since that is probably the address of a
    reverse proxy.
    """
    if conf.client_ip_function:
        return _group_address(str(conf.client_ip_function(request)))
    try:
        address = _unmap(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return ""
    return _group_address(str(address)) if address.is_global else ""


def _group_address(text: str) -> str:
    """
    Return the prefix of an IPv6 address, and any other text unchanged.
    """
    try:
        address = _unmap(ipaddress.ip_address(text))
    except ValueError:
        return text
    if address.version == 4:
        return str(address)
    return str(ipaddress.IPv6Network((int(address), IPV6_PREFIX), strict=False))


def _unmap(address: IPAddress) -> IPAddress:
    """
    Return the IPv4 address in an IPv6 address such as ::ffff:192.0.2.1, which a socket for both
    versions reports.
    """
    return getattr(address, "ipv4_mapped", None) or address
