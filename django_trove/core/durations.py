"""
The duration of a video as text.
"""

from __future__ import annotations


def format_duration(seconds: float) -> str:
    """
    Return a duration such as "0:07" or "1:02:03", or "" for 0.
    """
    if not seconds:
        return ""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
