"""
How this site is reached from outside: whether the callback comes back to it, and the session with
it. A command asks the running site for it over HTTP, with a word that only the site's key can seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..conf import conf
from ..connect.redirects import absolute_url
from .findings import Finding

SALT = "django_trove.probe"
SESSION_KEY = "django_trove.probe"
MAX_AGE = 60


@require_safe
@never_cache
@login_not_required
def probe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Tell how the request looks from here; 404 to who can't know the site's key.

    :param token: made by `check_site`.
    """
    try:
        signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        raise Http404 from None
    known = request.session.get(SESSION_KEY) == token
    if known:
        request.session.flush()
    else:
        request.session[SESSION_KEY] = token
        request.session.set_expiry(MAX_AGE)
    return JsonResponse({"callback": absolute_url(request, "callback"), "session": known})


def check_site(site: str) -> Iterator[Finding]:
    """
    Ask the running site twice: where it says that the Trove should send people back to, and whether
    it knows a visitor again.

    :param site: scheme and host.
    """
    site, token = site.rstrip("/"), signing.dumps("", salt=SALT)
    address = site + reverse("django_trove:probe", args=[token])
    try:
        first, second = _request_probe_twice(address)
    except (requests.RequestException, ValueError) as fault:
        words = f"{site} gives no answer of this project ({type(fault).__name__}). Is it running?"
        yield Finding("callback", False, words)
        return
    yield _check_callback(site, str(first.get("callback", "")))
    yield _check_session(bool(second.get("session")))


def _request_probe_twice(address: str) -> tuple[dict[str, object], dict[str, object]]:
    """
    :raises ValueError: if what answers isn't the probe.
    """
    with requests.Session() as browser:
        browser.trust_env = conf.trust_env
        return _request_probe(browser, address), _request_probe(browser, address)


def _request_probe(browser: requests.Session, address: str) -> dict[str, object]:
    answer = browser.get(address, timeout=conf.timeout, allow_redirects=False)
    said = answer.json() if answer.status_code == 200 else None
    if not isinstance(said, dict):
        raise ValueError(answer.status_code)
    return said


def _check_callback(site: str, callback: str) -> Finding:
    path = reverse("django_trove:callback")
    if callback == site + path:
        return Finding("callback", True, f"People come back to {callback}, which is this site.")
    if urlsplit(callback).scheme != urlsplit(site).scheme:
        hint = "Behind a TLS proxy set SECURE_PROXY_SSL_HEADER, or CALLBACK_BASE_URL."
    else:
        hint = "Let the proxy hand on the host (USE_X_FORWARDED_HOST), or set CALLBACK_BASE_URL."
    words = f"People who start at {site} would come back to {callback}. {hint}"
    return Finding("callback", False, words)


def _check_session(kept: bool) -> Finding:
    if kept:
        return Finding("session", True, "A visitor who comes back is known: the session is kept.")
    words = (
        "A visitor who comes back isn't known: the session is lost. Use sessions that all workers "
        "share, and SESSION_COOKIE_SECURE only with https."
    )
    return Finding("session", False, words)
