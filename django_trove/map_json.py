"""
The photos of a map as JSON, for its script.

    path("map.json", MapJSON.as_view(), name="map_json"),

`django_trove.photo_urls` includes it. With `zoom`, near photos are in clusters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.template.loader import render_to_string

from .client import Cluster, Photo, Query
from .photos.context import get_page_urls
from .photos_json import PhotosJSON
from .services import Trove

__all__ = ["MapJSON"]


class MapJSON(PhotosJSON):
    """
    GET returns the clusters of a box and a zoom level or, without `zoom`, the photos of a box with
    the HTML of "django_trove/map_photo.html". Filters and errors are those of `PhotosJSON`.
    """

    paginate_by = 20
    total = False

    def get_body(self, trove: Trove, query: Query) -> dict[str, Any]:
        if query.zoom is None:
            result = trove.photos(query)
            return {"photos": [self._render_photo(trove, photo) for photo in result]}
        default = Query()
        clusters = trove.clusters(replace(query, count=default.count, total=default.total))
        return {"clusters": list(map(_serialize_cluster, clusters)), "more": bool(clusters.more)}

    def _render_photo(self, trove: Trove, photo: Photo) -> str:
        context = {"photo": photo, "page_urls": get_page_urls(self.request, trove)}
        return render_to_string("django_trove/map_photo.html", context, self.request)


def _serialize_cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "count": cluster.count,
        "latitude": cluster.latitude,
        "longitude": cluster.longitude,
        "box": list(cluster.box),
        "title": cluster.photo.title if cluster.photo else "",
    }
