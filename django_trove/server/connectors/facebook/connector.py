"""
Connector for Facebook: OAuth 2 and the Graph API.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django_trove.client.codec import CONTENT_CLASSES

from ..authorization import Authorization
from ..base import DEFAULT_CONTENT_TYPES, Batch, ItemFailure, KnownStamps, Rendition
from ..errors import RetryLater, Revoked, ServiceFailed, concerns_account
from ..messages import Message as _
from ..remote import is_due
from ..values import as_records, as_text
from .edges import EDGES, PERMISSIONS, Edge, to_item
from .errors import PermissionMissing, RequestRejected, TooMuchData
from .graph import DAY, GraphService, next_page, unauthenticated_session
from .records import parse_deletion_request, parse_expiry, parse_urls

LIMIT, MIN_LIMIT = 100, 5  # records per page
EDGE_NAMES = tuple(edge.name for edge in EDGES)
DONE = "done"
State = dict[str, Any]


class Facebook(GraphService):
    """
    A sync reads the lists of `EDGES` one after another. The first sync and then one per
    `FULL_SYNC_INTERVAL` are full; the others stop at the first page without changes.
    """

    name = "facebook"
    title = "Facebook"
    description = _(
        "The photos and videos that you uploaded, in the largest size of Facebook, which is not "
        "the original file. The authorization expires after about two months; then you have to "
        "reconnect the account."
    )
    content_types = ("photos", "videos", "status", "checkins", "friends")
    pkce = None  # not documented for Facebook's web login
    authorize_params = {"auth_type": "rerequest"}  # ask again for denied permissions
    defaults = {
        "DIALOG_URL": "https://www.facebook.com",
        "GRAPH_URL": "https://graph.facebook.com",
        "AUTHORIZE_URL": "",  # derived from the above by default
        "TOKEN_URL": "",
        "VERSION": "v26.0",
        "CONTENT_TYPES": DEFAULT_CONTENT_TYPES,
        "SCOPES": (),  # derived from the content types by default
        "MEDIA_HOSTS": (".fbcdn.net",),
        "FULL_SYNC_INTERVAL": DAY,
        "RETENTION_SECONDS": 90 * DAY,  # Facebook ends unused data access after 90 days
    }

    @property
    def config(self) -> Mapping[str, Any]:
        data = super().config
        dialog = f"{data['DIALOG_URL']}/{data['VERSION']}/dialog/oauth"
        token = f"{data['GRAPH_URL']}/{data['VERSION']}/oauth/access_token"
        permissions = dict.fromkeys(
            PERMISSIONS[name] for name in PERMISSIONS if name in data["CONTENT_TYPES"]
        )
        return {
            **data,
            "AUTHORIZE_URL": data["AUTHORIZE_URL"] or dialog,
            "TOKEN_URL": data["TOKEN_URL"] or token,
            "SCOPES": data["SCOPES"] or ("public_profile", *permissions),
        }

    def get_authorization(self, token: Mapping[str, Any]) -> Authorization:
        try:
            self.credentials.token = self.exchange_token(token)
        except RetryLater:  # the short-lived token is valid for one to two hours
            self.credentials.token = token
        permitted = self._permitted_types()
        if "photos" in self.wanted_types and "photos" not in permitted:
            raise ServiceFailed(
                _("The permission for photos is missing. Try again, and allow access to photos.")
            )
        if not permitted:
            raise ServiceFailed(_("No permission was granted. Try again, and allow access."))
        profile = self.request_graph("me", fields="id,name,link")
        service_id = as_text(profile.get("id"))
        return Authorization(
            token=self.credentials.token,
            service_id=service_id,
            name=as_text(profile.get("name")) or service_id,
            url=as_text(profile.get("link")) or f"https://www.facebook.com/{service_id}",
        )

    def revoke(self) -> None:
        try:
            self.request_graph("me/permissions", "DELETE")
        except (Revoked, RequestRejected):  # already revoked
            return

    def parse_deletion_request(self, signed_request: str) -> str:
        return parse_deletion_request(signed_request, self.key("CLIENT_SECRET"))

    def batches(self, cursor: Mapping[str, Any], known: KnownStamps) -> Iterator[Batch]:
        self.extend_token()
        permitted = self._permitted_types()  # without a permission, a list is empty
        if "photos" in self.wanted_types and "photos" not in permitted:
            raise Revoked(
                _("The permission for photos was revoked at Facebook. Reconnect the account.")
            )
        if not permitted:  # the items are kept until the user reconnects the account
            raise Revoked(_("All permissions were revoked at Facebook. Reconnect the account."))
        state = dict(cursor) if cursor.get("phase") else _start_state(cursor, self.config)
        for edge in EDGES:
            if state["phase"] == edge.name:
                if not permitted.isdisjoint(edge.content_types):
                    yield from self._read_edge(edge, permitted, state, known)
                state.update(phase=_next_phase(edge), page={})
        unpermitted = [name for name in self.wanted_types if name not in permitted]
        yield Batch(
            cursor={"full": state["full"]},
            full=state["whole"],
            content_types=tuple(permitted),
            unpermitted=tuple(unpermitted),
        )

    def fetch_media(self, service_id: str, urls: Mapping[str, str], size: str) -> Rendition | None:
        """
        The URL contains its expiry; after that, a new URL is requested.
        """
        url = urls.get(size, "")
        expires = parse_expiry(url)
        if not expires or expires > time.time():
            response = self.fetch(unauthenticated_session(), url) if url else None
            if response is not None and response.status_code not in (403, 404, 410):
                return self.to_rendition(response)
        new_url = self._fetch_urls(service_id).get(size)
        return (
            self.to_rendition(self.fetch(unauthenticated_session(), new_url)) if new_url else None
        )

    def _permitted_types(self) -> frozenset[str]:
        """
        Return the wanted content types that the user permits.
        """
        permissions = self.list_permissions()
        return frozenset(name for name in self.wanted_types if PERMISSIONS.get(name) in permissions)

    def _read_edge(
        self, edge: Edge, permitted: Collection[str], state: State, known: KnownStamps
    ) -> Iterator[Batch]:
        """
        An error that concerns only this list does not stop the sync if the list contains neither
        photos nor videos: its items are kept.
        """
        try:
            yield from self._edge_batches(edge, permitted, state, known)
        except ServiceFailed as error:
            is_denied = isinstance(error, PermissionMissing)
            if not edge.prefixes or (concerns_account(error) and not is_denied):
                raise
            failure = ItemFailure(name=edge.name, reason=error.reason)
            yield Batch(unlisted=edge.prefixes, skipped=(failure,), full=state["whole"])

    def _edge_batches(
        self, edge: Edge, permitted: Collection[str], state: State, known: KnownStamps
    ) -> Iterator[Batch]:
        """
        A page may be empty although there is a next one; the last page has no `next`.
        """
        while True:
            try:
                data = self._list_edge(edge, state)
            except RequestRejected:
                if not state["page"] or state.get("restarted") == edge.name:
                    raise
                state.update(page={}, restarted=edge.name)  # the cursor has expired
                continue
            page = next_page(data)
            records = as_records(data.get("data"))
            batch = self._build_batch(edge, permitted, records, known)
            unchanged = bool(records) and not (batch.items or batch.failures or batch.skipped)
            is_up_to_date = unchanged and edge.is_newest_first and not state["whole"]
            done = not page or page == state["page"] or is_up_to_date
            state["page"] = page
            if done:
                state.update(phase=_next_phase(edge), page={})
            yield replace(batch, cursor=dict(state), full=state["whole"])
            if done:
                return

    def _list_edge(self, edge: Edge, state: State) -> Mapping[str, Any]:
        while True:
            try:
                parameters = {**edge.parameters, "fields": edge.fields, "limit": state["limit"]}
                return self.request_graph(f"me/{edge.name}", **parameters, **state["page"])
            except TooMuchData:
                if state["limit"] <= MIN_LIMIT:
                    raise
                state["limit"] = max(MIN_LIMIT, state["limit"] // 2)

    def _build_batch(
        self,
        edge: Edge,
        permitted: Collection[str],
        records: Sequence[Mapping[str, Any]],
        known: KnownStamps,
    ) -> Batch:
        """
        Unreadable records of other types are not failures: failures are counted as photos.
        """
        classes = {CONTENT_CLASSES[name] for name in permitted}
        items, failures, failed_ids = [], [], []
        for record in records:
            service_id = as_text(record.get("id"))
            try:
                contents = edge.parse(record)
            except (ValueError, TypeError, AttributeError):
                failures.append(ItemFailure(name=service_id, reason=_("The record is invalid.")))
                failed_ids += [f"{prefix}{service_id}" for prefix in edge.prefixes or ("",)]
            else:
                items += [to_item(content) for content in contents if type(content) in classes]
        etags = known([item.service_id for item in items])
        return Batch(
            items=tuple(item for item in items if etags.get(item.service_id) != item.etag),
            seen=tuple(filter(None, (*failed_ids, *(item.service_id for item in items)))),
            failures=() if edge.prefixes else tuple(failures),
            skipped=tuple(failures) if edge.prefixes else (),
        )

    def _fetch_urls(self, service_id: str) -> dict[str, str]:
        """
        Request new URLs of a photo, or of the still pictures of a video.
        """
        for fields in ("images", "format,picture"):
            try:
                return parse_urls(self.request_graph(service_id, fields=fields))
            except RequestRejected:  # an item of the other type, or a deleted one
                continue
        return {}


def _start_state(cursor: Mapping[str, Any], config: Mapping[str, Any]) -> State:
    now = int(time.time())
    full = is_due(now, cursor.get("full", 0), config["FULL_SYNC_INTERVAL"])
    return {
        "phase": EDGE_NAMES[0],
        "page": {},
        "limit": LIMIT,
        "whole": full,
        "full": now if full else cursor["full"],
    }


def _next_phase(edge: Edge) -> str:
    return dict(zip(EDGE_NAMES, (*EDGE_NAMES[1:], DONE), strict=True))[edge.name]
