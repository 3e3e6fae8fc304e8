"""
What an application may ask for.
"""

from __future__ import annotations

CONTENT_TYPES = ("photos", "videos", "status", "checkins", "friends")
"""The content types of the protocol."""


def parse_scope(scope: str) -> list[str]:
    """
    Read a comma list of content types. Unknown ones are left out; photos, where none is left.
    """
    asked = {name.strip().lower() for name in scope.split(",")}
    return [name for name in CONTENT_TYPES if name in asked] or ["photos"]
