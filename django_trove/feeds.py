"""
Feeds of a user's public photos.

    path("people/<str:username>/photos.atom", TroveFeed(), name="photos-atom"),
    path("people/<str:username>/feed.json", TroveJSONFeed(), name="photos-json-feed"),
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from django.contrib.auth import get_user_model
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed, SyndicationFeed, rfc3339_date
from django.utils.html import format_html, linebreaks
from django.utils.translation import gettext as _

from .client import NotConnected, Photo, TokenRejected, TroveError
from .conf import conf
from .core.database import non_atomic_requests
from .core.outages import respond_to_outages
from .core.users import is_active
from .filters import Filters
from .services import Trove

if TYPE_CHECKING:
    PhotoFeed = Feed[Photo, Any]
else:
    PhotoFeed = Feed

__all__ = ["TroveFeed", "TroveJSONFeed"]

MEDIA = "http://search.yahoo.com/mrss/"
GEORSS = "http://www.georss.org/georss"
RETRY_SECONDS = 600
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INVALID_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class AtomGenerator(Atom1Feed):
    """
    Atom (RFC 4287) with Media RSS 1.5 and GeoRSS Simple.
    """

    def root_attributes(self) -> dict[str, str]:
        attributes: dict[str, str] = super().root_attributes()
        return attributes | {"xmlns:media": MEDIA, "xmlns:georss": GEORSS}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        photo: Photo = item["photo"]
        large, thumbnail = photo.pictures.large, photo.pictures.thumbnail
        if large:
            attributes = {
                "url": _remove_invalid(large),
                "medium": "image",
                **_get_pixels(photo, "large"),
            }
            handler.addQuickElement("media:content", "", attributes)
        if thumbnail:
            attributes = {"url": _remove_invalid(thumbnail), **_get_pixels(photo, "thumbnail")}
            handler.addQuickElement("media:thumbnail", "", attributes)
        if photo.location:
            handler.addQuickElement("georss:point", "{} {}".format(*photo.location))


class JSONGenerator(SyndicationFeed):
    """
    JSON Feed 1.1.
    """

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: Any, encoding: str) -> None:
        data = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "language": self.feed["language"],
            "items": [self._build_item(item) for item in self.items],
        }
        outfile.write(json.dumps(data, ensure_ascii=False).encode(encoding))

    def _build_item(self, item: dict[str, Any]) -> dict[str, Any]:
        photo: Photo = item["photo"]
        values = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["description"],
            "image": photo.pictures.large,
            "date_published": rfc3339_date(item["pubdate"]),
            "tags": list(item["categories"]),
            "authors": [{"name": photo.owner}] if photo.owner else [],
        }
        return {name: value for name, value in values.items() if value}


class TroveFeed(PhotoFeed):
    """
    An Atom feed of the newest public photos of a user, with the fields of Media RSS. Anyone can
    read it. If the user does not exist or is not connected, the response is a 404 error; while the
    Trove is unavailable and no photos are cached, its status is 503.
    """

    feed_type = AtomGenerator
    link = "/"
    login_required = False  # for LoginRequiredMiddleware

    filters: ClassVar[Filters] = {}
    """Filters, as for `Trove.photos`."""

    count: ClassVar[int] = 30
    """The number of photos."""

    def __init__(self) -> None:
        super().__init__()
        non_atomic_requests(self)

    @method_decorator(respond_to_outages(HttpResponse))
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().__call__(request, *args, **kwargs)
        except (NotConnected, TokenRejected):
            raise Http404 from None
        except TroveError:
            return HttpResponse(status=503, headers={"Retry-After": str(RETRY_SECONDS)})

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """
        Return the owner of the photos. Default: the user whose name is the URL argument `username`.
        """
        if "\0" in kwargs["username"]:  # PostgreSQL rejects it
            raise Http404
        user = get_user_model()._default_manager.get_by_natural_key(kwargs["username"])
        if not is_active(user):
            raise Http404
        return user

    def title(self, obj: Any) -> str:
        return _remove_invalid(_("Photos by %(name)s") % {"name": obj.get_username()})

    def items(self, obj: Any) -> Sequence[Photo]:
        filters: Filters = {"count": self.count, **self.filters}
        return list(Trove(obj, public_only=True).photos(**filters))

    def item_title(self, item: Photo) -> str:
        return _remove_invalid(item.title or _("Untitled photo"))

    def item_description(self, item: Photo) -> str:
        image = format_html('<p><img src="{}" alt="{}"></p>', item.pictures.large, item.title)
        return _remove_invalid(image + linebreaks(item.description, autoescape=True))

    def item_link(self, item: Photo) -> str:
        return _remove_invalid(item.original_web_url or item.urls.large)

    def item_guid(self, item: Photo) -> str:
        return uuid5(NAMESPACE_URL, f"{conf.web_url}/{item.trove_id}").urn

    def item_pubdate(self, item: Photo) -> datetime:
        return item.upload_date or item.date or EPOCH

    def item_updateddate(self, item: Photo) -> datetime:
        return self.item_pubdate(item)

    def item_author_name(self, item: Photo) -> str | None:
        return _remove_invalid(item.owner) or None

    def item_categories(self, item: Photo) -> Sequence[str]:
        return [_remove_invalid(tag) for tag in item.tags]

    def item_copyright(self, item: Photo) -> str | None:
        return _remove_invalid(item.license) or None

    def item_extra_kwargs(self, item: Photo) -> dict[str, Any]:
        return {"photo": item}


class TroveJSONFeed(TroveFeed):
    """
    A JSON Feed 1.1, as `TroveFeed`.
    """

    feed_type = JSONGenerator  # type: ignore[assignment]


def _remove_invalid(text: str) -> str:
    """
    Remove the characters that XML does not allow. Services store them in titles and URLs.
    """
    return INVALID_IN_XML.sub("", text)


def _get_pixels(photo: Photo, size: str) -> dict[str, str]:
    if size not in photo.sizes:
        return {}
    width, height = photo.sizes[size]
    return {"width": str(width), "height": str(height)}
