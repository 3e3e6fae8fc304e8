"""
The client for the Trove protocol. It does not require Django.

    api = TroveAPI(app_key, app_secret, ["photos"], url="https://trove.example.org")
    request_token = api.get_request_token()
    print(api.get_authorization_url(request_token))
    api.get_access_token(request_token, input("Verifier: "))
    for photo in api.iter_photos(Query(tags_required=["snow"])):
        print(photo.title, photo.urls.original)
"""

from .api import TroveAPI
from .collections import Album, Cluster, Month, PlaceCount
from .content import Checkin, Content, Friend, Photo, Status, Video
from .errors import (
    AccessDenied,
    CallError,
    ClockSkewed,
    InvalidResponse,
    KeysRejected,
    NotConnected,
    NotFound,
    NotGranted,
    QueryError,
    RateLimited,
    SignUpClosed,
    TimedOut,
    TokenRejected,
    TroveError,
    Unavailable,
    Unreachable,
    UnsafeResponse,
    WrongHost,
)
from .logs import Call
from .person import Identity, Person
from .query import Query
from .result import PushResult, Result
from .token import Token
from .transport import pooled_session
from .values import Place, Urls

__all__ = [
    "AccessDenied",
    "Album",
    "Call",
    "CallError",
    "Checkin",
    "ClockSkewed",
    "Cluster",
    "Content",
    "Friend",
    "Identity",
    "InvalidResponse",
    "KeysRejected",
    "Month",
    "NotConnected",
    "NotFound",
    "NotGranted",
    "Person",
    "Photo",
    "Place",
    "PlaceCount",
    "PushResult",
    "Query",
    "QueryError",
    "RateLimited",
    "Result",
    "SignUpClosed",
    "Status",
    "TimedOut",
    "Token",
    "TokenRejected",
    "TroveAPI",
    "TroveError",
    "Unavailable",
    "Unreachable",
    "UnsafeResponse",
    "Urls",
    "Video",
    "WrongHost",
    "pooled_session",
]
