"""
What a Trove stores: applications and their tokens, people's accounts, and the index.
"""

from .applications import Application
from .index import UNDATED, Item, ItemTag, Tag
from .people import AddLink, Identity
from .tokens import AccessToken, Nonce, RequestToken

__all__ = [
    "UNDATED",
    "AccessToken",
    "AddLink",
    "Application",
    "Identity",
    "Item",
    "ItemTag",
    "Nonce",
    "RequestToken",
    "Tag",
]
