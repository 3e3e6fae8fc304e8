"""
`path("photos/", include("django_trove.photo_urls"))`: pages of the user's photos.
"""

from __future__ import annotations

from django.urls import path

from . import generic
from .forms import TroveFilterForm
from .map_json import MapJSON
from .photos.page_urls import NAMESPACE

app_name = NAMESPACE
urlpatterns = [
    path("", generic.PhotoListView.as_view(filter_form_class=TroveFilterForm), name="list"),
    path("photo/<str:trove_id>/", generic.PhotoDetailView.as_view(), name="photo"),
    path("map.json", MapJSON.as_view(), name="map_json"),
    path("map/", generic.PhotoMapView.as_view(), name="map"),
    path("albums/", generic.AlbumListView.as_view(), name="albums"),
    path("albums/<str:trove_id>/", generic.AlbumDetailView.as_view(), name="album"),
    path("timeline/", generic.TimelineView.as_view(), name="timeline"),
    path("on-this-day/", generic.OnThisDayView.as_view(), name="on_this_day"),
    path("<int:year>/", generic.PhotoYearArchiveView.as_view(), name="year"),
    path("<int:year>/<int:month>/", generic.PhotoMonthArchiveView.as_view(), name="month"),
    path("<int:year>/<int:month>/<int:day>/", generic.PhotoDayArchiveView.as_view(), name="day"),
]
