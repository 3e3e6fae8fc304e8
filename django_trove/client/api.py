"""
The client API, compatible with the client of 2010.
"""

from __future__ import annotations

from .calls.authorization import AuthorizationCalls
from .calls.content import ContentCalls
from .calls.services import ServiceCalls


class TroveAPI(AuthorizationCalls, ContentCalls, ServiceCalls):
    """
    The client of version 1 of the protocol. `calls.base.BaseAPI` documents its arguments.
    """
