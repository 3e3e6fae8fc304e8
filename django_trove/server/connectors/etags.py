"""
Etags of the metadata of items.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from msgspec import structs

from django_trove.client.content import Content
from django_trove.client.values import Urls


def compute_etag(content: Content, *more: Any) -> str:
    """
    Return an etag of an item's metadata.

    :param more: further values to include.
    """
    data = json.dumps([structs.asdict(content), *more], default=_to_json)
    return hashlib.blake2s(data.encode(), digest_size=16).hexdigest()


def _to_json(value: Any) -> Any:
    return dict(value) if isinstance(value, Urls) else str(value)
