"""
The server's models: applications and tokens, users' accounts, and the index.
"""

from .albums import UNDATED_MONTH, Album, MonthTally, month_of
from .applications import Application
from .folders import GrantedFolder
from .identities import Identity, ServicePause
from .index import Item, ItemTag, Kind, Library, Tag, Tally
from .links import AddLink
from .oauth2 import AuthorizationCode, RefreshToken
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
    "Library",
    "MonthTally",
    "Nonce",
    "RefreshToken",
    "RequestToken",
    "ServicePause",
    "Tag",
    "Tally",
    "latitude_band_of",
    "month_of",
]
