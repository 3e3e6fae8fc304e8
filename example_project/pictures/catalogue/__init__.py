"""
The forty pictures of the album.
"""

from __future__ import annotations

from .kyoto import KYOTO
from .lisbon import LISBON
from .roads import ROADS
from .undated import UNDATED
from .valparaiso import VALPARAISO

__all__ = ["SCENES"]

SCENES = (*KYOTO, *VALPARAISO, *LISBON, *ROADS, *UNDATED)
