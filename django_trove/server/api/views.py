"""
API endpoints.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from django_trove.client import codec
from django_trove.client.codec.values import is_nested_deeper
from django_trove.client.errors import QueryError

from ..accounts.profile import build_profile, service_paths
from ..accounts.registry import addable_services
from ..conf import path_below_root
from ..errors import APIError, IdentityDeleting
from ..models import AccessToken, AddLink, Application
from ..oauth.endpoints import FORM, authenticate_request
from ..oauth.parameters import Parameters
from ..oauth.token_endpoints import issue_access_token, issue_request_token
from ..origins import get_api_origin
from ..redirect_uris import validate_redirect_uri
from ..search.collections import COUNTED_KINDS, search_collection
from ..search.content import row_to_record
from ..search.engine import search_content
from ..sync.push import MAX_ITEMS, push_items
from ..sync.pushed_records import MAX_ID_LENGTH
from .decorators import api_view, json_error, token_view

JSON = "application/json"
MAX_JSON_DEPTH = 12
MAX_QUERY_LENGTH = 100_000


@token_view
def request_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse(issue_request_token(request), content_type=FORM)


@token_view
def access_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse(issue_access_token(request), content_type=FORM)


@api_view
def content(request: HttpRequest, content_type: str) -> HttpResponse:
    """
    Return the result of a query (protocol, section 3.2).
    """
    if content_type not in codec.RESULT_CLASSES:
        return not_found_error()
    token, parameters = authenticate_request(request)
    return query_content(request, token, content_type, parse_query(parameters))


def query_content(
    request: HttpRequest, token: AccessToken, content_type: str, query: Any
) -> HttpResponse:
    if content_type in codec.COLLECTION_CLASSES:
        return query_collection(request, token, content_type, query)
    check_granted(token, content_type)
    parsed = codec.query_from_wire(query)
    parsed.videos = parsed.videos and "videos" in token.content_types
    origin = get_api_origin(request)
    result = search_content(token.user, content_type, parsed, origin, row_to_record)
    return HttpResponse(codec.encode_result(result), content_type=JSON)


def query_collection(
    request: HttpRequest, token: AccessToken, name: str, query: Any
) -> HttpResponse:
    """
    Return albums or the timeline (protocol, section 3.9).
    """
    granted = [each for each in COUNTED_KINDS if each in token.content_types]
    if not granted:
        raise APIError(403, "not_granted", "Neither photos nor videos are granted.")
    parsed = codec.query_from_wire(query)
    origin = get_api_origin(request)
    result = search_collection(token.user, name, parsed, origin, granted)
    return HttpResponse(codec.encode_result(result), content_type=JSON)


def parse_query(parameters: Parameters) -> Any:
    text = parameters.get("query")
    if text and len(text) > MAX_QUERY_LENGTH:
        detail = f"A query must have at most {MAX_QUERY_LENGTH} characters."
        raise APIError(413, "too_large", detail)
    return _parse_json("query", text)


def check_granted(token: AccessToken, content_type: str) -> None:
    if content_type not in token.content_types:
        raise APIError(403, "not_granted", f"{content_type} is not granted.")


@api_view
def push(request: HttpRequest) -> HttpResponse:
    """
    Store items of the application (protocol, section 3.4).
    """
    if request.method != "POST":
        raise APIError(405, "method_not_allowed", "Allowed method: POST.")
    token, parameters = authenticate_request(request)
    content_type = parameters.get("content_type") or ""
    if content_type not in codec.CONTENT_CLASSES:
        detail = f"content_type must be one of {', '.join(codec.CONTENT_CLASSES)}."
        raise QueryError(detail, field="content_type")
    return store_pushed(token, content_type, parameters)


def store_pushed(token: AccessToken, content_type: str, parameters: Parameters) -> HttpResponse:
    check_granted(token, content_type)
    user_id, records = parameters.get("user_id") or "", _parse_records(parameters)
    if not 0 < len(user_id) <= MAX_ID_LENGTH:
        detail = f"user_id must have 1 to {MAX_ID_LENGTH} characters."
        raise QueryError(detail, field="user_id")
    try:
        report = push_items(token.application, token.user, user_id, content_type, records)
    except IdentityDeleting:
        raise APIError(503, "being_removed", "The identity is being removed.") from None
    return JsonResponse(asdict(report))


@api_view
def user(request: HttpRequest) -> HttpResponse:
    """
    Return the user's profile (protocol, section 3.1).
    """
    token, _ = authenticate_request(request)
    return describe_user(token)


def describe_user(token: AccessToken) -> HttpResponse:
    profile = build_profile(token.user, with_email=token.share_email)
    return HttpResponse(codec.encode_json(profile), content_type=JSON)


@api_view
def services(request: HttpRequest) -> HttpResponse:
    """
    Return the services that the user can add (protocol, section 3.5).
    """
    authenticate_request(request)
    return JsonResponse(service_paths())


@api_view
def add_service(request: HttpRequest, service: str) -> HttpResponse:
    """
    Return a one-time link for adding a service (protocol, section 3.6).
    """
    token, parameters = authenticate_request(request)
    redirect_url = parameters.get("redirect_url") or ""
    return add_link_response(token.application, service, redirect_url, user=token.user)


@api_view
def not_found(request: HttpRequest) -> HttpResponse:
    return not_found_error()


def add_link_response(
    application: Application, service: str, redirect_url: str, *, base: str = "", **fields: Any
) -> HttpResponse:
    """
    :param base: the URL of the Trove, for an absolute URL.
    :param fields: other fields of the link.
    """
    if service not in addable_services():
        raise APIError(404, "not_found", "This service cannot be added.")
    if redirect_url:
        check_redirect_url(application, redirect_url)
    link = AddLink.objects.issue(
        application=application,
        service=service,
        redirect_url=redirect_url or next(iter(application.callbacks), ""),
        **fields,
    )
    path = path_below_root("use_add_link", link)
    return HttpResponse(base.rstrip("/") + path if base else path, content_type="text/plain")


def check_redirect_url(application: Application, url: str) -> None:
    """
    Reject an open redirect. The URL must be a valid callback, because browsers parse some invalid
    URLs differently ("https://evil\\@site").
    """
    try:
        validate_redirect_uri(url)
    except ValidationError:
        raise QueryError("redirect_url is not a valid URL.", field="redirect_url") from None
    if not application.allows_return_to(url):
        raise QueryError(
            "redirect_url is not on the host of a registered callback.", field="redirect_url"
        )


def not_found_error() -> HttpResponse:
    return json_error(404, "not_found", "There is no such endpoint.")


def _parse_records(parameters: Parameters) -> list[Any]:
    records = _parse_json("object_list", parameters.get("object_list"))
    if not isinstance(records, list):
        raise QueryError("object_list must be a JSON list.", field="object_list")
    if len(records) > MAX_ITEMS:
        raise APIError(413, "too_large", f"object_list must have at most {MAX_ITEMS} items.")
    if parameters.get("number_of_items") != str(len(records)):
        raise QueryError(
            "number_of_items is not the number of items in object_list.", field="number_of_items"
        )
    return records


def _parse_json(field: str, text: str | None) -> Any:
    """
    Parse a field. A missing field is an empty object.
    """
    if not text:
        return {}
    try:
        value = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise QueryError(f"{field} is not valid JSON.", field=field) from None
    if is_nested_deeper(value, MAX_JSON_DEPTH):
        detail = f"{field} must have at most {MAX_JSON_DEPTH} levels of nesting."
        raise QueryError(detail, field=field)
    return value


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not valid JSON.")
