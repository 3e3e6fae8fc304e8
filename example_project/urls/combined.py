"""
The site at the root, and the Trove below `my-trove/`.
"""

from django.urls import include, path

from .site import urlpatterns as site_urlpatterns

urlpatterns = [
    *site_urlpatterns,
    path("my-trove/", include("django_trove.server.urls")),
]
