"""
The server's models: applications and tokens, users' accounts, and the index.
"""

from .albums import UNDATED_MONTH, Album, MonthTally, month_of
from .applications import Application
from .folders import GrantedFolder
from .identities import Identity, ServicePause
from .index import Item, ItemTag, Kind, Library, Tag, Tally
from .links import AddLink
from .map import MapTally
from .oauth2 import AuthorizationCode, RefreshToken
from .places import Level, PlaceTally, join_place, parse_place, split_place
from .tokens import AccessToken, Nonce, RequestToken
from .values import UNDATED, latitude_band_of

__all__ = [
    "UNDATED",
    "UNDATED_MONTH",
    "AccessToken",
    "AddLink",
    "Album",
    "Application",
    "AuthorizationCode",
    "GrantedFolder",
    "Identity",
    "Item",
    "ItemTag",
    "Kind",
    "Level",
    "Library",
    "MapTally",
    "MonthTally",
    "Nonce",
    "PlaceTally",
    "RefreshToken",
    "RequestToken",
    "ServicePause",
    "Tag",
    "Tally",
    "join_place",
    "latitude_band_of",
    "month_of",
    "parse_place",
    "split_place",
]
