"""
Signed URLs of media files. A URL permits access to one size of one picture, without authentication,
as long as its owner is active (protocol, section 3.8).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from django_trove.client.values import SIZES
from django_trove.core.users import is_active

from ..models import Item

SALT = "trove_server.files"


def media_urls(pk: int, etag: str, files: Mapping[str, Any], origin: str) -> dict[str, str]:
    """
    Return the signed URLs of an item's files by size.

    :param files: see `Item.files`.
    :param origin: scheme and host.
    """
    signed = f"{pk}.{media_version(etag)}"
    return {size: origin + _media_path(signed, size) for size in SIZES if size in files}


def media_version(etag: str) -> str:
    """
    Return a hash that changes with the picture, for cache busting.
    """
    return hashlib.blake2s(etag.encode(), digest_size=6).hexdigest()


def verify_media_token(signed: str, size: str) -> Item | None:
    """
    Return the item of a signed URL; None if the signature is invalid for this size, the picture has
    changed, or its owner is inactive.
    """
    try:
        pk, _, signed_version = _get_signer(size).unsign(signed).partition(".")
    except BadSignature:
        return None
    item = Item.objects.select_related("identity", "owner").filter(pk=int(pk)).first()
    is_valid = item and is_active(item.owner) and media_version(item.etag) == signed_version
    return item if is_valid else None


def _media_path(value: str, size: str) -> str:
    signed = _get_signer(size).sign(value)
    return reverse("trove_server:media_file", args=(signed, size))


def _get_signer(size: str) -> Signer:
    """
    Return the signer of a size. The size is part of the salt, so a thumbnail's URL cannot be
    changed to the original's.
    """
    return Signer(salt=f"{SALT}.{size}")
