"""
Requests to Facebook's Graph API.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from django_trove.client.responses import parse_retry_after

from ..errors import RetryLater, ServiceFailed
from ..messages import Message as _
from ..oauth2 import OAuth2Service
from ..values import as_int, as_list, as_text, dig
from .errors import PAUSE, error_for

DAY = 86_400
PAGE_PARAMETERS = ("after", "until", "offset", "__paging_token")
USAGE_LIMIT = 95  # per cent of the app's rate limit


class GraphService(OAuth2Service):
    def list_permissions(self) -> set[str]:
        rows = as_list(self.request_graph("me/permissions").get("data"))
        return {as_text(dig(r, "permission")) for r in rows if dig(r, "status") == "granted"}

    def extend_token(self) -> None:
        """
        Exchange a long-lived token for a new one, at most once a day. There are no refresh tokens.
        """
        token, now = self.credentials.token, time.time()
        is_old = token.get("got", 0) < now - DAY
        if is_old and now < token.get("expires_at", 0) < now + 30 * DAY:
            try:
                self.credentials.refresh(self.exchange_token)
            except ServiceFailed:
                return  # the current token is still valid

    def exchange_token(self, token: Mapping[str, Any]) -> Mapping[str, Any]:
        fields = {
            "grant_type": "fb_exchange_token",
            "client_id": self.key("CLIENT_ID"),
            "client_secret": self.key("CLIENT_SECRET"),
            "fb_exchange_token": token["access_token"],
        }
        data = self.parse_response(
            self.call(unauthenticated_session(), "POST", self.config["TOKEN_URL"], data=fields)
        )
        if not as_text(data.get("access_token")):
            raise RetryLater(_("%(service)s did not send a token.", service="Facebook"))
        now = int(time.time())
        expiry = {"expires_at": now + as_int(data["expires_in"])} if data.get("expires_in") else {}
        return {**token, **expiry, "access_token": data["access_token"], "got": now}

    def request_graph(self, path: str, method: str = "GET", **fields: Any) -> dict[str, Any]:
        """
        The token is sent in a header, so that logged URLs do not contain it.
        """
        session = self.session()  # refreshes the token
        secret, token = self.key("CLIENT_SECRET"), self.credentials.token["access_token"]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        url = f"{self.config['GRAPH_URL']}/{self.config['VERSION']}/{path}"
        params = {**fields, "appsecret_proof": proof}
        return self.parse_response(self.call(session, method, url, params=params))

    def parse_response(self, response: requests.Response) -> dict[str, Any]:
        if response.status_code == 429:
            raise RetryLater(
                _("The rate limit of %(service)s is exceeded.", service="Facebook"),
                parse_retry_after(response.headers),
                all_accounts=True,
            )
        data = self.parse_json(response)
        error = data.get("error")
        if isinstance(error, dict):
            raise error_for(error, response.status_code)
        if not response.ok:
            raise RetryLater(_("%(service)s is unavailable.", service="Facebook"))
        if _is_near_rate_limit(response):
            raise RetryLater(
                _("The rate limit of Facebook is almost exceeded."), PAUSE, all_accounts=True
            )
        return data


def next_page(data: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the parameters of the next page, or {} for the last page.

    :raises RetryLater: if there is a next page without such parameters.
    """
    next_url = as_text(dig(data, "paging", "next"))
    if not next_url:
        return {}
    query = parse_qs(urlsplit(next_url).query)
    page = {name: query[name][0] for name in PAGE_PARAMETERS if name in query}
    if after := as_text(dig(data, "paging", "cursors", "after")):
        page["after"] = after
    if not page:
        raise RetryLater(_("Facebook sent an incomplete page."))
    return page


def unauthenticated_session() -> requests.Session:
    """
    Return a session without a token, which must not be sent to picture hosts.
    """
    session = requests.Session()
    session.trust_env = False
    return session


def _is_near_rate_limit(response: requests.Response) -> bool:
    """
    Return whether the usage of the app's rate limit exceeds `USAGE_LIMIT`.
    """
    try:
        usage = json.loads(response.headers.get("X-App-Usage", "{}"))
        return any(as_int(percent) >= USAGE_LIMIT for percent in usage.values())
    except (ValueError, AttributeError):
        return False
