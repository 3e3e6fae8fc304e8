"""
The public API of the fake Trove.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from asgiref.sync import sync_to_async
from django.utils import timezone

from ..client import pooled_session
from ..conf import conf
from ..connect.grants import Grant
from ..models import TroveAccount
from .adapter import FakeAdapter, RecordedCall, Response, error_response, raise_unreachable
from .browser import confirmation_request, get_signed_in_user, to_client_request
from .content import FakeContent
from .data import FakeLibrary


class FakeTrove(FakeContent):
    """
    A fake Trove in this process. Create it with `fake_trove`, which also changes the settings.

    :param url: the URL of the fake Trove. No server responds at this URL.
    :param calls: all calls of the site, in order. The list can be cleared.
    """

    def __init__(self) -> None:
        self.url = f"https://{secrets.token_hex(4)}.fake-trove.example"
        super().__init__(FakeLibrary(self.url))
        self._adapter = FakeAdapter(self._library)
        self.calls: list[RecordedCall] = self._adapter.calls
        self.session = pooled_session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self._adapter)

    def __repr__(self) -> str:
        return f"<FakeTrove {self.url}>"

    @property
    def available_services(self) -> list[str]:
        """
        The names of the services that users can add. The list can be changed.
        """
        return self._adapter.available_services

    # Connections

    def connect(self, user: Any, name: str = "") -> TroveAccount:
        """
        Connect a user without the OAuth flow: no signal is sent and no call is recorded. To test
        the flow, use `allow`.

        :param user: the user of the site.
        :param name: the user's name at the Trove. Default: the username.
        :returns: the saved account.
        """
        if name:
            self._library.names[user.pk] = name
        account = TroveAccount.objects.filter(user=user).first() or TroveAccount(user=user)
        account.token = self._adapter.issue_access_token(user, conf.content_types)
        person = self._library.get_person(user)
        grant = Grant.from_token(account.token, person, conf.app_key)
        account.name, account.identities = grant.name, grant.identities
        account.app_key = grant.app_key
        account.content_types = list(conf.content_types)
        account.connected_at = timezone.now()
        account.state, account.last_error = TroveAccount.State.ACTIVE, ""
        account.failure = ""
        account.save()
        return account

    async def aconnect(self, user: Any, name: str = "") -> TroveAccount:
        return await sync_to_async(self.connect)(user, name)

    def revoke(self, user: Any = None) -> None:
        """
        Revoke the site's access tokens, as a user can do at the Trove.

        :param user: the user. None: all users.
        """
        self._adapter.revoke(user)

    # OAuth flow

    def allow(
        self, client: Any, response: Any, *, user: Any = None, confirm: bool = True, **request: Any
    ) -> Any:
        """
        Authorize the site at the Trove, follow the redirect to the callback, and confirm the
        account if the site asks for it.

            response = client.post(reverse("django_trove:connect"))
            response = trove.allow(client, response)

        :param client: the `django.test.Client` that started the flow.
        :param response: the site's redirect to the Trove.
        :param user: the user at the Trove. Default: the user who is signed in on the site.
        :param confirm: whether to confirm the account. False: return the response to the callback.
        :param request: further arguments for the client, such as `follow=True`.
        :returns: the last response of the site.
        :raises AssertionError: if the response is no redirect to this Trove, or no user is
            signed in.
        """
        url = self.callback_url(response, user or get_signed_in_user(client))
        response = client.get(**to_client_request(url), **request)
        confirmation = confirmation_request(response) if confirm else None
        return client.post(**confirmation, **request) if confirmation else response

    def deny(self, client: Any, response: Any, **request: Any) -> Any:
        """
        Deny access at the Trove and follow the redirect to the callback.

        :param client: the `django.test.Client` that started the flow.
        :param response: the site's redirect to the Trove.
        :param request: further arguments for the client, such as `follow=True`.
        :returns: the last response of the site.
        :raises AssertionError: if the response is no redirect to this Trove.
        """
        return client.get(**to_client_request(self.denial_url(response)), **request)

    async def aallow(
        self, client: Any, response: Any, *, user: Any = None, confirm: bool = True, **request: Any
    ) -> Any:
        """
        `allow` for `django.test.AsyncClient`.
        """
        user = user or await sync_to_async(get_signed_in_user)(client)
        url = self.callback_url(response, user)
        response = await client.get(**to_client_request(url), **request)
        confirmation = confirmation_request(response) if confirm else None
        return await client.post(**confirmation, **request) if confirmation else response

    async def adeny(self, client: Any, response: Any, **request: Any) -> Any:
        """
        `deny` for `django.test.AsyncClient`.
        """
        return await client.get(**to_client_request(self.denial_url(response)), **request)

    def callback_url(self, response: Any, user: Any) -> str:
        """
        Authorize the site at the Trove and return the URL of the redirect to the callback.

        :param response: the site's redirect to the Trove, or its URL.
        :param user: the user at the Trove.
        :raises AssertionError: if the response is no redirect to this Trove.
        """
        key = self._get_request_token(response)
        token = self._adapter.request_tokens[key]
        token.user, token.verifier = user, secrets.token_hex(8)
        parameters = {"oauth_token": key, "oauth_verifier": token.verifier}
        return f"{token.callback}?{urlencode(parameters)}"

    def denial_url(self, response: Any) -> str:
        """
        Deny access at the Trove and return the URL of the redirect to the callback.

        :param response: the site's redirect to the Trove, or its URL.
        :raises AssertionError: if the response is no redirect to this Trove.
        """
        key = self._get_request_token(response)
        parameters = {"oauth_token": key, "oauth_problem": "user_refused"}
        return f"{self._adapter.request_tokens.pop(key).callback}?{urlencode(parameters)}"

    # Errors

    def down(self, retry_after: int | None = None) -> None:
        """
        Fail all calls until `up` is called.

        :param retry_after: None: no connection can be established. Otherwise: respond with status
            503 and a `Retry-After` header of this number of seconds.
        """
        if retry_after is None:
            self._adapter.make_error = raise_unreachable
        else:
            detail = "This Trove is unavailable."
            headers = {"Retry-After": str(retry_after)}
            self._always_respond(error_response(503, "unavailable", detail, **headers))

    def limit(self, retry_after: int = 60) -> None:
        """
        Respond to all calls with status 429 until `up` is called.

        :param retry_after: the `Retry-After` header, in seconds.
        """
        headers = {"Retry-After": str(retry_after)}
        detail = "Too many requests."
        self._always_respond(error_response(429, "too_many_requests", detail, **headers))

    def reject_keys(self) -> None:
        """
        Reject the site's application key and secret until `up` is called.
        """
        detail = "The key or the signature is invalid."
        self._always_respond(error_response(401, "unauthorized", detail))

    def up(self) -> None:
        """
        End the effect of `down`, `limit` and `reject_keys`.
        """
        self._adapter.make_error = None

    def _always_respond(self, response: Response) -> None:
        self._adapter.make_error = lambda url: response

    def _get_request_token(self, response: Any) -> str:
        url = response if isinstance(response, str) else getattr(response, "url", "")
        key = parse_qs(urlsplit(url).query).get("oauth_token", [""])[0]
        if not url.startswith(self.url) or key not in self._adapter.request_tokens:
            status = getattr(response, "status_code", "no response")
            raise AssertionError(f"This is not a redirect to the fake Trove: {status} {url}")
        return key
