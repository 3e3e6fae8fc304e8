"""
The Trove client: Python alone, no Django.

    api = TroveAPI(app_key, app_secret, ["photos"], url="https://trove.example.org")
    request_token = api.get_request_token()
    print(api.get_authorization_url(request_token))
    api.get_access_token(request_token, input("Verifier: "))
    for photo in api.iter_photos(Query(tags_required=["snow"])):
        print(photo.title, photo.urls.original)
"""

from .api import TroveAPI
from .content import (
    Checkin,
    Content,
    Friend,
    Identity,
    Person,
    Photo,
    Status,
    Urls,
    Video,
)
from .errors import (
    CallError,
    ClockWrong,
    KeysRejected,
    NotConnected,
    NotFound,
    QueryError,
    RateLimited,
    Refused,
    TokenRejected,
    TroveError,
    Unavailable,
    Unreachable,
    UnreadableAnswer,
    UnsafeAnswer,
)
from .pool import pooled_session
from .query import Query
from .result import Pushed, Result
from .token import Token
from .tracing import Call

__all__ = [
    "Call",
    "CallError",
    "Checkin",
    "ClockWrong",
    "Content",
    "Friend",
    "Identity",
    "KeysRejected",
    "NotConnected",
    "NotFound",
    "Person",
    "Photo",
    "Pushed",
    "Query",
    "QueryError",
    "RateLimited",
    "Refused",
    "Result",
    "Status",
    "Token",
    "TokenRejected",
    "TroveAPI",
    "TroveError",
    "Unavailable",
    "Unreachable",
    "UnreadableAnswer",
    "UnsafeAnswer",
    "Urls",
    "Video",
    "pooled_session",
]
