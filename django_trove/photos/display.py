"""
Values that the templates of photos display. A gallery computes each of them up to 500 times.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from math import sqrt

from django.conf import settings
from django.utils.dateformat import format
from django.utils.formats import get_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, gettext_lazy

from ..client import Checkin, Photo, Status
from ..client.values import SIZES

TITLES = {
    "facebook": "Facebook",
    "flickr": "Flickr",
    "folder": gettext_lazy("Folder"),
    "google": "Google Photos",
    "immich": "Immich",
    "nextcloud": "Nextcloud",
    "s3": "S3",
    "smugmug": "SmugMug",
    "webdav": "WebDAV",
}
"""Display names of services. Other services are displayed with their own name."""

ASPECT_RATIOS = (40, 45, 50, 56, 60, 67, 71, 75, 80, 85, 90, 95, 100, 107, 114, 120, 125, 133, 141,
150, 160, 167, 178, 190, 200, 220, 240, 270, 300)  # fmt: skip
"""Width divided by height in percent. `trove.css` has a rule for each."""

MIDDLE_RATIOS = [sqrt(low * high) for low, high in pairwise(ASPECT_RATIOS)]

SRCSET_SIZES = SIZES[:-1]  # an original may be large, and browsers do not display all formats
UNSAFE_IN_SRCSET = re.compile(r"\s|,$")
ROW_HEIGHT = "clamp(6.5rem, 22vw, 15rem)"  # of trove.css, without the growth of a row
LAYOUT_SIZES = {
    str(ratio): f'sizes="auto, min(100vw, {ratio * 1.4 / 100:.2f} * {ROW_HEIGHT})"'
    for ratio in ASPECT_RATIOS
}
"""Widths of pictures by aspect ratio. Browsers compute that of pictures that are loaded lazily."""

SMALL_HEIGHT = 240
"""The height of a row (15rem) in pixels. The style sheet does not enlarge lower pictures."""


def service_title(name: str) -> str:
    return str(TITLES.get(name) or name.replace("-", " ").title())


def nearest_aspect_ratio(photo: Photo) -> str:
    """
    Return the nearest of `ASPECT_RATIOS`, or 4:3 if the size is unknown.
    """
    if not photo.width or not photo.height:
        return "133"
    ratio = 100 * photo.width / photo.height
    return str(ASPECT_RATIOS[bisect_left(MIDDLE_RATIOS, ratio)])


def is_small(photo: Photo) -> bool:
    return photo.width > 0 and 0 < photo.height < SMALL_HEIGHT


def build_srcset(photo: Photo) -> str:
    """
    Return the value of `srcset`: URLs by width, or by pixel density if the widths are unknown; ""
    if there is only one.
    """
    urls, sizes = photo.pictures.by_size, photo.sizes
    by_width = {
        sizes[size][0]: urls[size]
        for size in SRCSET_SIZES
        if size in sizes and size in urls and is_safe_in_srcset(urls[size])
    }
    if len(by_width) > 1:
        return ", ".join([f"{url} {width}w" for width, url in sorted(by_width.items())])
    if {"medium", "large"} <= sizes.keys():
        return ""
    medium, large = photo.pictures.medium, photo.pictures.large
    if medium == large or not (is_safe_in_srcset(medium) and is_safe_in_srcset(large)):
        return ""
    return f"{medium}, {large} 2x"


def is_safe_in_srcset(url: str) -> bool:
    return not UNSAFE_IN_SRCSET.search(url)


def image_attributes(photo: Photo, number: int = 0) -> SafeString:
    """
    Return the attributes of the `<img>` of a photo.

    :param number: the position on the page, from 1. The first image has priority, and all but the
        first four are loaded lazily.
    """
    small = is_small(photo)
    srcset = "" if small else build_srcset(photo)
    url = photo.pictures.large if small else photo.pictures.medium
    attributes = [f'src="{escape(url)}"']
    if srcset:
        attributes.append(f'srcset="{escape(srcset)}"')
        attributes += [LAYOUT_SIZES[nearest_aspect_ratio(photo)]] if photo.sizes else []
    attributes.append(f'alt="{escape(photo.title or gettext("Untitled photo"))}"')
    attributes += [_loading_attribute(number), 'decoding="async"']
    if photo.width and photo.height:
        attributes.append(f'width="{photo.width:d}" height="{photo.height:d}"')
    if small:
        attributes.append("data-small")
    return SafeString(" ".join(attributes))


def _loading_attribute(number: int) -> str:
    if number == 1:
        return 'fetchpriority="high"'
    return "" if number and number <= 4 else 'loading="lazy"'


def time_element(item: Photo | Status | Checkin, date_format: str = "DATE_FORMAT") -> str:
    """
    Return the date of an item as a `<time>` element, or "": the local date of a photo, or the time
    of a status update or check-in in the current time zone.

    :param date_format: as for Django's filter `date`. The time of a photo is not displayed if it is
        midnight, because it is then unknown.
    """
    moment = item.local_date if isinstance(item, Photo) else _to_current_zone(item.service_date)
    if moment is None:
        return ""
    if date_format == "DATETIME_FORMAT" and isinstance(item, Photo) and moment.time() == time.min:
        date_format = "DATE_FORMAT"
    # Moments of different time zones can be equal.
    return _time_element(moment, moment.utcoffset(), get_format(date_format), get_language())


def _to_current_zone(moment: datetime | None) -> datetime | None:
    if moment is None or not settings.USE_TZ:
        return moment
    try:
        return localtime(moment)
    except OverflowError:  # within a day of year 1 or 9999
        return moment


@lru_cache(maxsize=4096)
def _time_element(
    moment: datetime, offset: timedelta | None, date_format: str, language: str | None
) -> SafeString:
    text = format(moment, date_format)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), text)
