"""
The interface between the site and a Trove.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..client import Person, Query, Result

if TYPE_CHECKING:
    from ..models import TroveAccount


class Backend(Protocol):
    """
    One user's Trove. `RemoteBackend` sends HTTP requests; `django_trove.server.local.LocalTrove`
    calls a Trove server in the same project.
    """

    uses_oauth: ClassVar[bool]
    """Whether users connect by OAuth. If not, the site needs no key, secret or callback."""

    home_url: str
    """The URL of the user's Trove, or "" if the account page is the only one."""

    def __init__(self, user: Any) -> None: ...

    @property
    def account(self) -> TroveAccount | None: ...

    @property
    def connected(self) -> bool: ...

    def get_content(self, content_type: str, query: Query) -> Result[Any]: ...

    def get_item(self, content_type: str, trove_id: str) -> Any: ...

    def iter_content(self, content_type: str, query: Query) -> Iterator[Any]: ...

    def get_user_info(self) -> Person: ...

    def get_services(self) -> dict[str, str]: ...

    def get_url_for_service(self, service: str, redirect_url: str = "") -> str: ...

    def disconnect(self) -> None: ...
