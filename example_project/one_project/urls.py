"""
The site at the root, and the Trove's pages below a path of their own.
"""

from django.urls import include, path

from showcase.urls import urlpatterns as site

urlpatterns = [
    *site,
    path("my-trove/", include("django_trove.server.urls")),
]
