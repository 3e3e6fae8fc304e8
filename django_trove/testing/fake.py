"""
The fake Trove, as a test's author holds it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from asgiref.sync import sync_to_async
from django.utils import timezone

from ..client import Identity, Photo, pooled_session
from ..client.content import Location
from ..conf import conf
from ..connect.grants import Grant
from ..models import TroveAccount
from .adapter import FakeAdapter, RecordedCall, Reply, error_reply, raise_unreachable
from .browser import confirmation_request, get_signed_in_user, to_client_request
from .data import FakePhotoLibrary


class FakeTrove:
    """
    A Trove in this process. `fake_trove` makes one, and lets the site ask it.

    :param url: its address; nothing is there.
    :param asked: every call that the site made, in order; clear it as you like.
    """

    def __init__(self) -> None:
        self.url = f"https://{secrets.token_hex(4)}.fake-trove.example"
        self._library = FakePhotoLibrary(self.url)
        self._wire = FakeAdapter(self._library)
        self.asked: list[RecordedCall] = self._wire.asked
        self.session = pooled_session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self._wire)

    def __repr__(self) -> str:
        return f"<FakeTrove {self.url}>"

    # What is in it

    def add_photo(
        self,
        user: Any = None,
        *,
        title: str = "",
        tags: Iterable[str] = (),
        date: dt.date | str | None = None,
        place: Location | None = None,
        service: str = "flickr",
        identity: Identity | None = None,
        **facts: Any,
    ) -> Photo:
        """
        Put a photo in; what isn't given is made up, as sizes and addresses, or left empty.

        :param user: in whose Trove it is; in everybody's without one.
        :param date: when it was taken: a datetime, a date, or either as text; UTC without a zone.
        :param place: latitude and longitude in degrees.
        :param identity: the account on a service that it comes from, as `add_identity` gave it.
        :param facts: other fields of `Photo`, such as `urls`, `width` or `trove_id`.
        :returns: the photo as the site will see it.
        """
        return self._library.add(
            user,
            title=title,
            tags=tags,
            date=date,
            place=place,
            service=service,
            identity=identity,
            **facts,
        )

    def remove_photo(self, photo: Photo) -> None:
        """
        Take a photo out again.
        """
        self._library.remove(photo)

    def add_identity(self, user: Any = None, service: str = "flickr", name: str = "") -> Identity:
        """
        Add an account on a service, which `user_info` tells and `identities` filters by.

        :param user: whose it is; everybody's without one.
        """
        return self._library.add_identity(user, service, name)

    @property
    def offered(self) -> list[str]:
        """
        The services that people can add; change it as you like.
        """
        return self._wire.offered

    # Who is connected

    def connect(self, user: Any, name: str = "") -> TroveAccount:
        """
        Have a user connected already. Nothing happened for that: no signal is sent and nothing is
        asked. To test connecting itself, go the browser's way with `allow`.

        :param name: what they are called at the Trove; their name here without it.
        """
        if name:
            self._library.names[user.pk] = name
        account = TroveAccount.objects.filter(user=user).first() or TroveAccount(user=user)
        account.token = self._wire.grant(user, conf.content_types)
        person = self._library.person(user)
        arrival = Grant.from_token(account.token, person, conf.app_key)
        account.name, account.identities = arrival.name, arrival.identities
        account.app_key = arrival.app_key
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
        Take a user's access back, as they can at their Trove; everybody's without one.
        """
        self._wire.revoke(user)

    # Connecting in a browser

    def allow(
        self, client: Any, response: Any, *, user: Any = None, keep: bool = True, **request: Any
    ) -> Any:
        """
        Say yes at the Trove, come back to the site, and say there that the Trove is one's own.

            response = client.post(reverse("django_trove:connect"))
            response = trove.allow(client, response)

        :param client: the `django.test.Client` in which the connection was started.
        :param response: the redirect to the Trove that it got.
        :param user: whose Trove it is; that of whoever is signed in without one.
        :param keep: whether to press "Keep" where the site asks whose Trove it is; False to stop
            there.
        :param request: more for the client, such as `follow=True`.
        :returns: the site's last response.
        """
        url = self.callback_url(response, user or get_signed_in_user(client))
        back = client.get(**to_client_request(url), **request)
        asked = confirmation_request(back) if keep else None
        return client.post(**asked, **request) if asked else back

    def deny(self, client: Any, response: Any, **request: Any) -> Any:
        """
        Say no at the Trove, and come back to the site.
        """
        return client.get(**to_client_request(self.refusal_url(response)), **request)

    async def aallow(
        self, client: Any, response: Any, *, user: Any = None, keep: bool = True, **request: Any
    ) -> Any:
        """
        The same with a `django.test.AsyncClient`.
        """
        user = user or await sync_to_async(get_signed_in_user)(client)
        back = await client.get(**to_client_request(self.callback_url(response, user)), **request)
        asked = confirmation_request(back) if keep else None
        return await client.post(**asked, **request) if asked else back

    async def adeny(self, client: Any, response: Any, **request: Any) -> Any:
        return await client.get(**to_client_request(self.refusal_url(response)), **request)

    def callback_url(self, response: Any, user: Any) -> str:
        """
        Say yes, and return where the Trove sends the person back to.

        :param response: the redirect to the Trove, or its address.
        """
        key = self._asked_for(response)
        grant = self._wire.requested[key]
        grant.user, grant.verifier = user, secrets.token_hex(8)
        back = {"oauth_token": key, "oauth_verifier": grant.verifier}
        return f"{grant.callback}?{urlencode(back)}"

    def refusal_url(self, response: Any) -> str:
        """
        Say no, and return where the Trove sends the person back to.
        """
        key = self._asked_for(response)
        back = {"oauth_token": key, "oauth_problem": "user_refused"}
        return f"{self._wire.requested.pop(key).callback}?{urlencode(back)}"

    # Trouble

    def down(self, retry_after: int | None = None) -> None:
        """
        Be gone: no connection can be made.

        :param retry_after: be there instead, and say that it can't answer for so many seconds.
        """
        later = {} if retry_after is None else {"Retry-After": str(retry_after)}
        words = "This Trove can't answer just now."
        busy = error_reply(503, "unavailable", words, **later)
        self._wire.fault = raise_unreachable if retry_after is None else lambda url: busy

    def limit(self, retry_after: int = 60) -> None:
        """
        Want fewer calls: refuse each, and ask for so many seconds of rest.
        """
        later = {"Retry-After": str(retry_after)}
        self._always(error_reply(429, "too_many_requests", "Too many requests.", **later))

    def reject_keys(self) -> None:
        """
        Know the site's key and secret no longer.
        """
        self._always(error_reply(401, "unauthorized", "The signature or the keys do not hold."))

    def up(self) -> None:
        """
        Be there again, and well.
        """
        self._wire.fault = None

    def _always(self, reply: Reply) -> None:
        self._wire.fault = lambda url: reply

    def _asked_for(self, response: Any) -> str:
        url = response if isinstance(response, str) else getattr(response, "url", "")
        key = parse_qs(urlsplit(url).query).get("oauth_token", [""])[0]
        if not url.startswith(self.url) or key not in self._wire.requested:
            status = getattr(response, "status_code", "no response")
            raise AssertionError(f"This doesn't lead to the fake Trove: {status} {url}")
        return key
