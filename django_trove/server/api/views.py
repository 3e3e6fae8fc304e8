"""
The endpoints: read the request, ask, answer.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from django_trove.client import codec
from django_trove.client.errors import QueryError

from ..accounts.profile import build_profile, service_paths
from ..accounts.registry import addable_services
from ..conf import conf, path_below_root
from ..errors import APIError, IdentityDeleting
from ..models import AddLink, Application
from ..oauth.bridge import FORM, authenticate_request, issue_access_token, issue_request_token
from ..oauth.client_secret import authenticate_application
from ..oauth.parameters import Parameters
from ..oauth.scopes import CONTENT_TYPES
from ..redirect_uris import validate_redirect_uri
from ..search.engine import search_content
from ..sync.push import MAX_ID_LENGTH, MAX_ITEMS
from ..sync.push import push_items as take_in
from .decorators import api_view, json_error, token_view

MAX_JSON_DEPTH = 12  # levels of JSON: the protocol has five
MAX_QUERY_LENGTH = 100_000


@token_view
def request_token(request: HttpRequest) -> HttpResponse:
    """
    Give an application a request token.
    """
    return HttpResponse(issue_request_token(request), content_type=FORM)


@token_view
def access_token(request: HttpRequest) -> HttpResponse:
    """
    Exchange an allowed request token for an access token.
    """
    return HttpResponse(issue_access_token(request), content_type=FORM)


@api_view
def content(request: HttpRequest, content_type: str) -> HttpResponse:
    """
    Answer a query for one content type.
    """
    if content_type not in CONTENT_TYPES:
        return _not_found_error()
    token, sent = authenticate_request(request)
    if content_type not in token.content_types:
        return json_error(
            403, "not_granted", f"{content_type} was not granted to this application."
        )
    asked = sent.one("query")
    if asked and len(asked) > MAX_QUERY_LENGTH:
        raise APIError(413, "too_large", f"A query has at most {MAX_QUERY_LENGTH} characters.")
    query = codec.query_from_wire(_parse_json("query", asked))
    found = search_content(token.user, content_type, query, conf.public_origin(request))
    return JsonResponse(codec.result_to_wire(found))


@api_view
def push(request: HttpRequest) -> HttpResponse:
    """
    Take in photos of the application's own.
    """
    if request.method != "POST":
        refused = json_error(405, "method_not_allowed", "Photos are pushed by POST.")
        refused["Allow"] = "POST"
        return refused
    token, sent = authenticate_request(request)
    if "photos" not in token.content_types:
        return json_error(403, "not_granted", "photos was not granted to this application.")
    if sent.one("content_type") != "photos":
        raise QueryError("content_type is photos: nothing else is taken.", field="content_type")
    user_id, records = sent.one("user_id") or "", _parse_records(sent)
    if not 0 < len(user_id) <= MAX_ID_LENGTH:
        raise QueryError(f"user_id has 1 to {MAX_ID_LENGTH} characters.", field="user_id")
    try:
        report = take_in(token.application, token.user, user_id, records)
    except IdentityDeleting:
        raise APIError(503, "being_removed", "What was pushed before is being removed.") from None
    return JsonResponse(asdict(report))


@api_view
def user(request: HttpRequest) -> HttpResponse:
    """
    Say whose Trove it is.
    """
    token, _ = authenticate_request(request)
    person = build_profile(token.user, with_email=token.share_email)
    return JsonResponse(codec.person_to_wire(person))


@api_view
def services(request: HttpRequest) -> HttpResponse:
    """
    Name the services that a person can add, each with the path that asks for a link.
    """
    authenticate_request(request)
    return JsonResponse(service_paths())


@api_view
def add_service(request: HttpRequest, service: str) -> HttpResponse:
    """
    Make a one-time link by which the person adds a service and comes back.
    """
    token, sent = authenticate_request(request)
    if service not in addable_services():
        return json_error(404, "not_found", "This Trove can't add that service.")
    application = token.application
    back = sent.one("redirect_url")
    if back:
        _check_redirect_url(application, back)
    link = AddLink.objects.issue(
        user=token.user,
        application=application,
        service=service,
        redirect_url=back or next(iter(application.callbacks), ""),
    )
    return HttpResponse(path_below_root("use_add_link", link), content_type="text/plain")


@api_view
def new_trove(request: HttpRequest, service: str) -> HttpResponse:
    """
    Make a one-time link by which somebody who has no Trove yet gets one, by adding a service. It is
    asked for by form, with the application's key and secret.
    """
    application, back = authenticate_application(request)
    if service not in addable_services():
        return json_error(404, "not_found", "This Trove can't add that service.")
    if back:
        _check_redirect_url(application, back)
    link = AddLink.objects.issue(
        application=application,
        service=service,
        redirect_url=back or next(iter(application.callbacks), ""),
    )
    return HttpResponse(path_below_root("use_add_link", link), content_type="text/plain")


@api_view
def not_found(request: HttpRequest) -> HttpResponse:
    """
    Say in JSON that there is no such endpoint.
    """
    return _not_found_error()


def _check_redirect_url(application: Application, url: str) -> None:
    """
    Refuse an address that people shouldn't be sent to. Browsers read some in another way than we do
    ("https://evil\\@site"), so it has to be one that could be a callback.
    """
    try:
        validate_redirect_uri(url)
    except ValidationError:
        raise QueryError(
            "redirect_url is not an address to come back to.", field="redirect_url"
        ) from None
    if not application.allows_return_to(url):
        raise QueryError(
            "redirect_url is not on the host of a registered callback.", field="redirect_url"
        )


def _not_found_error() -> HttpResponse:
    return json_error(404, "not_found", "There is no such endpoint.")


def _parse_records(sent: Parameters) -> list[Any]:
    """
    Read what is pushed.
    """
    records = _parse_json("object_list", sent.one("object_list"))
    if not isinstance(records, list):
        raise QueryError("object_list is not a JSON list.", field="object_list")
    if len(records) > MAX_ITEMS:
        raise APIError(413, "too_large", f"At most {MAX_ITEMS} items are pushed at once.")
    if sent.one("number_of_items") != str(len(records)):
        raise QueryError(
            "number_of_items is not the number of items in object_list.", field="number_of_items"
        )
    return records


def _parse_json(field: str, text: str | None) -> Any:
    """
    Read a field; without one, it is an empty object.
    """
    if not text:
        return {}
    try:
        found = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise QueryError(f"{field} is not JSON.", field=field) from None
    if not _has_allowed_depth(found):
        raise QueryError(f"{field} has more than {MAX_JSON_DEPTH} levels.", field=field)
    return found


def _has_allowed_depth(value: Any) -> bool:
    """
    Return whether JSON is nested at most so deep.
    """
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        inner = (item for item in level if isinstance(item, (dict, list)))
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return not any(isinstance(item, (dict, list)) for item in level)


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON.")
