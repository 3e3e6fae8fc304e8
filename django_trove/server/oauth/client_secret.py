"""
Authentication of an application by key and secret in a form (protocol, section 3.7).
"""

from __future__ import annotations

import hmac

from django.http import HttpRequest

from ..errors import APIError
from ..models import Application
from ..ratelimit import mark_authenticated
from .endpoints import (
    PLAINTEXT,
    allowed_token_methods,
    enforce_rate_limit,
    read_form_body,
    unauthorized_error,
)
from .parameters import parse_parameters
from .signatures import decrypt_or_dummy
from .validator import TroveValidator


def authenticate_application(request: HttpRequest) -> tuple[Application, str]:
    """
    Return the application and the form field `redirect_url`.
    """
    if request.method != "POST":
        raise APIError(405, "method_not_allowed", "Send app_key and app_secret with POST.")
    if PLAINTEXT not in allowed_token_methods(request):
        raise APIError(403, "insecure_transport", "This endpoint requires https.")
    parameters = parse_parameters("", read_form_body(request), "")
    key, secret = parameters.get("app_key") or "", parameters.get("app_secret") or ""
    validator = TroveValidator(frozenset())
    is_known = validator.validate_client_key(key, None)
    matches = [
        hmac.compare_digest(decrypt_or_dummy(validator.application, name).encode(), secret.encode())
        for name in ("secret", "grace_secret")
    ]
    if not (is_known and any(matches)) or validator.application is None:
        raise unauthorized_error()
    mark_authenticated(request)
    enforce_rate_limit("application", validator.application.pk)
    return validator.application, parameters.get("redirect_url") or ""
