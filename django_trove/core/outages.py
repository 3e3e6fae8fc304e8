"""
Responses with status 503 while the database is unavailable, for example during a restart.

Each view of the two apps catches the errors itself: a middleware would change the project's own
views, and would not receive exceptions that other middleware raises.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import InterfaceError, InternalError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from .logs import log_unavailable

DATABASE_ERRORS = (OperationalError, InterfaceError, InternalError)
"""PostgreSQL raises `InternalError` if the database is read-only, for example after a failover."""
RETRY_SECONDS = 30
PLAIN_PAGE = "<!doctype html><title>503</title><h1>Temporarily unavailable</h1>"

View = TypeVar("View", bound=Callable[..., Any])

logger = logging.getLogger(__name__)


def is_outage(error: Exception) -> bool:
    """
    Return whether another attempt may succeed. It does not if a table or a column is missing, which
    SQLite reports as an `OperationalError`, and PostgreSQL as a `ProgrammingError`.
    """
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return isinstance(error, DATABASE_ERRORS) and code != sqlite3.SQLITE_ERROR


def log_database_error(error: Exception) -> None:
    """
    Log the first line of an error without its traceback, for commands. The other lines may contain
    values of a row.
    """
    logger.warning("The database is unavailable: %s", str(error).partition("\n")[0])


def close_broken_connections() -> None:
    """
    Close connections that the server has ended, so that the next query opens a new one.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def respond_to_outages(render: Callable[[], HttpResponse]) -> Callable[[View], View]:
    """
    Decorator for views.

    :param render: returns the response; it must not use the database.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return view(request, *args, **kwargs)
            except DATABASE_ERRORS as error:
                if not is_outage(error):
                    raise
                return mark_as_outage(request, render())

        return cast(View, wrapper)

    return decorate


def mark_as_outage(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """
    Set the status and headers of a response, and log the exception that is being handled.
    """
    logger.exception("The database is unavailable.")
    response.status_code = 503
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    log_unavailable(request, response)
    return response


def render_outage(template: str, context: dict[str, Any] | None = None) -> str:
    """
    Render a page without a request: context processors could use the database. A template of the
    project may require one; then the page is plain.
    """
    try:
        return render_to_string(template, context)
    except Exception:
        logger.exception("%s cannot be rendered without a request.", template)
        return PLAIN_PAGE


class SafeTemplateResponse(TemplateResponse):
    """
    A response that is rendered after the view has returned.
    """

    outage_template = "django_trove/unavailable.html"

    @property
    def rendered_content(self) -> str:
        try:
            return super().rendered_content
        except DATABASE_ERRORS as error:
            if not is_outage(error):
                raise
            mark_as_outage(self._request, self)
            return self.render_outage()

    def render_outage(self) -> str:
        return render_outage(self.outage_template)
