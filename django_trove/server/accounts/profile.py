"""
The user's profile and the list of services, for HTTP and in-process clients.
"""

from __future__ import annotations

from typing import Any

from django_trove.client.person import Identity as WireIdentity
from django_trove.client.person import Person
from django_trove.core.users import get_email

from ..conf import path_below_root
from ..models import Identity
from ..models.identities import display_name, first_name
from .registry import addable_services


def build_profile(user: Any, *, with_email: bool) -> Person:
    identities = Identity.objects.of(user)
    return Person(
        name=display_name(user),
        first_name=first_name(user),
        email=get_email(user) if with_email else "",
        identities=tuple(
            WireIdentity(id=str(i.pk), service=i.service, name=i.name, url=i.url)
            for i in identities
        ),
    )


def service_paths() -> dict[str, str]:
    """
    Return the services that a user can add, with the path of the endpoint that issues a link.
    """
    return {name: path_below_root("add_service", name) for name in addable_services()}
