"""
A self-test view for `trove_doctor`, and the requests to it. The URL contains a signed token that
expires.
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
from ..connect.redirects import absolute_url, render_outage_page
from ..core.outages import respond_to_outages
from .findings import Finding

SALT = "django_trove.probe"
SESSION_KEY = "django_trove.probe"
MAX_AGE = 60


@require_safe
@never_cache
@login_not_required
@respond_to_outages(render_outage_page)
def probe(request: HttpRequest, token: str) -> HttpResponse:
    """
    Return the callback URL, and whether the session still exists at the second request.
    """
    try:
        signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        raise Http404 from None
    is_stored = request.session.get(SESSION_KEY) == token
    if is_stored:
        request.session.flush()
    else:
        request.session[SESSION_KEY] = token
        request.session.set_expiry(MAX_AGE)
    return JsonResponse({"callback": absolute_url(request, "callback"), "session": is_stored})


def check_site(site: str) -> Iterator[Finding]:
    """
    Request the probe of the running site twice, and check the callback URL and the session.

    :param site: scheme and host.
    """
    site, token = site.rstrip("/"), signing.dumps("", salt=SALT)
    url = site + reverse("django_trove:probe", args=[token])
    try:
        first, second = _request_probe_twice(url)
    except (requests.RequestException, ValueError) as error:
        message = (
            f"No valid response from {site} ({type(error).__name__}). Start the site, and check "
            "the address."
        )
        yield Finding("callback", False, message)
        return
    yield _check_callback(site, str(first.get("callback", "")))
    yield _check_session(bool(second.get("session")))


def _request_probe_twice(url: str) -> tuple[dict[str, object], dict[str, object]]:
    with requests.Session() as session:
        session.trust_env = conf.trust_env
        return _request_probe(session, url), _request_probe(session, url)


def _request_probe(session: requests.Session, url: str) -> dict[str, object]:
    response = session.get(url, timeout=conf.timeout, allow_redirects=False)
    data = response.json() if response.status_code == 200 else None
    if not isinstance(data, dict):
        raise ValueError(response.status_code)
    return data


def _check_callback(site: str, callback: str) -> Finding:
    path = reverse("django_trove:callback")
    if callback == site + path:
        return Finding("callback", True, f"The Trove redirects users to {callback}.")
    if urlsplit(callback).scheme != urlsplit(site).scheme:
        hint = "Behind a TLS proxy, set SECURE_PROXY_SSL_HEADER or TROVE['CALLBACK_BASE_URL']."
    else:
        hint = (
            "Forward the host name from the proxy (USE_X_FORWARDED_HOST), or set "
            "TROVE['CALLBACK_BASE_URL']."
        )
    message = f"The Trove redirects users of {site} to {callback}, which is another host. {hint}"
    return Finding("callback", False, message)


def _check_session(is_stored: bool) -> Finding:
    if is_stored:
        return Finding("session", True, "Sessions are stored between requests.")
    message = (
        "Sessions are lost between requests. Use a session backend that all workers share, and "
        "SESSION_COOKIE_SECURE only with HTTPS."
    )
    return Finding("session", False, message)
