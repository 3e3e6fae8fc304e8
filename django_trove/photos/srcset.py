"""
Image candidates for `srcset`.
"""

from __future__ import annotations

import re

from ..client import Photo
from ..client.content import SIZES

SRCSET_SIZES = SIZES[:-1]  # an original may be large, and browsers do not display all formats
UNSAFE_IN_SRCSET = re.compile(r"\s|,$")


def build_srcset(photo: Photo) -> str:
    """
    Return the value of `srcset`: URLs by width, or by pixel density if the widths are unknown; ""
    if there is only one.
    """
    by_width = {
        photo.sizes[size][0]: photo.urls[size]
        for size in SRCSET_SIZES
        if size in photo.sizes and size in photo.urls and is_safe_in_srcset(photo.urls[size])
    }
    if len(by_width) > 1:
        return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))
    if {"medium", "large"} <= photo.sizes.keys():
        return ""
    medium, large = photo.urls.medium, photo.urls.large
    if medium == large or not (is_safe_in_srcset(medium) and is_safe_in_srcset(large)):
        return ""
    return f"{medium}, {large} 2x"


def is_safe_in_srcset(url: str) -> bool:
    return not UNSAFE_IN_SRCSET.search(url)
