"""
The token of a person's account on a service: sealed in the account's row, and renewed there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from django_trove.core.encryption import DecryptionError

from ..conf import conf
from ..connectors.base import Revoked
from ..connectors.remote import Credentials
from ..models import Identity

LOCK_WAIT = (0, 0.2, 0.4, 0.8)  # seconds


class StoredCredentials(Credentials):
    """
    What an account's service lets us in with.

    :raises Revoked: if no key opens the token any more.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        super().__init__(conf.services.get(identity.service, {}), self._opened())

    def refresh(self, exchange: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """
        Trade the token, unless another worker has done so: of two, the first one's stays, and what
        is refused to the second is no reason to give up the account.
        """
        before = self._identity.__dict__["token"]
        try:
            fresh = exchange(self.token)
        except Revoked:
            if not self._other_has_renewed(before):
                raise
        else:
            self._identity.token = json.dumps(dict(fresh))
            Identity.objects.update_token(self._identity, before)
            self._reread()
        self.token = self._opened()

    def _other_has_renewed(self, before: Any) -> bool:
        """
        The other worker may have its answer, and not have kept it yet.
        """
        for wait in LOCK_WAIT:
            time.sleep(wait)
            if self._reread() != before:
                return True
        return False

    def _reread(self) -> Any:
        """
        Take the token as it stands in the row, sealed: only so can it be compared.
        """
        rows = Identity.objects.filter(pk=self._identity.pk).values_list("token", flat=True)
        sealed = self._identity.__dict__["token"] = rows.first()
        return sealed

    def _opened(self) -> Mapping[str, Any]:
        try:
            token: Mapping[str, Any] = json.loads(self._identity.token or "{}")
        except DecryptionError:
            raise Revoked("What let this Trove in can't be opened any more.") from None
        return token
