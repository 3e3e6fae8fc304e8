"""
The backend that sends HTTP requests to a Trove server with the user's access token.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

from .. import signals
from ..client import (
    CallError,
    NotConnected,
    NotFound,
    NotGranted,
    Person,
    Query,
    QueryError,
    Result,
    TokenRejected,
    TroveAPI,
    TroveError,
)
from ..client.calls.content import iter_pages
from ..client.codec import COLLECTION_CLASSES, CONTENT_CLASSES, query_to_wire
from ..conf import conf
from ..core.database import atomic, on_commit, run_despite_rollback
from ..core.encryption import DecryptionError
from ..health import failure_for
from ..models import TroveAccount
from .cache import CachedResponse, ResponseCache, clear_responses
from .clients import check_credentials, client_of, send
from .page_calls import CallPending
from .refresh import refresh_expired_token

logger = logging.getLogger(__name__)


T = TypeVar("T")


class RemoteBackend:
    """
    Responses are cached (`ResponseCache`), except those of `iter_content`.
    """

    uses_oauth: ClassVar[bool] = True
    home_url = ""

    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def account(self) -> TroveAccount | None:
        return TroveAccount.objects.of(self.user)

    @property
    def connected(self) -> bool:
        return self.account is not None and not self.account.needs_reconnect

    def get_content(self, content_type: str, query: Query) -> Result[Any]:
        """
        :returns: with `stale` and `error` set if the Trove is unavailable and this is the last
            successful response.
        """
        require_requested(content_type, query)
        response = self._cached(
            content_type,
            lambda client: client.get_content(content_type, query),
            query,
            force_refresh=query.force_update,
        )
        return replace(
            response.value, query=query, stale=response.error is not None, error=response.error
        )

    def get_item(self, content_type: str, trove_id: str) -> Any:
        query = Query(trove_id=trove_id)
        require_requested(content_type, query)
        operation = f"{CONTENT_CLASSES[content_type].object_type} item"
        return self._cached(
            operation, lambda client: client.get_item(content_type, trove_id), query
        ).value

    def iter_content(self, content_type: str, query: Query) -> Iterator[Any]:
        require_requested(content_type, query)
        account = self._require_account()

        def get_page(query: Query) -> Result[Any]:
            with record_outcome(account):
                return send(
                    lambda: client_of(account).get_content(content_type, query), account.app_key
                )

        yield from iter_pages(get_page, query)

    def get_user_info(self) -> Person:
        return self._cached("user", TroveAPI.get_user_info).value

    def get_services(self) -> dict[str, str]:
        return self._cached("services", TroveAPI.get_services).value

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str:
        account = self._require_account()
        with record_outcome(account):
            url = send(
                lambda: client_of(account).get_url_for_service(service, redirect_url),
                account.app_key,
            )
        clear_responses(account)  # the user expects the new service in the next response
        return url

    def disconnect(self) -> None:
        if self.account is None:
            raise NotConnected("The user has no Trove connected.")
        disconnect(self.account)
        del self.account

    def _cached(
        self,
        operation: str,
        call: Callable[[TroveAPI], T],
        query: Query | None = None,
        *,
        force_refresh: bool = False,
    ) -> CachedResponse[T]:
        account = self._require_account()
        key = f"{operation} {_canonical_json(query)}" if query else operation
        return ResponseCache(account, record_outcome).get(
            key, lambda: call(client_of(account)), force_refresh=force_refresh
        )

    def _require_account(self) -> TroveAccount:
        if self.account is None:
            raise NotConnected("The user has no Trove connected.")
        if self.account.state != TroveAccount.State.ACTIVE or not self.account.has_valid_app_key:
            raise TokenRejected("The user must reconnect the Trove.")
        return self.account


def require_requested(content_type: str, query: Query) -> None:
    """
    :raises CallError: if the site does not request authorization for a content type of the query.
    """
    requested = conf.content_types
    hint = "in TROVE['CONTENT_TYPES']; users who are connected must then connect again."
    if content_type in COLLECTION_CLASSES:
        content_type = "videos" if "photos" not in requested else "photos"
    if content_type not in requested:
        raise CallError(f"{content_type} must be {hint}")
    if query.videos and "videos" not in requested:
        raise QueryError(f"videos requires 'videos' {hint}", field="videos")


def disconnect(account: TroveAccount) -> None:
    """
    Delete an account, its token and its cached responses.
    """
    user = account.user
    with atomic(TroveAccount):
        deleted, _ = TroveAccount.objects.filter(pk=account.pk).delete()
        account.pk = None
        if deleted:
            signals.send_on_commit(signals.disconnected, account, user)
    logger.info("User %s disconnected their Trove.", user.pk, extra={"user_id": user.pk})


def clear_responses_on_delete(instance: TroveAccount, **kwargs: Any) -> None:
    on_commit(partial(clear_responses, instance), TroveAccount)


@contextmanager
def record_outcome(account: TroveAccount) -> Iterator[None]:
    """
    Store on the account whether a call with its token succeeded. After a rejected token, no call
    is made until the user reconnects.

    :raises TokenRejected: also if the token cannot be decrypted.
    """
    try:
        if account.expires_at:
            refresh_expired_token(account)
        yield
    except TokenRejected as error:
        # The response may be the same for a revoked token, a wrong application secret and a wrong
        # host (protocol, section 6.3). The last two must not disconnect every user.
        protocol = 1 if account.expires_at is None else 2
        if credentials_error := check_credentials(account.app_key, protocol=protocol):
            account.record_failure(credentials_error.detail, failure_for(credentials_error))
            raise credentials_error from None
        _record_revoked(account, error.detail)
        raise
    except DecryptionError:  # not stored: it succeeds again once SECRET_KEY is restored
        raise TokenRejected("The token cannot be decrypted. The user must reconnect.") from None
    except (CallError, NotFound, NotGranted, CallPending):
        raise  # errors of the query, not of the account, or the outcome is not known yet
    except TroveError as error:
        account.record_failure(error.detail, failure_for(error))
        raise
    account.record_success()


def _record_revoked(account: TroveAccount, reason: str) -> None:
    run_despite_rollback(partial(_store_revoked, account, reason), TroveAccount)


def _store_revoked(account: TroveAccount, reason: str) -> None:
    if account.record_revoked(reason):
        message = "User %s must reconnect their Trove."
        logger.warning(message, account.user_id, extra={"user_id": account.user_id})
        signals.send_on_commit(signals.needs_reconnect, account, account.user)
    clear_responses(account)


def _canonical_json(query: Query) -> str:
    """
    Equal queries must have equal cache keys, with or without `force_update`.
    """
    return json.dumps(query_to_wire(query) | {"force-update": False}, sort_keys=True)
