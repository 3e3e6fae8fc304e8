"""
The services that this Trove knows.
"""

from __future__ import annotations

from .base import Connector
from .folder import Folder

__all__ = ["CONNECTORS"]

CONNECTORS: dict[str, type[Connector]] = {connector.name: connector for connector in (Folder,)}
"""Connectors by the service's name."""
