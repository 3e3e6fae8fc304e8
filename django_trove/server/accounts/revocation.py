"""
Revocation of tokens at their services.
"""

from __future__ import annotations

import logging

from django.views.decorators.debug import sensitive_variables

from ..connectors.authorization import Authorization, Credentials
from ..connectors.errors import ServiceFailed
from ..connectors.http import limit_wait
from ..connectors.remote import RemoteConnector
from ..models import Identity
from .registry import get_connector

logger = logging.getLogger(__name__)


def revoke_token(connector: RemoteConnector) -> None:
    """
    Revoke a token. A failure is logged, and does not stop the caller.
    """
    try:
        with limit_wait():
            connector.revoke()
    except ServiceFailed as error:
        logger.warning("The token could not be revoked at %s: %s", connector.name, error.reason)
    except Exception:
        logger.exception("The token could not be revoked at %s.", connector.name)


@sensitive_variables()
def revoke_unused_token(service: RemoteConnector, authorization: Authorization) -> None:
    """
    Revoke the token of an authorization that is not stored, unless it may be the token of a stored
    account.
    """
    if not service.shares_tokens:
        credentials = Credentials(service.credentials.config, authorization.token)
        revoke_token(type(service)(authorization.settings, credentials))


def get_revocable_connector(identity: Identity) -> RemoteConnector | None:
    """
    Return the connector of an account whose token can be revoked; None if there is no token, or if
    another user has connected the same account and the service issues the same token to both.
    """
    if identity.__dict__.get("token") is None:
        return None
    try:
        connector = get_connector(identity)
    except ServiceFailed as error:
        logger.warning("The token could not be revoked at %s: %s", identity.service, error.reason)
        return None
    if not isinstance(connector, RemoteConnector):
        return None
    others = Identity.objects.filter(service=identity.service, service_id=identity.service_id)
    if connector.shares_tokens and others.exclude(pk=identity.pk).exists():
        return None
    return connector
