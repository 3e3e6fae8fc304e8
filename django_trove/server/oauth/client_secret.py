"""
An application that shows its secret instead of signing (protocol, "new Trove by a service").
"""

from __future__ import annotations

import hmac

from django.http import HttpRequest

from ..errors import APIError
from ..models import Application
from .bridge import (
    PLAINTEXT,
    allowed_token_methods,
    enforce_rate_limit,
    read_form_body,
    unauthorized,
)
from .parameters import parse_parameters
from .secrets import decrypt_or_dummy
from .validator import TroveValidator


def authenticate_application(request: HttpRequest) -> tuple[Application, str]:
    """
    Check an application that shows its secret instead of signing.

    :returns: it, and the `redirect_url` that it sent.
    :raises Refusal: 401 if there is none such.
    """
    if request.method != "POST":
        raise APIError(405, "method_not_allowed", "app_key and app_secret are sent by POST.")
    if not allowed_token_methods(request) & PLAINTEXT:
        raise APIError(403, "insecure_transport", "A secret is taken by https only.")
    sent = parse_parameters("", read_form_body(request), "")
    key, secret = sent.one("app_key") or "", sent.one("app_secret") or ""
    validator = TroveValidator(frozenset())
    known = validator.validate_client_key(key, None)
    fits = [
        hmac.compare_digest(decrypt_or_dummy(validator.application, name).encode(), secret.encode())
        for name in ("secret", "grace_secret")
    ]
    if not (known and any(fits)) or validator.application is None:
        raise unauthorized()
    enforce_rate_limit("application", validator.application.pk)
    return validator.application, sent.one("redirect_url") or ""
