"""
API endpoints of version 2 (protocol, section 9).
"""

from __future__ import annotations

from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.views.decorators.debug import sensitive_variables

from django_trove.client import codec
from django_trove.client.errors import QueryError

from ..accounts.registry import addable_services, get_service_titles
from ..models import AccessToken
from ..oauth.endpoints import allowed_token_methods, authenticate_request, read_form_body
from ..oauth.parameters import Parameters, parse_parameters
from ..oauth2.endpoints import (
    authenticate_bearer,
    describe_server,
    respond_to_revocation,
    respond_to_token_request,
)
from ..origins import absolute_url, get_api_origin, get_request_origin, get_web_origin
from .decorators import json_error, oauth2_view, version2_view
from .flat_query import parse_flat_query
from .views import (
    add_link_response,
    describe_user,
    not_found_error,
    parse_query,
    query_content,
    store_pushed,
)


@oauth2_view
def oauth2_access_token(request: HttpRequest) -> HttpResponse:
    return respond_to_token_request(request)


@oauth2_view
def oauth2_revoke(request: HttpRequest) -> HttpResponse:
    return respond_to_revocation(request)


@version2_view
def oauth2_metadata(request: HttpRequest) -> HttpResponse:
    return JsonResponse(describe_server(get_request_origin(request)))


@version2_view
def user(request: HttpRequest) -> HttpResponse:
    token, _ = _authenticate(request)
    return describe_user(token)


@version2_view
def content(request: HttpRequest, content_type: str) -> HttpResponse:
    """
    Return the result of a query, or store pushed items if the parameter `object_list` exists.
    """
    if content_type not in codec.RESULT_CLASSES:
        return not_found_error()
    token, parameters = _authenticate(request)
    if request.method == "POST" and parameters.get("object_list"):
        if (parameters.get("content_type") or content_type) != content_type:
            detail = f"content_type must be {content_type} or absent."
            raise QueryError(detail, field="content_type")
        return store_pushed(token, content_type, parameters)
    is_flat = not parameters.get("query")
    query = parse_flat_query(parameters) if is_flat else parse_query(parameters)
    return query_content(request, token, content_type, query)


@version2_view
def services(request: HttpRequest) -> HttpResponse:
    """
    Return the services that the user can add.
    """
    _authenticate(request)
    records = [_describe_service(request, name) for name in addable_services()]
    return JsonResponse(records, safe=False)


@version2_view
def service(request: HttpRequest, slug: str) -> HttpResponse:
    _authenticate(request)
    if slug not in addable_services():
        return json_error(404, "not_found", "This service cannot be added.")
    return JsonResponse(_describe_service(request, slug))


@version2_view
def bounceback(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Return a one-time URL at which the user adds a service.
    """
    token, parameters = _authenticate(request)
    redirect_url = parameters.get("redirect_url") or ""
    base = absolute_url(get_web_origin(request), "home")
    return add_link_response(token.application, slug, redirect_url, user=token.user, base=base)


@sensitive_variables()
def _authenticate(request: HttpRequest) -> tuple[AccessToken, Parameters]:
    """
    Accept a bearer token, or a signature of version 1.
    """
    header = request.headers.get("Authorization", "")
    query = request.META.get("QUERY_STRING", "")
    parameters = parse_parameters(query, read_form_body(request), header)
    if "signature" in parameters.oauth:
        return authenticate_request(request, allowed_token_methods(request))
    return authenticate_bearer(request)


def _describe_service(request: HttpRequest, name: str) -> dict[str, str]:
    title, origin = str(get_service_titles().get(name, name)), get_api_origin(request)
    return {
        "object_type": "service",
        "id": name,
        "name": title,
        "slug": name,
        "description": title,
        "url": absolute_url(origin, "v2_service", name),
        "service_icon": urljoin(origin, static("trove_server/icon.svg")),
    }
