"""
A Trove that runs separately is served at the root of its own origin.
"""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("django_trove.server.urls")),
]
