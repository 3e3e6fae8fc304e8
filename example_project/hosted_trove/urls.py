"""
A Trove has its own origin, at whose root it stands.
"""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("django_trove.server.urls")),
]
