"""
Addresses of the pictures that we serve: whoever has one may see that picture in that size, while
its owner is let in, and nothing else.
"""

from __future__ import annotations

import hashlib

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from django_trove.client.content import SIZES

from ..models import Item

SALT = "trove_server.files"


def media_urls(item: Item, base_url: str) -> dict[str, str]:
    """
    Return an item's addresses by size: those of its service, or ours where we have its files.

    :param base_url: scheme and host.
    """
    if not item.files:
        return dict(item.urls)
    return {size: base_url + _media_path(item, size) for size in SIZES if size in item.files}


def media_version(item: Item) -> str:
    """
    Return what changes when the picture does, so that its address changes with it.
    """
    return hashlib.blake2s(item.etag.encode(), digest_size=6).hexdigest()


def verify_media_token(signed: str, size: str) -> Item | None:
    """
    Return the item of an address; None if we didn't sign it for this size, the picture has changed
    since, or its owner is shut out.
    """
    try:
        pk, _, signed_version = _get_signer(size).unsign(signed).partition(".")
    except BadSignature:
        return None
    items = Item.objects.select_related("identity").filter(owner__is_active=True)
    item = items.filter(pk=int(pk)).first()
    return item if item and media_version(item) == signed_version else None


def _media_path(item: Item, size: str) -> str:
    signed = _get_signer(size).sign(f"{item.pk}.{media_version(item)}")
    return reverse("trove_server:media_file", args=(signed, size))


def _get_signer(size: str) -> Signer:
    """
    Return the signer of one size, so that a thumbnail's address doesn't open the original.
    """
    return Signer(salt=f"{SALT}.{size}")
