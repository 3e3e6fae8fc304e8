"""
`path("photos/", include("django_trove.photo_urls"))`: pages of the user's photos.
"""

from __future__ import annotations

from django.urls import path

from .forms import TroveFilterForm
from .generic import PhotoDetailView, PhotoListView
from .photos.page_urls import NAMESPACE

app_name = NAMESPACE
urlpatterns = [
    path("", PhotoListView.as_view(filter_form_class=TroveFilterForm), name="list"),
    path("photo/<str:trove_id>/", PhotoDetailView.as_view(), name="photo"),
]
