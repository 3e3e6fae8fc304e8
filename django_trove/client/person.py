"""
The user of a Trove.
"""

from __future__ import annotations

from msgspec import Struct

from .values import WebUrl


class Identity(Struct, frozen=True, kw_only=True):
    """
    An account of the user on a service.

    :param id: the value for `Query.identities_by_id`.
    """

    id: str = ""
    service: str = ""
    name: str = ""
    url: WebUrl = ""


class Person(Struct, frozen=True, kw_only=True):
    """
    The user of the Trove (protocol, section 3.1).

    :param email: "" if the user did not share it.
    """

    name: str = ""
    first_name: str = ""
    email: str = ""
    identities: tuple[Identity, ...] = ()
