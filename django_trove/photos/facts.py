"""
The facts about a photo that the large view of the gallery displays.
"""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString

from ..client import Photo
from ..core.exposure import format_exposure
from .display import service_title, time_element
from .maps import format_location
from .page_urls import PageUrls, get_page_url


def build_facts(photo: Photo, page_urls: PageUrls | None = None) -> SafeString:
    """
    Return the date, the place, the camera, the exposure, the tags and the service as a list. A
    template would take five times as long, for each photo of a gallery.
    """
    place = _link(format_location(photo), get_page_url(photo.place or None, page_urls))
    facts = [time_element(photo, "DATETIME_FORMAT"), place]
    facts += [escape(text) for text in (photo.camera.name, format_exposure(photo))]
    facts += [_link(tag, get_page_url(tag, page_urls)) for tag in photo.tags]
    if photo.original_web_url:
        facts.append(_link(service_title(photo.service), photo.original_web_url, ' rel="noopener"'))
    items = "</li><li>".join(filter(None, facts))
    return SafeString(f'<ul class="trove-facts"><li>{items}</li></ul>' if items else "")


def _link(text: str, url: str, attributes: str = "") -> str:
    return f'<a href="{escape(url)}"{attributes}>{escape(text)}</a>' if url else escape(text)
