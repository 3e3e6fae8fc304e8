"""
Calls of methods of Flickr's REST API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from requests_oauthlib import OAuth1Session

from django_trove.client.responses import parse_retry_after

from ..errors import Misconfigured, RetryLater, Revoked, ServiceFailed
from ..http import find_outage
from ..messages import Message as _
from ..oauth1 import OAuth1Service
from ..values import as_int, as_list, as_text, dig
from .records import EXTRAS

PAGE_SIZE = 500  # Flickr's maximum
CONTACTS_PAGE_SIZE = 1000  # Flickr's maximum
REVOKED_CODES = frozenset({5, 98, 99})  # user deleted, invalid token, insufficient permission
BAD_KEY_CODES = frozenset({100})
UNAVAILABLE_CODES = frozenset({0, 105, 201})


class RequestRejected(ServiceFailed):
    """
    Flickr's error concerns this request only.
    """

    def __init__(self, code: int) -> None:
        super().__init__(_("Flickr returned error %(code)s.", code=code))
        self.code = code


class FlickrService(OAuth1Service):
    @cached_property
    def _session(self) -> OAuth1Session:
        return self.session()

    def call_method(self, key: str, method: str, **params: Any) -> Mapping[str, Any]:
        """
        Call a method, and return the value of `key` in its response. Errors are in `stat`, not in
        the HTTP status.
        """
        fields = {"method": method, "format": "json", "nojsoncallback": "1", **params}
        response = self.call(self._session, "GET", self.config["API_URL"], params=fields)
        if response.status_code == 429:
            raise RetryLater(
                _("The rate limit of %(service)s is exceeded.", service="Flickr"),
                parse_retry_after(response.headers),
                all_accounts=True,
            )
        if outage := find_outage(response, "Flickr"):
            raise outage
        if response.text.startswith("oauth_problem="):
            raise _oauth_problem(response.text)
        data = self.parse_json(response)
        if data.get("stat") != "ok":
            raise _error_for(as_int(data.get("code"), -1))
        listing = data.get(key)
        if not isinstance(listing, dict):
            raise RetryLater(_("%(service)s sent an invalid response.", service="Flickr"))
        return listing

    def list_photos(
        self, page: int, since: int | None = None, until: int | None = None
    ) -> Mapping[str, Any]:
        """
        Return a page of photos and videos.

        :param since: only those that were changed after this time, or None for all.
        :param until: the latest date of upload, if all are listed.
        """
        params = {"extras": EXTRAS, "per_page": PAGE_SIZE, "page": page}
        if since is not None:
            params["min_date"] = max(1, since)
            return self.call_method("photos", "flickr.photos.recentlyUpdated", **params)
        if until is not None:
            params["max_upload_date"] = until
        filters = {"user_id": "me", "safe_search": 3, "content_type": 7}
        return self.call_method("photos", "flickr.people.getPhotos", **filters, **params)

    def list_contacts(self, page: int) -> Mapping[str, Any]:
        return self.call_method(
            "contacts", "flickr.contacts.getList", per_page=CONTACTS_PAGE_SIZE, page=page
        )

    def iter_albums(self, since: int | None = None) -> Iterator[tuple[str, str]]:
        """
        Yield the id and the title of each album.

        :param since: only those that were changed at or after this time, or None for all.
        """
        page, last_page = 1, 1
        while page <= last_page:
            listing = self.call_method(
                "photosets", "flickr.photosets.getList", per_page=PAGE_SIZE, page=page
            )
            for album in as_list(listing.get("photoset")):
                is_changed = since is None or as_int(dig(album, "date_update")) >= since
                if as_text(dig(album, "id")) and is_changed:
                    yield as_text(album["id"]), as_text(dig(album, "title", "_content"))
            last_page = as_int(listing.get("pages"), 1)
            page += 1


def _error_for(code: int) -> ServiceFailed:
    if code in REVOKED_CODES:
        return Revoked(
            _("%(service)s revoked the authorization. Reconnect the account.", service="Flickr")
        )
    if code in BAD_KEY_CODES:
        return Misconfigured(_("Flickr rejected the key of this Trove."))
    if code in UNAVAILABLE_CODES:
        return RetryLater(_("%(service)s is unavailable.", service="Flickr"))
    return RequestRejected(code)


def _oauth_problem(text: str) -> ServiceFailed:
    """
    The text contains signed parameters, so it is not included in the exception.
    """
    if "token_rejected" in text or "token_revoked" in text:
        return Revoked(
            _("%(service)s revoked the authorization. Reconnect the account.", service="Flickr")
        )
    if "nonce_used" in text or "timestamp_refused" in text:
        return RetryLater(_("Flickr rejected the timestamp of the request."))
    return Misconfigured(_("%(service)s rejected the keys of this Trove.", service="Flickr"))
