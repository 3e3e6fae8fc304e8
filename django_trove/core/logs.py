"""
Log records of responses. Django logs 5xx responses as errors, which are mailed to `ADMINS`.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response


def log_unavailable(request: HttpRequest, response: HttpResponse) -> None:
    """
    Log a 5xx response as a warning, because another system caused it.
    """
    message = "Service unavailable: %s"
    log_response(message, request.path, response=response, request=request, level="warning")
