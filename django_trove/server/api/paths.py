"""
Paths as applications are given them.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

__all__ = ["path_below_root"]


def path_below_root(name: str, *args: Any) -> str:
    """
    Return a path below this Trove's own base, which applications put before it.
    """
    base = reverse("trove_server:home")
    return "/" + reverse(f"trove_server:{name}", args=args).removeprefix(base)
