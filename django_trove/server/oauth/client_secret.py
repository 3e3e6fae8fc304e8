"""
Authentication of an application by key and secret in a form (protocol, section 3.7).
"""

from __future__ import annotations

from django.http import HttpRequest

from ..errors import APIError
from ..models import Application
from ..ratelimit import mark_authenticated
from .endpoints import (
    check_transport,
    enforce_rate_limit,
    read_form_body,
    unauthorized_error,
)
from .parameters import Parameters, parse_parameters
from .signatures import matches_secret
from .validator import TroveValidator


def authenticate_application(request: HttpRequest) -> tuple[Application, Parameters]:
    """
    Return the application and the parameters of the form.
    """
    if request.method != "POST":
        raise APIError(405, "method_not_allowed", "Send app_key and app_secret with POST.")
    check_transport(request)
    parameters = parse_parameters("", read_form_body(request), "")
    key, secret = parameters.get("app_key") or "", parameters.get("app_secret") or ""
    validator = TroveValidator(frozenset())
    validator.validate_client_key(key, None)
    if not matches_secret(validator.application, secret) or validator.application is None:
        raise unauthorized_error()
    mark_authenticated(request)
    enforce_rate_limit("application", validator.application.pk)
    return validator.application, parameters
