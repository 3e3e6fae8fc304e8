"""
oauthlib's endpoints, which know one secret of an application, taught to take two.
"""

from __future__ import annotations

from typing import Any

from oauthlib import oauth1
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849.endpoints.base import BaseEndpoint

from .validator import ABSENT, TroveValidator


class PreviousSecretMixin(BaseEndpoint):
    """
    Looks at a signature again with the previous secret, where the current one doesn't fit.

    Only the signature is looked at twice: no row is read again and no nonce asked for. It is done
    for unknown keys too, so that the time of a refusal doesn't tell who was given another secret.
    """

    request_validator: TroveValidator

    def _check_signature(self, request: Request, is_token_request: bool = False) -> bool:
        check = super()._check_signature  # type: ignore[misc]  # the stubs leave it out
        if check(request, is_token_request):
            return True
        self.request_validator.try_previous_secret()
        return bool(check(request, is_token_request))


class RequestTokenEndpoint(PreviousSecretMixin, oauth1.RequestTokenEndpoint):
    """
    The first step. Whether a callback may be missing, as in OAuth Core 1.0, is the validator's to
    say: oauthlib would refuse before anybody is asked.
    """

    def validate_request_token_request(self, request: Any) -> Any:
        request.redirect_uri = request.redirect_uri or ABSENT
        check: Any = super().validate_request_token_request
        return check(request)


class AccessTokenEndpoint(PreviousSecretMixin, oauth1.AccessTokenEndpoint):
    """
    The third step. Of a verifier, the same holds.
    """

    def validate_access_token_request(self, request: Any) -> Any:
        request.verifier = request.verifier or ABSENT
        check: Any = super().validate_access_token_request
        return check(request)


class ResourceEndpoint(PreviousSecretMixin, oauth1.ResourceEndpoint):
    """
    Calls for content.
    """
