"""
System checks: one function for each problem, one id for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

__all__ = ["check_server"]


def check_server(**kwargs: Any) -> list[CheckMessage]:
    """
    Run them all.
    """
    return []
