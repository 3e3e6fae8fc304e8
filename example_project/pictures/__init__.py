"""
An album of drawn landscapes, for the example project to show.
"""

from __future__ import annotations

from .album import draw_album

__all__ = ["draw_album"]
