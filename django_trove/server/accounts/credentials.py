"""
Credentials of an account at a service: stored encrypted in the identity's row, and refreshed there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from django_trove.core.encryption import DecryptionError

from ..conf import conf
from ..connectors.authorization import Credentials
from ..connectors.errors import Revoked
from ..connectors.messages import Message as _
from ..models import Identity

LOCK_WAIT = (0, 0.2, 0.4, 0.8)  # seconds


class StoredCredentials(Credentials):
    """
    :raises Revoked: if the token cannot be decrypted with any key.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        super().__init__(conf.services.get(identity.service, {}), self._decrypt())

    def refresh(self, exchange: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """
        Exchange the token and store the new one, unless another worker has done so (compare and
        swap). A rejected exchange revokes the account only if no other worker has refreshed the
        token.
        """
        before = self._identity.__dict__["token"]
        try:
            token = exchange(self.token)
        except Revoked:
            if not self._is_refreshed_elsewhere(before):
                raise
        else:
            self._identity.token = json.dumps(dict(token))
            Identity.objects.update_token(self._identity, before)
            self._reload()
        self.token = self._decrypt()

    def _is_refreshed_elsewhere(self, before: Any) -> bool:
        """
        Wait for a concurrent refresh that is not stored yet.
        """
        for wait in LOCK_WAIT:
            time.sleep(wait)
            if self._reload() != before:
                return True
        return False

    def _reload(self) -> Any:
        """
        Read the ciphertext from the database. It is compared without decryption.
        """
        rows = Identity.objects.filter(pk=self._identity.pk).values_list("token", flat=True)
        ciphertext = self._identity.__dict__["token"] = rows.first()
        return ciphertext

    def _decrypt(self) -> Mapping[str, Any]:
        try:
            token: Mapping[str, Any] = json.loads(self._identity.token or "{}")
        except DecryptionError:
            raise Revoked(_("The stored token cannot be decrypted.")) from None
        return token
