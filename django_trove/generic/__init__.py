"""
Class-based views of the user's photos, albums and timeline. `django_trove.photo_urls` mounts all of
them; your own URLconf can mount subclasses.
"""

from .albums import AlbumDetailView, AlbumListView
from .archives import (
    OnThisDayView,
    PhotoDayArchiveView,
    PhotoMonthArchiveView,
    PhotoYearArchiveView,
    TimelineView,
)
from .base import TroveMixin
from .photos import PhotoDetailView, PhotoListView, PhotoMapView

__all__ = [
    "AlbumDetailView",
    "AlbumListView",
    "OnThisDayView",
    "PhotoDayArchiveView",
    "PhotoDetailView",
    "PhotoListView",
    "PhotoMapView",
    "PhotoMonthArchiveView",
    "PhotoYearArchiveView",
    "TimelineView",
    "TroveMixin",
]
