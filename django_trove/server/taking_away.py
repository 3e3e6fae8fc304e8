"""
What goes, part by part, so that nobody waits for a library of any size: whoever is stopped on the
way leaves the rest to the next one.
"""

from __future__ import annotations

from typing import Any

from . import indexing
from .models import AccessToken, AddLink, Identity, Library, RequestToken, Tag

__all__ = ["forget_person", "take_away"]

BATCH = 500


def take_away(identity: Identity) -> None:
    """
    Delete an account that is leaving, its items first.
    """
    while items := list(identity.items.only("pk", "files")[:BATCH]):
        indexing.drop(identity, items)
    identity.delete()
    indexing.sweep_tags(identity.user_id)


def forget_person(user: Any) -> None:
    """
    Delete everything that a person has here. The user stays, and the applications that they
    registered, which other people may have allowed.
    """
    Identity.objects.of(user).update(state=Identity.State.LEAVING)
    for identity in Identity.objects.of(user):
        take_away(identity)
    for rows in (AccessToken, RequestToken, AddLink, Library):
        rows.objects.filter(user=user).delete()
    Tag.objects.filter(owner=user).delete()
