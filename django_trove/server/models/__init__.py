"""
The server's models: applications and tokens, users' accounts, and the index.
"""

from .applications import Application
from .folders import GrantedFolder
from .identities import Identity, ServicePause
from .index import UNDATED, Item, ItemTag, Kind, Library, Tag, Tally, latitude_band_of
from .links import AddLink
from .oauth2 import AuthorizationCode, RefreshToken
from .tokens import AccessToken, Nonce, RequestToken

__all__ = [
    "UNDATED",
    "AccessToken",
    "AddLink",
    "Application",
    "AuthorizationCode",
    "GrantedFolder",
    "Identity",
    "Item",
    "ItemTag",
    "Kind",
    "Library",
    "Nonce",
    "RefreshToken",
    "RequestToken",
    "ServicePause",
    "Tag",
    "Tally",
    "latitude_band_of",
]
