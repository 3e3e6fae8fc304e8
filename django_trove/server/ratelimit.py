"""
How much is answered in a while: to each application, to each token, and to each address whose
requests are refused. Counts are in the cache; without it, everything is answered.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from .conf import conf

KINDS = ("address", "application", "token")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
RATE = re.compile("([1-9][0-9]{0,8})/([smhd])")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """
    So many in so many seconds.
    """

    times: int
    seconds: int

    @property
    def left(self) -> int:
        """
        Seconds until the present while ends.
        """
        return self.seconds - int(time.time()) % self.seconds


def parse_rate(text: str) -> Rate:
    """
    Read "600/m": so many a second, minute, hour or day.

    :raises ValueError: for anything else.
    """
    found = RATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Rate(int(found[1]), SECONDS[found[2]])


def hit(kind: str, who: Any) -> int:
    """
    Count a request.

    :param kind: one of `KINDS`.
    :returns: after how many seconds to come again; 0 if it may be answered.
    """
    rate = _get_rate(kind)
    return rate.left if rate and _increment(kind, who, rate, 1) > rate.times else 0


def is_blocked(request: HttpRequest) -> int:
    """
    Look whether too many requests from an address were refused, before any work is done for it.

    :returns: after how many seconds to come again; 0 if it may be answered.
    """
    rate, who = _get_rate("address"), _client_ip(request)
    return rate.left if rate and who and _increment("address", who, rate, 0) > rate.times else 0


def count_rejection(request: HttpRequest) -> None:
    """
    Count a request that was refused, for its address.
    """
    if who := _client_ip(request):
        hit("address", who)


def _get_rate(kind: str) -> Rate | None:
    text = conf.rate_limits.get(kind)
    return parse_rate(text) if text else None


def _increment(kind: str, who: Any, rate: Rate, more: int) -> int:
    """
    Count in the present while, and return how many there were.
    """
    key = f"trove-throttle-{kind}-{who}-{int(time.time()) // rate.seconds}"
    try:
        conf.cache.add(key, 0, timeout=2 * rate.seconds)
        return int(conf.cache.incr(key, more) if more else conf.cache.get(key, 0))
    except ValueError:  # it was dropped between the two
        return more
    except Exception:
        logger.warning("The cache is away: nobody is held back.", exc_info=True)
        return 0


def _client_ip(request: HttpRequest) -> str:
    """
    Return the address that a request came from; "" where that says nothing: behind a proxy it is
    the proxy's, and everybody's.
    """
    if conf.client_ip_function:
        return str(conf.client_ip_function(request))
    written = request.META.get("REMOTE_ADDR", "")
    try:
        return written if ipaddress.ip_address(written).is_global else ""
    except ValueError:
        return ""
